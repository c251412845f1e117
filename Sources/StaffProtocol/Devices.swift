import Foundation

/// A device of a contact, as staff see it.
public struct ContactDevice: Codable, Sendable, Equatable {
    /// What is held of it.
    public enum Standing: String, Codable, Sendable, CaseIterable {
        /// Of the contact's first contact: taken on first use.
        case first
        /// It came later, and nobody has decided.
        case unconfirmed
        /// Compared and confirmed by staff, or by the arrival words.
        case confirmed
        /// Refused by staff: nothing goes to it.
        case refused
    }

    /// The id that its app gave it.
    public var device: UInt32
    /// Its identity key: 64 hexadecimal digits; empty while it is not known.
    public var fingerprint: String
    /// Another key that it claims since, not decided yet; `nil`: none.
    public var claimed: String?
    public var standing: Standing
    /// Whether its account's list names it, or it wrote before any list did.
    public var isActive: Bool
    /// Whether replies of staff wait for a decision about it.
    public var awaits: Bool
    public var firstSeen: Milliseconds
    /// When it first wrote, and when it was last heard, to the day; 0 for never.
    public var firstHeard: Milliseconds
    public var lastHeard: Milliseconds
    /// Since when nothing goes to it, because it was silent for long; 0 if not.
    public var staleSince: Milliseconds

    public init(
        device: UInt32, fingerprint: String, claimed: String? = nil, standing: Standing, isActive: Bool, awaits: Bool,
        firstSeen: Milliseconds, firstHeard: Milliseconds, lastHeard: Milliseconds, staleSince: Milliseconds
    ) {
        self.device = device
        self.fingerprint = fingerprint
        self.claimed = claimed
        self.standing = standing
        self.isActive = isActive
        self.awaits = awaits
        self.firstSeen = firstSeen
        self.firstHeard = firstHeard
        self.lastHeard = lastHeard
        self.staleSince = staleSince
    }

    /// What is to be compared now.
    public var compared: String { claimed ?? fingerprint }
}

/// `GET /v1/conversations/{id}/devices`
public struct ContactDevices: Codable, Sendable, Equatable {
    /// In the order in which they were first seen: a device keeps its place.
    public var devices: [ContactDevice]
    /// Replies of staff that wait for a decision.
    public var held: Int

    public init(devices: [ContactDevice], held: Int) {
        self.devices = devices
        self.held = held
    }
}

/// `POST /v1/conversations/{id}/devices/{device}`: it is the contact's, or it is not.
public struct DeviceDecision: Codable, Sendable, Equatable {
    public var confirmed: Bool
    /// `ContactDevice.compared` as it was shown: when it is another by now, that is a `conflict`.
    public var fingerprint: String

    public init(confirmed: Bool, fingerprint: String) {
        self.confirmed = confirmed
        self.fingerprint = fingerprint
    }
}

/// `GET /v1/bridge/identity`: the bridge's own device on XMPP, which is public.
public struct BridgeIdentity: Codable, Sendable, Equatable {
    /// Bare JID.
    public var address: String
    public var device: UInt32
    /// 64 hexadecimal digits.
    public var fingerprint: String

    public init(address: String, device: UInt32, fingerprint: String) {
        self.address = address
        self.device = device
        self.fingerprint = fingerprint
    }
}
