import Foundation
import Messaging
import OMEMO
import XMPP

/// The half of the channel that touches ratchets: opens `<message/>` stanzas and encrypts replies.
/// It lives on the writer's executor and runs inside its transactions.
public final class XMPPCodec: ChannelCodec {
    let engine: OMEMOEngine
    private let lists: KnownDeviceLists
    private let owed: OwedMessages
    private let savepoint: Savepoint

    /// Runs its argument so that, when it throws, what it stored is undone and the rest stays.
    public typealias Savepoint = (() throws -> Void) throws -> Void

    init(
        engine: OMEMOEngine, lists: KnownDeviceLists, owed: OwedMessages = OwedMessages(),
        savepoint: @escaping Savepoint
    ) {
        self.engine = engine
        self.lists = lists
        self.owed = owed
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
        let referring = ReferringElements(stanza)
        if let encrypted = stanza.first("encrypted", OMEMONamespace.axolotl) {
            return try open(encrypted, from: jid, referring)
        }
        if referring.hasOnlyFallback { return message(referring.signs, protection: .none, referring) }
        if let foreign = ForeignEncryption(in: stanza) {
            return .unreadable(reason: "Encrypted with \(foreign.name), which this bridge does not read.")
        }
        guard let body = stanza.first("body", Namespace.client)?.text, !body.isEmpty else {
            return .silent(reason: "nothing for a person")
        }
        // An encrypted file whose key came in the clear is as readable as its key.
        let found = AttachmentLink.outOfBand(in: stanza, body: body)
        let attachment = AttachmentLink.encrypted(in: body) ?? found?.attachment
        return message(
            attachment == nil ? body : found?.words ?? "", protection: .none, referring, attachment: attachment)
    }

    private func message(
        _ text: String, protection: Protection, _ referring: ReferringElements, device: UInt32? = nil,
        deviceIsNew: Bool = false, attachment: IncomingAttachment? = nil
    ) -> Opened {
        var message = IncomingMessage(
            text: text, protection: protection, device: device, deviceIsNew: deviceIsNew, attachment: attachment)
        message.reference = referring.reference
        message.names = referring.names
        return .message(message)
    }

    /// Some apps put a key without words beside a reaction or a retraction, others encrypt its fallback text. Nothing
    /// of that is for a person; that it cannot be opened keeps nobody from seeing the sign.
    private func open(_ encrypted: Element, from jid: String, _ referring: ReferringElements) throws -> Opened {
        guard referring.hasOnlyFallback else { return try decryptOrRenew(encrypted, from: jid, referring) }
        do {
            try savepoint { _ = try decrypt(encrypted, from: jid, referring) }
        } catch is PoisonError {}
        return message(referring.signs, protection: .none, referring)
    }

    /// A key without words that cannot be opened is nobody's loss (heartbeats, which an app sent to a session that is
    /// gone): the session is renewed, nothing is shown, and nobody is asked to write again.
    private func decryptOrRenew(_ encrypted: Element, from jid: String, _ referring: ReferringElements) throws -> Opened
    {
        guard let element = try? EncryptedElement(encrypted), element.payload == nil else {
            return try decrypt(encrypted, from: jid, referring)
        }
        do {
            var opened = Opened.silent(reason: "key transport")
            try savepoint { opened = try decrypt(encrypted, from: jid, referring) }
            return opened
        } catch let poison as PoisonError where poison.asksAgain {
            try recover(from: poison, in: element, from: jid)
            return .silent(reason: "key transport that cannot be opened")
        }
    }

    private func decrypt(_ encrypted: Element, from jid: String, _ referring: ReferringElements) throws -> Opened {
        do {
            let element = try EncryptedElement(encrypted)
            switch try engine.decrypt(element, from: jid) {
            case .text(let text, let origin):
                if origin.isNewDevice || !origin.isListed { lists.remove(jid) }
                if origin.isAnswerDue { owed.note(origin.device, of: jid) }
                let attachment = AttachmentLink.encrypted(in: text)
                return message(
                    attachment == nil ? text : "", protection: .endToEnd, referring, device: origin.device,
                    deviceIsNew: origin.isNewDevice, attachment: attachment)
            case .keyTransport(_, _, let origin):
                if origin.isAnswerDue { owed.note(origin.device, of: jid) }
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
        guard let stanza = (envelope.payload as? StanzaPayload)?.stanza,
            let encrypted = stanza.first("encrypted", OMEMONamespace.axolotl),
            let element = try? EncryptedElement(encrypted)
        else { return }
        try recover(from: poison, in: element, from: envelope.sender.value)
    }

    private func recover(from poison: PoisonError, in element: EncryptedElement, from jid: String) throws {
        switch poison.code {
        case OMEMOError.Code.identityChanged.rawValue:
            // Only people can decide this: they see which key it claims.
            try engine.noteClaimedIdentity(in: element, from: jid)
        case OMEMOError.Code.replayed.rawValue:
            // A true repeat, or an app that was set back to an old copy of itself and uses keys a second time. A new
            // session helps the one and does the other no harm: the old one stays readable.
            owed.note(element.sender, of: jid, .newSession)
        default:
            guard poison.asksAgain else { return }
            try engine.dropSession(with: element.sender, jid: jid)
            // The bot's question goes out in the new session; when the bot is silent, this does.
            owed.note(element.sender, of: jid, .session)
        }
    }

    /// Whether what is owed needs a new session, for which the device's bundle must be fetched.
    func needsBundle(for owed: OwedMessages.Owed) throws -> Bool {
        switch owed.need {
        case .answer: false
        // A reply may have built one since.
        case .session: try !engine.hasSession(with: owed.device.id, jid: owed.device.jid)
        case .newSession: true
        }
    }

    /// A key transport for one device (XEP-0384 v0.3.0 §4.6).
    ///
    /// - Parameter bundle: builds a new session first; the old one stays readable.
    /// - Returns: the stanza; `nil` when none is due any more.
    func emptyMessage(for jid: String, device: UInt32, bundle: PreKeyBundle?) throws -> Element? {
        guard let known = try engine.devices(for: jid).first(where: { $0.address.deviceID == device }),
            known.trust != .compromised, known.claimedKey == nil
        else { return nil }
        if let bundle {
            try establish(bundle, device: device, jid: jid)
        } else if try engine.hasAnswered(device, of: jid) {
            return nil
        }
        do {
            let element = try engine.emptyMessage(for: jid, device: device)
            return OutgoingMessage(to: jid, id: UUID().uuidString.lowercased(), content: .keyTransport(element)).stanza
        } catch let error as OMEMOError where error.code == .noSession {
            return nil
        }
    }

    public func readiness(for draft: Draft) throws -> Readiness {
        if draft.protection == .none { return .ready }
        let jid = draft.to.value
        // Nobody to encrypt to, although the list was fetched: the contact was erased since and wrote again,
        // or took every device off it. What was fetched then is worth nothing.
        if try !engine.devices(for: jid).contains(where: \.isActive) { lists.remove(jid) }
        if draft.isPersonal, !lists.contains(jid, forPersonal: true) { lists.remove(jid) }
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
            if error.code == .identityChanged {
                try engine.noteClaimedIdentity(bundle.identityKey, of: device, jid: jid)
            }
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
