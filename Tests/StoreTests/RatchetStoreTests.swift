import Foundation
import GRDB
import Messaging
import OMEMO
import SignalProtocol
import Store
import Testing

/// OMEMO's keys, sessions and devices in SQLite, with a contact's engine on the other side.
@Suite(.timeLimit(.minutes(1)), .scratchFolder) struct RatchetStoreTests {
    @Test func aConversationOverTwoRunsOfTheDaemon() async throws {
        let (store, contact) = (try TestStore(), try ContactSide())
        var writer = try await store.openWithEngine()
        try contact.learn(try await writer.publication())
        let first = try contact.encrypt("wach chikaya dyali baqa?")
        #expect(try await writer.decrypt(first, from: contact.jid) == "wach chikaya dyali baqa?")
        await writer.close()

        writer = try await store.openWithEngine()
        let reply = try await writer.encrypt("iyeh", to: contact.jid)
        #expect(try contact.decrypt(reply) == "iyeh")
        #expect(try await writer.decrypt(try contact.encrypt("choukran"), from: contact.jid) == "choukran")
        await writer.close()
    }

    @Test func aRolledBackTransactionLeavesTheMessageDecryptable() async throws {
        struct Refused: Error {}
        let (store, contact) = (try TestStore(), try ContactSide())
        let writer = try await store.openWithEngine()
        try contact.learn(try await writer.publication())
        let message = try contact.encrypt("once")
        await #expect(throws: Refused.self) {
            try await writer.withEngine { engine in
                _ = try engine.decrypt(message, from: contact.jid)
                throw Refused()
            }
        }
        #expect(try await writer.decrypt(message, from: contact.jid) == "once")
        let again = await #expect(throws: OMEMOError.self) { try await writer.decrypt(message, from: contact.jid) }
        #expect(again?.code == .replayed)
        await writer.close()
    }

    @Test func aRolledBackSavepointIsForgottenWithinItsTransaction() async throws {
        struct Refused: Error {}
        let (store, contact) = (try TestStore(), try ContactSide())
        let writer = try await store.openWithEngine()
        try contact.learn(try await writer.publication())
        let (first, second) = (try contact.encrypt("first"), try contact.encrypt("second"))
        let jid = contact.jid
        let texts = try await writer.withCodec { codec in
            func text(_ element: EncryptedElement) throws -> String {
                guard case .text(let text, _) = try codec.engine.decrypt(element, from: jid) else { return "" }
                return text
            }
            // Ratchet, device and all that was read for them go with it, however often.
            for _ in 0..<2 {
                #expect(throws: Refused.self) {
                    try codec.store.savepoint {
                        #expect(try text(first) == "first")
                        try codec.engine.update(deviceList: DeviceList([5]), for: jid)
                        throw Refused()
                    }
                }
                #expect(try codec.engine.devices(for: jid).isEmpty)
                #expect(try codec.store.loadSession(SignalAddress(name: jid, deviceID: first.sender)) == nil)
            }
            return [try text(first), try text(second)]
        }
        #expect(texts == ["first", "second"])
        await writer.close()
    }

    @Test func prekeysAreMarkedThenReplacedAndTheirIDsNeverComeAgain() async throws {
        let (store, contact) = (try TestStore(), try ContactSide())
        let writer = try await store.openWithEngine()
        let before = try await writer.publication()
        try contact.learn(before)
        _ = try await writer.decrypt(try contact.encrypt("x"), from: contact.jid)
        let used = try await writer.withEngine { try $0.bundle() }
        #expect(used.preKeys.count == OMEMOEngine.preKeyCount - 1)
        let after = try await writer.withEngine { engine in
            _ = try engine.replaceUsedPreKeys()
            return try engine.bundle()
        }
        #expect(after.preKeys.count == OMEMOEngine.preKeyCount)
        let fresh = Set(after.preKeys.map(\.id)).subtracting(before.bundle.preKeys.map(\.id))
        #expect(fresh.allSatisfy { id in before.bundle.preKeys.allSatisfy { $0.id < id } })
        await writer.close()
    }

    @Test func devicesAreKeptAndAnAccountIsForgottenWhole() async throws {
        let (store, contact) = (try TestStore(), try ContactSide())
        let writer = try await store.openWithEngine()
        try contact.learn(try await writer.publication())
        _ = try await writer.decrypt(try contact.encrypt("x"), from: contact.jid)
        let jid = contact.jid
        let known = try await writer.withEngine { engine in
            try engine.update(deviceList: DeviceList([contact.device, 77, 5]), for: jid)
            try engine.setTrust(.compromised, of: 77, jid: jid)
            return try engine.devices(for: jid)
        }
        #expect(known.map(\.address.deviceID) == [5, 77, contact.device].sorted())
        #expect(known.first { $0.address.deviceID == 77 }?.trust == .compromised)
        #expect(known.first { $0.address.deviceID == contact.device }?.identityKey != nil)
        #expect(known.first { $0.address.deviceID == contact.device }?.firstHeard != nil)
        try await writer.withStore { try $0.deleteAccount(jid) }
        await writer.close()
        let left = try await DatabaseQueue(path: store.path).read {
            try Int.fetchOne($0, sql: "SELECT (SELECT count(*) FROM session) + (SELECT count(*) FROM device)")
        }
        #expect(left == 0)
    }

    @Test func aChangedByteInARatchetIsNamed() async throws {
        let (store, contact) = (try TestStore(), try ContactSide())
        var writer = try await store.openWithEngine()
        try contact.learn(try await writer.publication())
        _ = try await writer.decrypt(try contact.encrypt("x"), from: contact.jid)
        await writer.close()
        try await DatabaseQueue(path: store.path).write {
            try $0.execute(sql: "UPDATE session SET record = zeroblob(length(record))")
        }
        writer = try await store.openWithEngine()
        let error = await #expect(throws: StoreError.self) { try await writer.encrypt("y", to: contact.jid) }
        #expect(error?.description.contains("session.record") == true)
        await writer.close()
    }
}

