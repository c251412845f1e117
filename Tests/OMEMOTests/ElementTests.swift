import SignalProtocol
import Testing
import XMPP

@testable import OMEMO

@Suite struct ElementTests {
    private static let message = EncryptedElement(
        sender: 27183,
        keys: [
            .init(recipient: 31415, isPreKey: false, data: [1, 2, 3]),
            .init(recipient: 12321, isPreKey: true, data: [4, 5, 6, 7]),
        ],
        iv: [UInt8](repeating: 9, count: 12), payload: [8, 9])

    @Test func whatIsSentCanBeRead() throws {
        #expect(try EncryptedElement(Self.message.element) == Self.message)
        var transport = Self.message
        transport.payload = nil
        #expect(try EncryptedElement(transport.element) == transport)
        #expect(try DeviceList(DeviceList([1, 4_294_967_295]).element).devices == [1, 4_294_967_295])
    }

    /// The form of XEP-0384 v0.3.0 §4.5, with what clients add to it.
    @Test func formOnTheWire() throws {
        let element = Self.message.element
        #expect(element.namespace == "eu.siacs.conversations.axolotl")
        #expect(element.children.map(\.name) == ["header", "payload"])
        let header = try #require(element.children.first)
        #expect(header["sid"] == "27183")
        #expect(header.children.map(\.name) == ["key", "key", "iv"])
        #expect(header.children.map { $0["prekey"] } == [nil, "true", nil])
        #expect(header.children.map(\.text) == ["AQID", "BAUGBw==", "CQkJCQkJCQkJCQkJ"])

        var foreign = element.changing("key") { $0.with("kex", "1").with("prekey", "1") }
        foreign.attributes.append(.init("lang", "ar", namespace: "http://www.w3.org/XML/1998/namespace"))
        foreign.append(Element("extra", "urn:example:extra"))
        #expect(try EncryptedElement(foreign).keys.map(\.isPreKey) == [true, true])
        let broken = element.changing("payload") { $0.with(text: "\n CA \r\n\tk= ") }
        #expect(try EncryptedElement(broken).payload == [8, 9])
        for value in ["0", "false", "yes", ""] {
            let other = element.changing("key") { $0.with("prekey", value) }
            #expect(try EncryptedElement(other).keys.allSatisfy { !$0.isPreKey })
        }
    }

    struct Malformed: Sendable {
        let code: OMEMOError.Code
        let change: @Sendable (Element) -> Element
        init(_ code: OMEMOError.Code, _ change: @escaping @Sendable (Element) -> Element) {
            (self.code, self.change) = (code, change)
        }
    }

    static let malformedMessages: [Malformed] = [
        Malformed(.wrongElement) { _ in Element("encrypted", "urn:xmpp:omemo:2") },
        Malformed(.wrongElement) { _ in Element("message", OMEMONamespace.axolotl) },
        Malformed(.missingHeader) { $0.changing("header") { _ in nil } },
        Malformed(.missingHeader) { element in
            element.changing("header") { Element($0.name, "urn:example", children: $0.children) }
        },
        Malformed(.missingKeys) { $0.changing("key") { _ in nil } },
        Malformed(.tooManyKeys) { element in
            element.changing("header") { header in
                var header = header
                let key = header.children[0]
                for _ in 0..<EncryptedElement.maximumKeys { header.append(key) }
                return header
            }
        },
        Malformed(.missingIV) { $0.changing("iv") { _ in nil } },
        Malformed(.badIVLength) { $0.changing("iv") { $0.with(text: "") } },
        Malformed(.badIVLength) { $0.changing("iv") { $0.with(text: "AAAAAAAAAAAAAAA=") } },
        Malformed(.badIVLength) { $0.changing("iv") { $0.with(text: "AAAAAAAAAAAAAAAAAAAAAAA=") } },
        Malformed(.badID) { $0.changing("header") { $0.with("sid", nil) } },
        Malformed(.badID) { $0.changing("header") { $0.with("sid", "0") } },
        Malformed(.badID) { $0.changing("header") { $0.with("sid", "-1") } },
        Malformed(.badID) { $0.changing("header") { $0.with("sid", "+1") } },
        Malformed(.badID) { $0.changing("header") { $0.with("sid", "4294967296") } },
        Malformed(.badID) { $0.changing("header") { $0.with("sid", "١٢") } },
        Malformed(.badID) { $0.changing("key") { $0.with("rid", nil) } },
        Malformed(.badID) { $0.changing("key") { $0.with("rid", "one") } },
        Malformed(.badBase64) { $0.changing("key") { $0.with(text: "A") } },
        Malformed(.badBase64) { $0.changing("key") { $0.with(text: "AQI*") } },
        Malformed(.badBase64) { $0.changing("iv") { $0.with(text: "سلام") } },
        Malformed(.badBase64) { $0.changing("payload") { $0.with(text: "====") } },
        Malformed(.emptyKey) { $0.changing("key") { $0.with(text: "") } },
        Malformed(.payloadTooLarge) { $0.changing("key") { $0.with(text: String(repeating: "AAAA", count: 2000)) } },
        Malformed(.payloadTooLarge) { element in
            let text = String(repeating: "AAAA", count: EncryptedElement.maximumPayload / 3 + 1)
            return element.changing("payload") { $0.with(text: text) }
        },
    ]

