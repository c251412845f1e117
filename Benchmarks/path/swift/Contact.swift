import Foundation
import OMEMO
import SignalProtocol
import XMPP

/// A person who writes to the bridge: an OMEMO device of their own, in memory.
///
/// Not `Sendable`, like its engine; all contacts live in the task that made them.
final class Contact {
    static let helpline = "helpline@example.org"

    let jid: String
    private let engine: OMEMOEngine

    /// Builds a session from the bridge's bundle.
    init(jid: String, context: SignalContext, bridge: BridgeKeys) throws {
        self.jid = jid
        engine = try OMEMOEngine(context: context, store: InMemoryOMEMOStore(), ownJID: jid)
        try engine.setUp()
        try engine.update(deviceList: DeviceList([bridge.device]), for: Self.helpline)
        try engine.establish(bundle: bridge.bundle, jid: Self.helpline, device: bridge.device)
    }

    /// A stanza as our server would hand it over.
    func write(_ text: String, id: String) throws -> Element {
        var message = Element(
            "message", "jabber:client",
            attributes: [("from", jid + "/phone"), ("to", Self.helpline), ("type", "chat"), ("id", id)])
        message.append(try engine.encrypt(text, for: [Self.helpline]).element)
        message.append(Element("body", "jabber:client", text: "This message is encrypted with OMEMO."))
        message.append(Element("store", "urn:xmpp:hints"))
        message.append(Element("origin-id", "urn:xmpp:sid:0", attributes: [("id", id)]))
        message.append(
            Element("stanza-id", "urn:xmpp:sid:0", attributes: [("id", id), ("by", Self.helpline)]))
        return message
    }

    /// Reads a stanza of the bridge.
    /// - Throws: `BenchmarkError` when it holds no text for this contact.
    func read(_ stanza: Element) throws -> String {
        guard let element = stanza.first("encrypted", OMEMONamespace.axolotl),
            case .text(let text, _) = try engine.decrypt(EncryptedElement(element), from: Self.helpline)
        else { throw BenchmarkError("a reply holds no text for its contact") }
        return text
    }
}

/// What the bridge publishes.
struct BridgeKeys: Sendable {
    let device: UInt32
    let bundle: PreKeyBundle
}

struct BenchmarkError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
