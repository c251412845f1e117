import SignalProtocol

/// An `OMEMOStore` in memory, for tests and test peers, with transactions made of snapshots.
public final class InMemoryOMEMOStore: OMEMOStore {
    /// Everything the store holds, as a value.
    public struct State: Sendable {
        /// `nil` before `setUp`.
        public var own: OwnDevice?
        /// The counter of prekey ids.
        public var lastPreKeyID: UInt32 = 0
        /// Session records.
        public var sessions: [SignalAddress: [UInt8]] = [:]
        /// Records of prekeys, used ones among them.
        public var preKeys: [UInt32: [UInt8]] = [:]
        /// Ids of used prekeys that are not deleted yet.
        public var usedPreKeys: Set<UInt32> = []
        /// Records of signed prekeys.
        public var signedPreKeys: [UInt32: [UInt8]] = [:]
        /// `nil` before `setUp`.
        public var currentSignedPreKey: CurrentSignedPreKey?
        /// What is known of others' devices.
        public var devices: [SignalAddress: OMEMODevice] = [:]
    }

    /// What the store holds; assigning an earlier value is a rollback.
    public var state = State()

    /// An empty store.
    public init() {}

    /// Runs `body`, and undoes all it stored if it throws.
    public func transaction<R>(_ body: () throws -> R) throws -> R {
        let snapshot = state
        do {
            return try body()
        } catch {
            state = snapshot
            throw error
        }
    }

    public func loadSession(_ address: SignalAddress) throws -> [UInt8]? { state.sessions[address] }
    public func storeSession(_ record: [UInt8], for address: SignalAddress) throws { state.sessions[address] = record }
    public func deleteSession(_ address: SignalAddress) throws { state.sessions[address] = nil }
    public func hasSession(_ address: SignalAddress) throws -> Bool { state.sessions[address] != nil }

    public func loadPreKey(_ id: UInt32) throws -> [UInt8]? { state.preKeys[id] }
    public func storePreKey(_ record: [UInt8], id: UInt32) throws { state.preKeys[id] = record }
    public func preKeyWasUsed(_ id: UInt32) throws { state.usedPreKeys.insert(id) }

    public func loadSignedPreKey(_ id: UInt32) throws -> [UInt8]? { state.signedPreKeys[id] }
    public func storeSignedPreKey(_ record: [UInt8], id: UInt32) throws { state.signedPreKeys[id] = record }

    public func ownDevice() throws -> OwnDevice? { state.own }
    public func saveOwnDevice(_ device: OwnDevice) throws { state.own = device }

    public func takePreKeyIDs(_ count: UInt32) throws -> ClosedRange<UInt32> {
        let first = state.lastPreKeyID + 1
        state.lastPreKeyID += count
        return first...state.lastPreKeyID
    }

    public func unusedPreKeys() throws -> [[UInt8]] {
        state.preKeys.filter { !state.usedPreKeys.contains($0.key) }.sorted { $0.key < $1.key }.map(\.value)
    }
    public func unusedPreKeyCount() throws -> Int {
        state.preKeys.keys.count { !state.usedPreKeys.contains($0) }
    }
    public func deleteUsedPreKeys() throws {
        for id in state.usedPreKeys { state.preKeys[id] = nil }
        state.usedPreKeys = []
    }

    public func currentSignedPreKey() throws -> CurrentSignedPreKey? { state.currentSignedPreKey }
    public func setCurrentSignedPreKey(_ key: CurrentSignedPreKey) throws { state.currentSignedPreKey = key }
    public func deleteSignedPreKeys(before id: UInt32) throws {
        state.signedPreKeys = state.signedPreKeys.filter { $0.key >= id }
    }

    public func device(_ address: SignalAddress) throws -> OMEMODevice? { state.devices[address] }
    public func devices(of jid: String) throws -> [OMEMODevice] {
        state.devices.values.filter { $0.address.name == jid }.sorted { $0.address.deviceID < $1.address.deviceID }
    }
    public func saveDevice(_ device: OMEMODevice) throws { state.devices[device.address] = device }
    public func deleteAccount(_ jid: String) throws {
        state.devices = state.devices.filter { $0.key.name != jid }
        state.sessions = state.sessions.filter { $0.key.name != jid }
    }
}
