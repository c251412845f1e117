import Crypto
import Foundation
import Messaging
import OMEMO
import XMPP

/// What a `<message/>` from the stream is for, seen from our account. A pure function of the stanza.
enum IncomingStanza {
    /// A message of someone to us.
    case message(IncomingMessageStanza)
    /// An account published its device list (XEP-0384 v0.3.0 §4.4). `nil`: one that cannot be read.
    case deviceList(jid: String, list: DeviceList?)
    /// Nothing for us: presence, carbons, messages of our own account.
    case ignored

    init(_ stanza: Element, account: JID) {
        guard stanza.name == "message", let sender = stanza["from"].flatMap({ try? JID($0) })?.bare else {
            self = .ignored
            return
        }
        if let event = PersonalEvent(stanza) {
            guard event.node == OMEMONamespace.deviceListNode else {
                self = .ignored
                return
            }
            self = .deviceList(jid: sender.text, list: event.item.flatMap { try? DeviceList($0.payload) })
            return
        }
        // XEP-0280 §11: we switch carbons on nowhere.
        if sender == account || Carbon.isCarbon(stanza) {
            self = .ignored
            return
        }
        self = .message(
            IncomingMessageStanza(
                stanza: stanza, sender: sender.text, archiveID: stanza.stanzaID(by: account),
                sentAt: stanza.delay(by: account)))
    }
}

/// A message of somebody else to us.
struct IncomingMessageStanza: Sendable {
    let stanza: Element
    /// Bare JID.
    let sender: String
    /// XEP-0359 §6: the same live and from the archive.
    let archiveID: String?
    let sentAt: Date?

    /// A message from our archive; `nil` for what we sent ourselves.
    init?(_ archived: ArchivedMessage, account: JID) {
        guard let sender = archived.message["from"].flatMap({ try? JID($0) })?.bare, sender != account else {
            return nil
        }
        self.init(stanza: archived.message, sender: sender.text, archiveID: archived.id, sentAt: archived.sentAt)
    }

    init(stanza: Element, sender: String, archiveID: String?, sentAt: Date?) {
        self.stanza = stanza
        self.sender = sender
        self.archiveID = archiveID
        self.sentAt = sentAt
    }

    /// Nothing in it could matter later (a receipt, a typing notice): it is not stored.
    var isEphemeral: Bool {
        stanza.refusal == nil && bounce == nil && stanza.first("body", Namespace.client) == nil
            && !stanza.children.contains { $0.name == "encrypted" } && ReferringElements(stanza).reference == nil
    }

    /// What its sender is told once it is committed. Of a message that could not be read whole nobody
    /// may believe that it was.
    var receipt: Element? {
        stanza.refusal == nil && stanza["type"] != "groupchat" ? Receipt.answer(to: stanza) : nil
    }

    /// A message of ours that came back (RFC 6120 §8.3.1), by the id we gave it, and why.
    var bounce: (originID: OriginID, code: String)? {
        guard stanza["type"] == "error", let id = stanza["id"] ?? stanza.originID, id.utf8.count <= 64 else {
            return nil
        }
        return (OriginID(id), "bounced-" + StanzaError(stanza).condition)
    }

    func envelope(now: Date, token: AcknowledgementToken?) -> Envelope {
        Envelope(
            sender: Address(channel: .xmpp, value: sender), dedup: dedup, sentAt: sentAt ?? now,
            payload: StanzaPayload(stanza: stanza), token: token, position: archiveID.map { ArchivePosition($0) })
    }

    /// Servers add such a stamp when they send a stanza again.
    private var undelayed: Element {
        var copy = stanza
        copy.nodes.removeAll { if case .element(let child) = $0 { child.namespace == Namespace.delay } else { false } }
        return copy
    }

    /// Without an archive id: a hash of what was encrypted, which no two messages share, or of the
    /// whole stanza with its id.
    private var dedup: DedupSource {
        if let archiveID { return .archive(id: archiveID) }
        var hash = SHA256()
        hash.update(data: Array(sender.utf8))
        hash.update(data: (stanza.first("encrypted", OMEMONamespace.axolotl) ?? undelayed).serialized())
        return .content(hash: Array(hash.finalize()))
    }
}
