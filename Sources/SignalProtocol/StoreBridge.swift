internal import CSignalProtocol

/// Stands between the library's store callbacks and the Swift stores, and carries a Swift error
/// through the C code: a callback keeps the error and returns a code of its own; `run` throws
/// the kept error in place of that code.
final class StoreBridge {
    let sessions: any SessionStore
    let preKeys: any PreKeyStore
    let signedPreKeys: any SignedPreKeyStore
    let identities: any IdentityKeyStore

    /// What one operation did, as far as the callbacks saw it.
    struct Trace {
        var failure: (any Error)?
        var usedPreKeyID: UInt32?
        /// The library loads a signed prekey only to build a session from a prekey message.
        var loadedSignedPreKey = false
        /// The record that "is there a session?" loaded, for the load that follows it. It lives
        /// no longer than the operation, so a rolled-back transaction cannot falsify it.
        var peeked: (address: SignalAddress, record: [UInt8])?
    }

    private(set) var trace = Trace()

    init(
        sessions: any SessionStore, preKeys: any PreKeyStore, signedPreKeys: any SignedPreKeyStore,
        identities: any IdentityKeyStore
    ) {
        self.sessions = sessions
        self.preKeys = preKeys
        self.signedPreKeys = signedPreKeys
        self.identities = identities
    }

    /// Runs one operation of the library.
    /// - Throws: what a store threw, else what `body` threw.
    func run<R>(_ body: () throws -> R) throws -> (result: R, trace: Trace) {
        trace = Trace()
        defer { trace = Trace() }
        let result: R
        do {
            result = try body()
        } catch {
            throw trace.failure ?? error
        }
        // A store's error counts even where the library went on without it.
        if let failure = trace.failure { throw failure }
        return (result, trace)
    }

    // MARK: What the callbacks ask for

    func keep(_ error: any Error) { if trace.failure == nil { trace.failure = error } }

    func hasSession(_ address: SignalAddress) throws -> Bool {
        guard let record = try sessions.loadSession(address) else { return false }
        trace.peeked = (address, record)
        return true
    }

    func loadSession(_ address: SignalAddress) throws -> [UInt8]? {
        if let peeked = trace.peeked, peeked.address == address {
            trace.peeked = nil
            return peeked.record
        }
        return try sessions.loadSession(address)
    }

    func storeSession(_ record: [UInt8], for address: SignalAddress) throws {
        trace.peeked = nil
        try sessions.storeSession(record, for: address)
    }

    func preKeyWasUsed(_ id: UInt32) throws {
        try preKeys.preKeyWasUsed(id)
        trace.usedPreKeyID = id
    }

    func loadSignedPreKey(_ id: UInt32) throws -> [UInt8]? {
        trace.loadedSignedPreKey = true
        return try signedPreKeys.loadSignedPreKey(id)
    }
}