/// Gives tests the engine that lives on the writer's executor.
private final class EngineCodec: ChannelCodec {
    let engine: OMEMOEngine
    let store: SQLiteOMEMOStore

    init(_ store: SQLiteOMEMOStore) throws {
        self.store = store
        engine = try OMEMOEngine(context: SignalContext(), store: store, ownJID: "helpline@example.org")
        try engine.setUp()
    }

    func open(_ envelope: Envelope) throws -> Opened { .silent(reason: "not used here") }
    func readiness(for draft: Draft) throws -> Readiness { .ready }
    func prepare(_ draft: Draft, material: (any PreparationMaterial)?) throws -> Prepared { Prepared(bytes: []) }
}

extension TestStore {
    fileprivate func openWithEngine() async throws -> Writer {
        let writer = try open()
        try await writer.addCodec(for: .xmpp) { try EngineCodec($0) }
        return writer
    }
}

extension Writer {
    struct Publication: Sendable {
        let device: UInt32
        let bundle: PreKeyBundle
    }

    fileprivate func withStore<R: Sendable>(
        _ body: @escaping @Sendable (SQLiteOMEMOStore) throws -> R
    ) async throws -> R {
        try await perform { transaction in
            guard let codec = try transaction.codec(for: .xmpp) as? EngineCodec else { throw StoreError.closed }
            return try body(codec.store)
        }
    }

    fileprivate func withCodec<R: Sendable>(
        _ body: @escaping @Sendable (EngineCodec) throws -> R
    ) async throws -> R {
        try await perform { transaction in
            guard let codec = try transaction.codec(for: .xmpp) as? EngineCodec else { throw StoreError.closed }
            return try body(codec)
        }
    }

    fileprivate func withEngine<R: Sendable>(
        _ body: @escaping @Sendable (OMEMOEngine) throws -> R
    ) async throws -> R {
        try await perform { transaction in
            guard let codec = try transaction.codec(for: .xmpp) as? EngineCodec else { throw StoreError.closed }
            return try body(codec.engine)
        }
    }

    fileprivate func publication() async throws -> Publication {
        try await withEngine { Publication(device: try $0.ownDeviceID() ?? 0, bundle: try $0.bundle()) }
    }

    fileprivate func decrypt(_ message: EncryptedElement, from jid: String) async throws -> String? {
        try await withEngine { engine in
            guard case .text(let text, _) = try engine.decrypt(message, from: jid) else { return nil }
            return text
        }
    }

    fileprivate func encrypt(_ text: String, to jid: String) async throws -> EncryptedElement {
        try await withEngine { try $0.encrypt(text, for: [jid]) }
    }
}

/// A contact with one device, in memory.
///
/// Unchecked: used by one test, whose steps follow each other.
private final class ContactSide: @unchecked Sendable {
    let jid = "rachid@example.org"
    private let helpline = "helpline@example.org"
    private let store = InMemoryOMEMOStore()
    private let engine: OMEMOEngine

    init() throws {
        engine = try OMEMOEngine(context: SignalContext(), store: store, ownJID: jid)
        try engine.setUp()
    }

    var device: UInt32 { store.state.own?.id ?? 0 }

    func learn(_ other: Writer.Publication) throws {
        try engine.update(deviceList: DeviceList([other.device]), for: helpline)
        try engine.establish(bundle: other.bundle, jid: helpline, device: other.device)
    }

    func encrypt(_ text: String) throws -> EncryptedElement { try engine.encrypt(text, for: [helpline]) }

    func decrypt(_ message: EncryptedElement) throws -> String? {
        guard case .text(let text, _) = try engine.decrypt(message, from: helpline) else { return nil }
        return text
    }
}
