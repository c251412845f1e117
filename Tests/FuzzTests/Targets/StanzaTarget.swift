import Foundation
import Messaging
import OMEMO
import SignalProtocol

@testable import XMPP
@testable import XMPPChannel

/// One stanza as strangers write it, read for all it may be: a message live or from the archive, a notice of a device
/// list, a correction, a receipt, an answer of our server.
enum StanzaTarget: FuzzTarget {
    static let name = "stanza"
    static let dictionary: String? = "xmpp"

    static func run(_ input: [UInt8]) throws {
        guard let stanza = try? Element(parsing: input) else { return }
        try answersOfServers(stanza)
        let account = try JID("helpline@example.org")
        _ = PersonalEvent(stanza)
        _ = Carbon.forwarded(in: stanza, account: account)
        if let result = stanza.first("result", Namespace.archive) {
            let archived = ArchivedMessage(id: "1", result: result, refusal: stanza.refusal)
            if let message = IncomingMessageStanza(archived, account: account) { try look(at: message) }
        }
        if case .message(let message) = IncomingStanza(stanza, account: account) { try look(at: message) }
    }

    private static func answersOfServers(_ stanza: Element) throws {
        let error = StanzaError(stanza)
        try promise(DefinedConditions.stanza.contains(error.condition), "a condition was taken over that none defines")
        try promise(DefinedConditions.types.contains(error.type), "a type of error was taken over that none defines")
        _ = HTTPUpload.items(stanza)
        guard let slot = HTTPUpload.slot(stanza) else { return }
        for url in [slot.put, slot.get] {
            try promise(url.hasPrefix("https://"), "a file goes elsewhere than to HTTPS")
        }
        let isOneLine = slot.headers.allSatisfy { !$0.utf8.contains(0x0a) && !$0.utf8.contains(0x0d) }
        try promise(isOneLine, "a header of a slot has a line end in it")
    }

    private static func look(at message: IncomingMessageStanza) throws {
        let envelope = message.envelope(now: Date(timeIntervalSince1970: 0), token: nil)
        try promise(!envelope.sender.value.isEmpty, "a message of nobody")
        try promise(message.sentAt.map { $0.timeIntervalSince1970.isFinite } ?? true, "a time that is none")
        if let bounce = message.bounce {
            try promise(bounce.originID.rawValue.utf8.count <= 64, "an id of ours that is too long")
        }
        if let receipt = message.receipt { _ = try Element(parsing: receipt.serialized()) }
        // Kept sealed when it is set aside, and read again on the staff side; repeated by its hash.
        let again = try Element(parsing: envelope.payload.encoded())
        let repeated = IncomingMessageStanza(
            stanza: again, sender: message.sender, archiveID: message.archiveID, sentAt: message.sentAt)
        try promise(repeated.isEphemeral == message.isEphemeral, "written and read again, it matters no longer")
        let dedup = repeated.envelope(now: Date(timeIntervalSince1970: 1), token: nil).dedup
        try promise(dedup == envelope.dedup, "the same message is another one when it comes again")
        try open(envelope)
    }

    /// `PoisonError` is how a message that cannot be read is set aside; nothing else may be thrown.
    private static func open(_ envelope: Envelope) throws {
        let bridge = try Bridge.shared.get()
        let before = bridge.store.state
        defer { bridge.store.state = before }
        do {
            guard case .message(let message) = try bridge.codec.open(envelope) else { return }
            try promise(message.protection == .none, "a stranger wrote what counts as encrypted")
            try promise(message.device == nil, "a device without encryption")
            if let attachment = message.attachment { try AttachmentLinkTarget.check(attachment) }
        } catch let poison as PoisonError {
            try bridge.codec.recover(from: poison, in: envelope)
        }
    }

    /// An account without a contact: whatever opens was not encrypted.
    private final class Bridge {
        // The fuzzer calls from one thread, and so does the test.
        nonisolated(unsafe) static let shared = Result { try Bridge() }

        let store = InMemoryOMEMOStore()
        let codec: XMPPCodec

        init() throws {
            let context = try SignalContext()
            try store.saveOwnDevice(OwnDevice(id: 31415, identity: context.generateKeyPair()))
            let engine = try OMEMOEngine(context: context, store: store, ownJID: "helpline@example.org")
            try engine.setUp()
            codec = XMPPCodec(engine: engine, lists: KnownDeviceLists()) { [store] in try store.transaction($0) }
        }
    }
}
