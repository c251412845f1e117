import SignalProtocol

/// Who sent a decrypted element, and what follows from it.
public struct Origin: Hashable, Sendable {
    /// The id of the sending device.
    public let device: UInt32
    /// No text of this device has been decrypted before, whatever the device list says.
    public let isNewDevice: Bool
    /// The sender waits for anything from us: it has just built the session, or has sent
    /// `OMEMOEngine.staleCounter` messages without an answer. A reply does, or `emptyMessage`.
    public let isAnswerDue: Bool
    /// What people have decided about the device. Messages of a blocked one are decrypted too:
    /// what becomes of them is the caller's decision.
    public let trust: DeviceTrust
    /// Whether the account's list, as we know it, names the device. If not, the list is out of date.
    public let isListed: Bool

    /// An origin; tests make their own.
    public init(
        device: UInt32, isNewDevice: Bool, isAnswerDue: Bool, trust: DeviceTrust = .undecided, isListed: Bool = true
    ) {
        self.device = device
        self.isNewDevice = isNewDevice
        self.isAnswerDue = isAnswerDue
        self.trust = trust
        self.isListed = isListed
    }
}

/// What an `<encrypted/>` element turned out to be.
public enum Decrypted: Hashable, Sendable {
    /// A message for people.
    case text(String, from: Origin)
    /// A key and IV for another use, most often none: the message only completes a session.
    case keyTransport(key: [UInt8], iv: [UInt8], from: Origin)
    /// The element holds no key for our device; silently discarded (XEP-0384 v0.3.0 §4.7).
    case notForThisDevice
}

extension OMEMOEngine {
    /// Decrypts an element (XEP-0384 v0.3.0 §4.7). A used prekey stays loadable until the store's
    /// `deleteUsedPreKeys`.
    /// - Parameter jid: the sender's bare JID, as the stanza names it.
    /// - Throws: `OMEMOError`, or what the store threw. Roll the transaction back then: the message
    ///   stays decryptable.
    public func decrypt(_ encrypted: EncryptedElement, from jid: String) throws -> Decrypted {
        let own = try store.requireOwnDevice()
        let keys = encrypted.keys.filter { $0.recipient == own.id }
        guard !keys.isEmpty else { return .notForThisDevice }
        let address = SignalAddress(name: jid, deviceID: encrypted.sender)
        var device = try knownOrNewDevice(address)
        let opened = try openKey(keys, address)
        try noteHeard(&device, address)
        let origin = Origin(
            device: encrypted.sender, isNewDevice: device.firstHeard == nil,
            isAnswerDue: opened.builtSession || opened.counter >= Self.staleCounter, trust: device.trust,
            isListed: device.isActive)
        let messageKey = try MessageKey(opened.plaintext)
        guard let payload = encrypted.payload else {
            return .keyTransport(key: messageKey.key, iv: encrypted.iv, from: origin)
        }
        let text = try messageKey.open(payload, iv: encrypted.iv)
        if device.firstHeard == nil {
            // Read again: building the session has put the identity key into the record.
            device = try store.device(address) ?? device
            device.firstHeard = clock()
            try store.saveDevice(device)
        }
        return .text(text, from: origin)
    }

    /// A device that wrote is not left behind. Written down once a day.
    private func noteHeard(_ device: inout OMEMODevice, _ address: SignalAddress) throws {
        let now = clock()
        let isKnown = device.lastHeard.map { now.timeIntervalSince($0) < Self.heardPrecision } ?? false
        guard !isKnown || device.staleSince != nil else { return }
        // Read again: building the session has put the identity key into the record.
        device = try store.device(address) ?? device
        device.lastHeard = now
        device.staleSince = nil
        try store.saveDevice(device)
    }

    /// Keys with our device id that are tried in one header: a trial may cost a key agreement.
    private static let mostTrials = 3

    /// Device ids of different accounts may meet in one header, so each key with ours is tried.
    private func openKey(_ keys: [EncryptedElement.Key], _ address: SignalAddress) throws -> DecryptedMessage {
        var failure: SignalError?
        for key in keys.prefix(Self.mostTrials) {
            do {
                return try endpoint.decrypt(key.ciphertext, from: address)
            } catch let error as SignalError {
                failure = failure ?? error
            }
        }
        throw failure.map { OMEMOError(decrypting: $0) } ?? OMEMOError(.missingKeys, "There is no key for this device.")
    }
}

/// What the ratchet carries: the key of the payload, and its tag in the newer form.
private struct MessageKey {
    let key: [UInt8]
    let tag: [UInt8]?

    init(_ bytes: [UInt8]) throws(OMEMOError) {
        switch bytes.count {
        case 32: (key, tag) = (Array(bytes[..<16]), Array(bytes[16...]))
        case 16: (key, tag) = (bytes, nil)
        default:
            throw OMEMOError(.badMessageKey, "The key of the payload must have 16 or 32 bytes, not \(bytes.count).")
        }
    }

    func open(_ payload: [UInt8], iv: [UInt8]) throws(OMEMOError) -> String {
        let split = tag == nil ? payload.count - AESGCM.tagCount : payload.count
        guard split >= 0 else {
            throw OMEMOError(.tamperedPayload, "The payload is shorter than its authentication tag.")
        }
        let plaintext: [UInt8]
        do {
            plaintext = try AESGCM.open(
                Array(payload[..<split]), tag: tag ?? Array(payload[split...]), key: key, iv: iv)
        } catch {
            throw OMEMOError(.tamperedPayload, "The payload does not fit its authentication tag: it was altered.")
        }
        guard let text = String(validating: plaintext, as: UTF8.self) else {
            throw OMEMOError(.badText, "The decrypted text is not UTF-8.")
        }
        return text
    }
}
