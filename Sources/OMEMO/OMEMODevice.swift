import SignalProtocol

import struct Foundation.Date

/// What is held of a device's identity key.
public enum DeviceTrust: String, Hashable, Sendable, Codable, CaseIterable {
    /// Taken on first use: it belongs to the account's first contact, and nobody has looked.
    case undecided
    /// It came later, and nobody has looked: used for what is for everybody, not for what concerns the person.
    case unconfirmed
    /// Confirmed by a person.
    case trusted
    /// Refused by a person: nothing is encrypted to it.
    case compromised
}

/// One device of an account, as we know it.
public struct OMEMODevice: Hashable, Sendable {
    /// The account (bare JID) and the device's id.
    public let address: SignalAddress
    /// Known since a session was built with the device.
    public var identityKey: ECPublicKey?
    /// Whether the account's device list names it, or it wrote to us before any list named it.
    public var isActive: Bool
    /// When a list or a message first named it.
    public var firstSeen: Date
    /// When its first text was decrypted; `nil`: it never wrote to us.
    public var firstHeard: Date?
    /// What people have decided about it.
    public var trust: DeviceTrust
    /// Whether a list of its account has named it.
    public var wasListed = false
    /// Another identity key that the device has claimed since, and that nobody has decided about: nothing
    /// under it is read or written.
    public var claimedKey: ECPublicKey?
    /// When something of it was last decrypted, to the day: it is not written down more often.
    public var lastHeard: Date?
    /// Since when it counts as left behind: nothing of it came for long, and much was sent. `nil`: it does not.
    public var staleSince: Date?

    /// A device; new ones are active and undecided.
    public init(
        address: SignalAddress, identityKey: ECPublicKey? = nil, isActive: Bool = true, firstSeen: Date,
        firstHeard: Date? = nil, trust: DeviceTrust = .undecided
    ) {
        self.address = address
        self.identityKey = identityKey
        self.isActive = isActive
        self.firstSeen = firstSeen
        self.firstHeard = firstHeard
        self.trust = trust
    }

    /// Whether what concerns the person waits for a decision about this device.
    public var awaitsDecision: Bool {
        isActive && trust != .compromised && (trust == .unconfirmed || claimedKey != nil)
    }
}

extension ECPublicKey {
    /// The fingerprint people compare: 64 hexadecimal digits in eight groups, as Conversations
    /// and others show it.
    public var fingerprint: String {
        let digits = raw.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }
        return stride(from: 0, to: digits.count, by: 4)
            .map { digits[$0..<min($0 + 4, digits.count)].joined() }
            .joined(separator: " ")
    }
}
