import Foundation
import SignalProtocol
import XMPP

@testable import OMEMO

/// One device of one account, all in memory. Every call runs in a transaction of its own, as the
/// product's do.
final class Client {
    let jid: String
    let store = InMemoryOMEMOStore()
    let engine: OMEMOEngine
    /// The clock the engine reads.
    let time = Time()

    final class Time {
        var now = Date(timeIntervalSince1970: 1_700_000_000)
    }

    init(_ name: String) throws {
        jid = "\(name)@example.org"
        engine = try OMEMOEngine(
            context: SignalContext(), store: store, ownJID: jid, clock: { [time] in time.now })
        try engine.setUp()
    }

    var device: UInt32 { store.state.own?.id ?? 0 }

    func address(of other: Client) -> SignalAddress { SignalAddress(name: other.jid, deviceID: other.device) }

    /// Learns the other account's devices, as after fetching its list.
    func learnDevices(of others: Client...) throws {
        for jid in Set(others.map(\.jid)) {
            let list = DeviceList(others.filter { $0.jid == jid }.map(\.device))
            _ = try store.transaction { try engine.update(deviceList: list, for: jid) }
        }
    }

    /// Builds sessions with these devices from their bundles, over the wire form.
    func connect(to others: Client...) throws {
        for other in others {
            let bundle = try PreKeyBundle(try other.engine.bundle().element)
            try store.transaction { try engine.establish(bundle: bundle, jid: other.jid, device: other.device) }
        }
    }

    /// Encrypts, and goes through the wire form.
    func send(_ text: String, to jids: String...) throws -> EncryptedElement {
        try EncryptedElement(try store.transaction { try engine.encrypt(text, for: jids) }.element)
    }

    func receive(_ message: EncryptedElement, from other: Client) throws -> Decrypted {
        try store.transaction { try engine.decrypt(message, from: other.jid) }
    }

    /// The text of a message, or what it was instead.
    func text(_ message: EncryptedElement, from other: Client) throws -> String {
        switch try receive(message, from: other) {
        case .text(let text, _): text
        case .keyTransport: "<key transport>"
        case .notForThisDevice: "<not for this device>"
        }
    }

    /// Two accounts with a device each and a session known on both sides.
    static func pair() throws -> (bridge: Client, contact: Client) {
        let (bridge, contact) = (try Client("bridge"), try Client("contact"))
        try bridge.learnDevices(of: contact)
        try contact.learnDevices(of: bridge)
        try contact.connect(to: bridge)
        _ = try bridge.text(try contact.send("hello", to: bridge.jid), from: contact)
        _ = try contact.text(try bridge.send("welcome", to: contact.jid), from: bridge)
        return (bridge, contact)
    }
}

/// The code of the `OMEMOError` that `body` throws; `nil` when it throws none.
func code(_ body: () throws -> Void) throws -> OMEMOError.Code? {
    do {
        try body()
        return nil
    } catch let error as OMEMOError {
        return error.code
    }
}

extension Decrypted {
    var origin: Origin? {
        switch self {
        case .text(_, let origin), .keyTransport(_, _, let origin): origin
        case .notForThisDevice: nil
        }
    }
}

extension Element {
    /// A copy with the first child of this name changed; `nil` takes it out.
    func changing(_ name: String, _ change: (Element) -> Element?) -> Element {
        var copy = self
        copy.nodes = nodes.compactMap { node in
            guard case .element(let child) = node else { return node }
            guard child.name == name else { return .element(child.changing(name, change)) }
            return change(child).map(Node.element)
        }
        return copy
    }

    func with(_ attribute: String, _ value: String?) -> Element {
        var copy = self
        copy[attribute] = value
        return copy
    }

    func with(text: String) -> Element {
        var copy = self
        copy.nodes = [.text(text)]
        return copy
    }
}
