import SignalProtocol

/// What people decide about devices. It needs the store only, no ratchet.
extension OMEMOStore {
    /// A person has decided about a device whose key they compared.
    ///
    /// - Parameters:
    ///   - isConfirmed: whether it is the contact's; else nothing more is encrypted to it.
    ///   - key: the key that was shown to them: that of the device, or the one it claims since.
    /// - Returns: whether that key still was the one to decide about; nothing changed otherwise.
    public func decide(_ isConfirmed: Bool, about key: ECPublicKey?, of address: SignalAddress) throws -> Bool {
        guard var device = try device(address), (device.claimedKey ?? device.identityKey) == key else {
            return false
        }
        if isConfirmed, let claimed = device.claimedKey {
            // Exactly the key that was compared, and a new session under it. Refused, the key before it stays, and
            // is refused with the other: which of the two writes now, nobody knows.
            device.identityKey = claimed
            device.firstHeard = nil
            try deleteSession(address)
        }
        device.claimedKey = nil
        device.trust = isConfirmed ? .trusted : .compromised
        device.staleSince = nil
        try saveDevice(device)
        return true
    }

    /// The arrival words were repeated on this device, or staff recognised the person there: it is the contact's.
    /// Of a device that claims another key nothing is taken from this: what came, came under the old one.
    /// - Returns: whether the device awaits no decision now.
    @discardableResult
    public func confirmDevice(_ id: UInt32, of jid: String) throws -> Bool {
        guard var known = try device(SignalAddress(name: jid, deviceID: id)), known.claimedKey == nil else {
            return false
        }
        switch known.trust {
        case .compromised: return false
        case .trusted: return true
        case .undecided, .unconfirmed:
            known.trust = .trusted
            try saveDevice(known)
            return true
        }
    }
}
