/// Keeps session records. Called synchronously, inside the caller's transaction; what it throws
/// reaches the caller of the operation unchanged.
public protocol SessionStore: AnyObject {
    /// The record for this address, `nil` when there is no session.
    func loadSession(_ address: SignalAddress) throws -> [UInt8]?
    /// Keeps the record in place of an older one. A record is some 1 to 200 KB.
    func storeSession(_ record: [UInt8], for address: SignalAddress) throws
    /// Forgets the session; nothing happens when there is none.
    func deleteSession(_ address: SignalAddress) throws
    /// Whether there is a session. The default loads the record.
    func hasSession(_ address: SignalAddress) throws -> Bool
}

extension SessionStore {
    /// Loads the record to see; a store with a cheaper way implements its own.
    public func hasSession(_ address: SignalAddress) throws -> Bool { try loadSession(address) != nil }
}

/// Keeps one-time prekeys.
public protocol PreKeyStore: AnyObject {
    /// The record of a prekey, `nil` when there is none with this id.
    func loadPreKey(_ id: UInt32) throws -> [UInt8]?
    /// Keeps a new prekey. The id was never used before.
    func storePreKey(_ record: [UInt8], id: UInt32) throws
    /// A message used this prekey: it must leave the bundle. The store may keep it loadable for
    /// a while, for other messages that are on their way with it.
    func preKeyWasUsed(_ id: UInt32) throws
}

/// Keeps signed prekeys.
public protocol SignedPreKeyStore: AnyObject {
    /// The record of a signed prekey, `nil` when there is none with this id.
    func loadSignedPreKey(_ id: UInt32) throws -> [UInt8]?
    /// Keeps a new signed prekey.
    func storeSignedPreKey(_ record: [UInt8], id: UInt32) throws
}

/// Keeps our identity and those of others.
public protocol IdentityKeyStore: AnyObject {
    /// Our own identity key.
    func identityKeyPair() throws -> ECKeyPair
    /// Our registration id. OMEMO clients use the device id.
    func localRegistrationID() throws -> UInt32
    /// The library calls this after `isTrusted` said yes, when a session is built.
    func saveIdentity(_ key: ECPublicKey, for address: SignalAddress) throws
    /// Whether a session with this key may be built or go on.
    func isTrusted(_ key: ECPublicKey, for address: SignalAddress) throws -> Bool
}
