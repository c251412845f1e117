import Foundation
import Messaging
import OMEMO
import XMPP

/// The half of the channel that touches ratchets: opens `<message/>` stanzas and encrypts replies.
/// It lives on the writer's executor and runs inside its transactions.
public final class XMPPCodec: ChannelCodec {
    let engine: OMEMOEngine
    private let lists: KnownDeviceLists
    private let savepoint: Savepoint

    /// Runs its argument so that, when it throws, what it stored is undone and the rest stays.
    public typealias Savepoint = (() throws -> Void) throws -> Void

    init(engine: OMEMOEngine, lists: KnownDeviceLists, savepoint: @escaping Savepoint) {
        self.engine = engine
        self.lists = lists
        self.savepoint = savepoint
    }

    public func open(_ envelope: Envelope) throws -> Opened {
        guard let stanza = (envelope.payload as? StanzaPayload)?.stanza else {
            throw PoisonError(code: "malformed", reason: "The message did not come from this channel.")
        }
        return try open(stanza, from: envelope.sender.value)
    }

    private func open(_ stanza: Element, from jid: String) throws -> Opened {
        if let refusal = stanza.refusal {
            throw PoisonError(code: refusal.rawValue, reason: "The message exceeds what is read: \(refusal.rawValue).")
        }
        switch stanza["type"] ?? "normal" {
        case "error": return .silent(reason: "an error about a message of ours")
        case "groupchat":
            throw PoisonError(code: "group-chat", reason: "A message in a group: this bridge speaks with one person.")
        default: break
        }
        if let encrypted = stanza.first("encrypted", OMEMONamespace.axolotl) {
            return try decrypt(encrypted, from: jid)
        }
        if let foreign = ForeignEncryption(in: stanza) {
            return .unreadable(reason: "Encrypted with \(foreign.name), which this bridge does not read.")
        }
        guard let body = stanza.first("body", Namespace.client)?.text, !body.isEmpty else {
            return .silent(reason: "nothing for a person")
        }
        // An encrypted file whose key came in the clear is as readable as its key.
        let found = AttachmentLink.outOfBand(in: stanza, body: body)
        let attachment = AttachmentLink.encrypted(in: body) ?? found?.attachment
        return .message(
            IncomingMessage(
                text: attachment == nil ? body : found?.words ?? "", protection: .none, device: nil, deviceIsNew: false,
                attachment: attachment))
    }

    private func decrypt(_ encrypted: Element, from jid: String) throws -> Opened {
        do {
            let element = try EncryptedElement(encrypted)
            switch try engine.decrypt(element, from: jid) {
            case .text(let text, let origin):
                if origin.isNewDevice || !origin.isListed { lists.remove(jid) }
                let attachment = AttachmentLink.encrypted(in: text)
                return .message(
                    IncomingMessage(
                        text: attachment == nil ? text : "", protection: .endToEnd, device: origin.device,
                        deviceIsNew: origin.isNewDevice, attachment: attachment))
            case .keyTransport:
                return .silent(reason: "key transport")
            case .notForThisDevice:
                // Key transport between others is nobody's loss; a text without our key is.
                return element.payload == nil
                    ? .silent(reason: "key transport for another device")
                    : .unreadable(reason: "The message holds no key for this bridge: the app did not know it yet.")
            }
        } catch let error as OMEMOError {
            throw PoisonError(
                code: error.code.rawValue, reason: error.reason, asksAgain: error.isHealedByNewSession)
        }
    }

    public func recover(from poison: PoisonError, in envelope: Envelope) throws {
        guard poison.asksAgain, let stanza = (envelope.payload as? StanzaPayload)?.stanza,
            let encrypted = stanza.first("encrypted", OMEMONamespace.axolotl),
            let element = try? EncryptedElement(encrypted)
        else { return }
        try engine.dropSession(with: element.sender, jid: envelope.sender.value)
    }

    public func readiness(for draft: Draft) throws -> Readiness {
        if draft.protection == .none { return .ready }
        let jid = draft.to.value
        // Nobody to encrypt to, although the list was fetched: the contact was erased since and wrote again,
        // or took every device off it. What was fetched then is worth nothing.
        if try !engine.devices(for: jid).contains(where: \.isActive) { lists.remove(jid) }
        guard lists.contains(jid) else { return .needsMaterial }
        return try engine.missingSessions(for: jid).isEmpty ? .ready : .needsMaterial
    }

    public func prepare(_ draft: Draft, material: (any PreparationMaterial)?) throws -> Prepared {
        var message = OutgoingMessage(to: draft.to.value, id: draft.originID.rawValue)
        switch draft.protection {
        case .none:
            message.content = .plain(draft.text)
        case .endToEnd:
            for (device, bundle) in (material as? BundleMaterial)?.bundles ?? [] {
                try establish(bundle, device: device, jid: draft.to.value)
            }
            message.content = .encrypted(try encrypt(draft.text, for: draft.to.value))
        }
        return Prepared(bytes: message.stanza.serialized())
    }

    /// Deletes the prekeys that messages have used, makes new ones, and a new signed prekey when the
    /// old one's time is over. Returns whether the bundle must be published again.
    func replaceUsedPreKeys(now: Date) throws -> Bool {
        let rotated = try engine.rotateSignedPreKeyIfDue(now: now)
        return try engine.replaceUsedPreKeys() || rotated
    }

    /// A broken bundle costs its device the message, not the others. What it wrote is undone: the
    /// library keeps an identity before it has checked the signature.
    private func establish(_ bundle: PreKeyBundle, device: UInt32, jid: String) throws {
        do {
            try savepoint { try engine.establish(bundle: bundle, jid: jid, device: device) }
        } catch let error as OMEMOError where error.isOfOneDevice {
            return
        }
    }

    private func encrypt(_ text: String, for jid: String) throws -> EncryptedElement {
        do {
            return try engine.encrypt(text, for: [jid])
        } catch let error as OMEMOError {
            // Without a device there may be one tomorrow: the app must be opened once.
            throw UndeliverableError(
                code: error.code.rawValue, reason: error.reason, isTemporary: error.code == .noRecipient)
        }
    }
}

extension OMEMOError {
    /// Whether another device of the same account may still be reached.
    var isOfOneDevice: Bool {
        switch code {
        case .badSignature, .identityChanged, .missingPreKeys, .badKey, .library: true
        default: false
        }
    }
}
