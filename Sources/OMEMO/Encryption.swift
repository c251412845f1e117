import SignalProtocol

extension OMEMOEngine {
    /// Encrypts a text for all active devices of these accounts with which there is a session.
    /// - Parameters:
    ///   - text: at most `EncryptedElement.maximumPayload` bytes of UTF-8.
    ///   - jids: bare JIDs; our own may be among them.
    ///   - allows: a further rule of the caller, for instance confirmed devices only.
    /// - Throws: `OMEMOError` (`noRecipient` when an account other than our own would get nothing,
    ///   `payloadTooLarge`), or what the store threw.
    public func encrypt(
        _ text: String, for jids: [String], where allows: (OMEMODevice) -> Bool = { _ in true }
    ) throws -> EncryptedElement {
        let own = try store.requireOwnDevice()
        let plaintext = Array(text.utf8)
        guard plaintext.count <= EncryptedElement.maximumPayload else {
            throw OMEMOError(
                .payloadTooLarge,
                "The text has \(plaintext.count) bytes; \(EncryptedElement.maximumPayload) may be sent.")
        }
        let key = randomBytes(16)
        // 12 bytes, which every current client reads; the key is used once (XEP-0384 v0.3.0 §4.5).
        let iv = randomBytes(12)
        let sealed = try AESGCM.seal(plaintext, key: key, iv: iv)
        var keys: [EncryptedElement.Key] = []
        for jid in jids {
            let before = keys.count
            for device in try recipients(of: jid) where allows(device) {
                guard let key = try encryptKey(key + sealed.tag, for: device.address) else { continue }
                keys.append(key)
                try noteIfLeftBehind(device)
            }
            guard keys.count > before || jid == ownJID else {
                throw OMEMOError(
                    .noRecipient, "The account has no active device with a session: fetch its device list and bundles.")
            }
        }
        guard !keys.isEmpty else { throw OMEMOError(.noRecipient, "The message has no recipient.") }
        return EncryptedElement(sender: own.id, keys: keys, iv: iv, payload: sealed.ciphertext)
    }

    /// A message without content (a key transport, XEP-0384 v0.3.0 §4.6), which completes or renews
    /// the session with one device.
    /// - Throws: `OMEMOError` `noSession`, or what the store threw.
    public func emptyMessage(for jid: String, device: UInt32) throws -> EncryptedElement {
        let own = try store.requireOwnDevice()
        let key = randomBytes(16)
        let iv = randomBytes(12)
        let tag = try AESGCM.seal([], key: key, iv: iv).tag
        guard let encrypted = try encryptKey(key + tag, for: SignalAddress(name: jid, deviceID: device)) else {
            throw OMEMOError(.noSession, "There is no session with the device: fetch its bundle.")
        }
        return EncryptedElement(sender: own.id, keys: [encrypted], iv: iv, payload: nil)
    }

    /// Forward secrecy ends with a device that never answers: its chain is never renewed.
    private func noteIfLeftBehind(_ device: OMEMODevice) throws {
        let now = clock()
        let heard = device.lastHeard ?? device.firstSeen
        guard device.staleSince == nil, now.timeIntervalSince(heard) >= Self.stalePeriod,
            try endpoint.sendingChainLength(of: device.address) >= Self.staleChainLength
        else { return }
        var device = try store.device(device.address) ?? device
        device.staleSince = now
        try store.saveDevice(device)
    }

    /// Whether there is a session with a device.
    public func hasSession(with device: UInt32, jid: String) throws -> Bool {
        try store.hasSession(SignalAddress(name: jid, deviceID: device))
    }

    /// Whether anything was sent to a device since its last answer reached us.
    public func hasAnswered(_ device: UInt32, of jid: String) throws -> Bool {
        try endpoint.sendingChainLength(of: SignalAddress(name: jid, deviceID: device)) > 0
    }

    /// - Returns: `nil` when there is no session with the device.
    private func encryptKey(_ bytes: [UInt8], for address: SignalAddress) throws -> EncryptedElement.Key? {
        do {
            let encrypted = try endpoint.encrypt(bytes, for: address)
            return EncryptedElement.Key(
                recipient: address.deviceID, isPreKey: encrypted.kind == .preKeyMessage, data: encrypted.bytes)
        } catch let error as SignalError where error.kind == .noSession {
            return nil
        } catch let error as SignalError {
            throw OMEMOError(.library, error.description)
        }
    }
}
