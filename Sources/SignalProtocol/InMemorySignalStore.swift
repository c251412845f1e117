/// All four stores in memory, for tests and test peers. Nothing of it survives the process.
public final class InMemorySignalStore: SessionStore, PreKeyStore, SignedPreKeyStore, IdentityKeyStore {
    /// Session records.
    public var sessions: [SignalAddress: [UInt8]] = [:]
    /// Records of prekeys not used yet.
    public var preKeys: [UInt32: [UInt8]] = [:]
    /// Records of signed prekeys.
    public var signedPreKeys: [UInt32: [UInt8]] = [:]
    /// The identity keys of others, as first seen.
    public var identities: [SignalAddress: ECPublicKey] = [:]
    /// The ids given to `preKeyWasUsed`, in order.
    public private(set) var usedPreKeys: [UInt32] = []
    private let identity: ECKeyPair
    private let registrationID: UInt32

    /// An empty store of a device with this identity.
    public init(identity: ECKeyPair, registrationID: UInt32) {
        self.identity = identity
        self.registrationID = registrationID
    }

    public func loadSession(_ address: SignalAddress) throws -> [UInt8]? { sessions[address] }
    public func storeSession(_ record: [UInt8], for address: SignalAddress) throws { sessions[address] = record }
    public func deleteSession(_ address: SignalAddress) throws { sessions[address] = nil }

    public func loadPreKey(_ id: UInt32) throws -> [UInt8]? { preKeys[id] }
    public func storePreKey(_ record: [UInt8], id: UInt32) throws { preKeys[id] = record }
    public func preKeyWasUsed(_ id: UInt32) throws {
        preKeys[id] = nil
        usedPreKeys.append(id)
    }

    public func loadSignedPreKey(_ id: UInt32) throws -> [UInt8]? { signedPreKeys[id] }
    public func storeSignedPreKey(_ record: [UInt8], id: UInt32) throws { signedPreKeys[id] = record }

    public func identityKeyPair() throws -> ECKeyPair { identity }
    public func localRegistrationID() throws -> UInt32 { registrationID }
    public func saveIdentity(_ key: ECPublicKey, for address: SignalAddress) throws { identities[address] = key }
    /// Trust on first use: an unknown key is trusted, a changed one is not.
    public func isTrusted(_ key: ECPublicKey, for address: SignalAddress) throws -> Bool {
        identities[address].map { $0 == key } ?? true
    }
}
