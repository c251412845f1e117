import SignalProtocol

import struct Foundation.Date

/// Our own device.
public struct OwnDevice: Sendable {
    /// 1 to 2^31-1 (XEP-0384 v0.3.0 §4.1).
    public let id: UInt32
    /// The identity key, for the device's lifetime.
    public let identity: ECKeyPair

    /// A device as made by `OMEMOEngine.setUp` or read from a store.
    public init(id: UInt32, identity: ECKeyPair) {
        self.id = id
        self.identity = identity
    }
}

/// The signed prekey that stands in our bundle.
public struct CurrentSignedPreKey: Hashable, Sendable {
    /// Names it in the `SignedPreKeyStore`.
    public let id: UInt32
    /// When it was made; its period counts from here.
    public let createdAt: Date

    /// Which signed prekey stands in the bundle since when.
    public init(id: UInt32, createdAt: Date) {
        self.id = id
        self.createdAt = createdAt
    }
}

/// What OMEMO keeps, beyond sessions, prekeys and identities. Everything runs synchronously inside
/// the caller's transaction and is undone with it.
///
/// `preKeyWasUsed` must only mark a prekey (with the time): it stays loadable until
/// `deleteUsedPreKeys`, because another message from the archive may use it too
/// (XEP-0384 v0.3.0 §5).
public protocol OMEMOStore: SessionStore, PreKeyStore, SignedPreKeyStore, IdentityKeyStore {
    /// Our own device, `nil` before `setUp`.
    func ownDevice() throws -> OwnDevice?
    /// Called once, by `setUp`.
    func saveOwnDevice(_ device: OwnDevice) throws

    /// Takes `count` (at least 1) prekey ids that were never given out before, from 1 upwards. The counter is
    /// part of the transaction, and never goes back, not even after a restore.
    /// - Returns: a range; its upper bound may exceed 2^24-2, then the engine refuses it.
    func takePreKeyIDs(_ count: UInt32) throws -> ClosedRange<UInt32>
    /// The records of prekeys no message has used yet, in the order of their ids.
    func unusedPreKeys() throws -> [[UInt8]]
    /// How many `unusedPreKeys` returns.
    func unusedPreKeyCount() throws -> Int
    /// Deletes the prekeys that `preKeyWasUsed` marked.
    func deleteUsedPreKeys() throws

    /// The signed prekey in our bundle, `nil` before `setUp`.
    func currentSignedPreKey() throws -> CurrentSignedPreKey?
    /// Another signed prekey now stands in the bundle.
    func setCurrentSignedPreKey(_ key: CurrentSignedPreKey) throws
    /// Deletes signed prekeys whose ids are smaller than `id`.
    func deleteSignedPreKeys(before id: UInt32) throws

    /// What is known of one device.
    func device(_ address: SignalAddress) throws -> OMEMODevice?
    /// All known devices of an account, active or not, in the order of their ids.
    func devices(of jid: String) throws -> [OMEMODevice]
    /// Inserts or replaces what is known of a device.
    func saveDevice(_ device: OMEMODevice) throws
    /// Forgets everything about an account: devices and sessions.
    func deleteAccount(_ jid: String) throws
}

/// Identities follow from the own device and the device records.
extension OMEMOStore {
    /// The own device's identity.
    public func identityKeyPair() throws -> ECKeyPair { try requireOwnDevice().identity }

    /// OMEMO clients use the device id as the registration id.
    public func localRegistrationID() throws -> UInt32 { try requireOwnDevice().id }

    /// Enters the key into the device's record.
    public func saveIdentity(_ key: ECPublicKey, for address: SignalAddress) throws {
        // The engine makes the record, which needs the time, before it builds a session.
        guard var device = try device(address), device.identityKey != key else { return }
        device.identityKey = key
        try saveDevice(device)
    }

    /// Blind trust on first use: a new key is taken, a changed key of the same device is not.
    /// Whether a device may be written to is decided when encrypting.
    public func isTrusted(_ key: ECPublicKey, for address: SignalAddress) throws -> Bool {
        guard let known = try device(address)?.identityKey else { return true }
        return known == key
    }

    func requireOwnDevice() throws -> OwnDevice {
        guard let own = try ownDevice() else {
            throw OMEMOError(.notSetUp, "This account has no OMEMO keys yet: call setUp first.")
        }
        return own
    }
}