    @Test(arguments: malformedMessages.indices)
    func malformedMessage(index: Int) throws {
        let example = Self.malformedMessages[index]
        let element = example.change(Self.message.element)
        #expect(try code { _ = try EncryptedElement(element) } == example.code)
    }

    @Test func theLargestPayloadIsRead() throws {
        var message = Self.message
        message.payload = [UInt8](repeating: 7, count: EncryptedElement.maximumPayload)
        #expect(try EncryptedElement(message.element).payload?.count == EncryptedElement.maximumPayload)
    }

    static let malformedBundles: [Malformed] = [
        Malformed(.wrongElement) { _ in Element("bundle", "urn:xmpp:omemo:2") },
        Malformed(.missingIdentityKey) { $0.changing("identityKey") { _ in nil } },
        Malformed(.missingSignedPreKey) { $0.changing("signedPreKeyPublic") { _ in nil } },
        Malformed(.missingSignature) { $0.changing("signedPreKeySignature") { _ in nil } },
        Malformed(.missingPreKeys) { $0.changing("prekeys") { _ in nil } },
        Malformed(.missingPreKeys) { $0.changing("preKeyPublic") { _ in nil } },
        Malformed(.tooManyPreKeys) { element in
            element.changing("prekeys") { prekeys in
                var prekeys = prekeys
                let key = prekeys.children[0]
                for id in 0..<PreKeyBundle.maximumPreKeys { prekeys.append(key.with("preKeyId", String(1000 + id))) }
                return prekeys
            }
        },
        Malformed(.duplicatePreKeyID) { $0.changing("preKeyPublic") { $0.with("preKeyId", "5") } },
        Malformed(.badID) { $0.changing("preKeyPublic") { $0.with("preKeyId", nil) } },
        Malformed(.badID) { $0.changing("preKeyPublic") { $0.with("preKeyId", "2147483648") } },
        Malformed(.badID) { $0.changing("signedPreKeyPublic") { $0.with("signedPreKeyId", "-5") } },
        Malformed(.badBase64) { $0.changing("identityKey") { $0.with(text: "BQ=A") } },
        Malformed(.badKey) { $0.changing("identityKey") { $0.with(text: "") } },
        Malformed(.badKey) { $0.changing("identityKey") { $0.with(text: "BQUF") } },
        Malformed(.badKey) {
            $0.changing("signedPreKeyPublic") { $0.with(text: String(repeating: "BgYG", count: 11)) }
        },
        Malformed(.badKey) { $0.changing("preKeyPublic") { $0.with(text: String(repeating: "BQUF", count: 12)) } },
        Malformed(.badSignatureLength) { $0.changing("signedPreKeySignature") { $0.with(text: "AAAA") } },
        Malformed(.payloadTooLarge) {
            $0.changing("identityKey") { $0.with(text: String(repeating: "BQUF", count: 200)) }
        },
    ]

    @Test(arguments: malformedBundles.indices)
    func malformedBundle(index: Int) throws {
        let client = try Client("bridge")
        let example = Self.malformedBundles[index]
        let element = example.change(try client.engine.bundle().element)
        #expect(try code { _ = try PreKeyBundle(element) } == example.code)
    }

    @Test func bundleWithABadSignatureBuildsNoSession() throws {
        let (bridge, contact) = (try Client("bridge"), try Client("contact"))
        var bundle = try contact.engine.bundle()
        bundle.signature[5] ^= 1
        let before = bridge.store.state.devices
        let result = try code {
            try bridge.store.transaction {
                try bridge.engine.establish(bundle: bundle, jid: contact.jid, device: contact.device)
            }
        }
        #expect(result == .badSignature)
        #expect(bridge.store.state.sessions.isEmpty)
        #expect(bridge.store.state.devices == before)
        bundle.preKeys = []
        #expect(
            try code { try bridge.engine.establish(bundle: bundle, jid: contact.jid, device: contact.device) }
                == .missingPreKeys)
    }

    static let malformedLists: [Malformed] = [
        Malformed(.wrongElement) { _ in Element("devices", OMEMONamespace.axolotl) },
        Malformed(.badID) { $0.changing("device") { $0.with("id", nil) } },
        Malformed(.badID) { $0.changing("device") { $0.with("id", "0") } },
        Malformed(.badID) { $0.changing("device") { $0.with("id", "abc") } },
        Malformed(.tooManyDevices) { element in
            var element = element
            let device = element.children[0]
            for id in 0..<DeviceList.maximumDevices { element.append(device.with("id", String(1000 + id))) }
            return element
        },
    ]

    @Test(arguments: malformedLists.indices)
    func malformedList(index: Int) throws {
        let example = Self.malformedLists[index]
        #expect(try code { _ = try DeviceList(example.change(DeviceList([1, 2]).element)) } == example.code)
    }

    @Test func anEmptyListAndDoubledDevices() throws {
        #expect(try DeviceList(Element("list", OMEMONamespace.axolotl)).devices.isEmpty)
        let doubled = DeviceList([4, 5]).element.changing("device") { $0.with("id", "4") }
        #expect(try DeviceList(doubled).devices == [4])
    }

    @Test func errorsHoldNoContent() throws {
        for code in OMEMOError.Code.allCases {
            #expect(OMEMOError(code, "reason").description == "\(code.rawValue): reason")
        }
        #expect(Set(OMEMOError.Code.allCases.map(\.rawValue)).count == OMEMOError.Code.allCases.count)
    }
}
