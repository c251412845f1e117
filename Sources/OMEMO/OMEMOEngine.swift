import SignalProtocol

import struct Foundation.Date
import typealias Foundation.TimeInterval

/// OMEMO for one account: its own keys, the sessions with others, messages out and in.
///
/// Everything it knows stands in the store: it keeps nothing between calls, so a rolled-back
/// transaction leaves no trace, and what failed can be tried again. **When a call throws, roll the
/// transaction (or savepoint) back:** the library may have written an identity before it failed.
///
/// Not `Sendable`, like the context: one actor owns it, the one that owns the store.
public final class OMEMOEngine {
    /// Prekeys in a fresh bundle (XEP-0384 v0.3.0 §4.3 asks for about 100).
    public static let preKeyCount = 100
    /// How long a signed prekey stands in the bundle; it is kept as long again for messages that
    /// are on their way. In seconds: 28 days.
    public static let signedPreKeyPeriod: TimeInterval = 28 * 24 * 60 * 60
    /// From this number in a chain on, we have been silent so long that an answer is due.
    public static let staleCounter: UInt32 = 53

    /// A device counts as left behind when nothing of it was decrypted for this long, in seconds (60 days) …
    public static let stalePeriod: TimeInterval = 60 * 24 * 60 * 60
    /// … and when so many messages went to it in one chain, without an answer. A client that still reads sends an
    /// empty message long before.
    public static let staleChainLength: UInt32 = 100
    /// How exactly it is known when a device was last heard, in seconds: a day.
    static let heardPrecision: TimeInterval = 24 * 60 * 60

    let store: any OMEMOStore
    let context: SignalContext
    let endpoint: SignalEndpoint
    let ownJID: String?
    let clock: () -> Date

    /// - Parameters:
    ///   - ownJID: our bare JID. With it, only devices of our own account that a person confirmed
    ///     are encrypted to.
    ///   - clock: the time, for `firstSeen` and the age of signed prekeys.
    public init(
        context: SignalContext, store: any OMEMOStore, ownJID: String? = nil, clock: @escaping () -> Date = Date.init
    ) throws {
        self.context = context
        self.store = store
        self.ownJID = ownJID
        self.clock = clock
        endpoint = try SignalEndpoint(
            context: context, sessions: store, preKeys: store, signedPreKeys: store, identities: store)
    }

    /// Makes whatever is missing of identity, device id, signed prekey and prekeys. A second call
    /// changes nothing.
    /// - Parameter taken: device ids the account's list already names, which are not chosen
    ///   (XEP-0384 v0.3.0 §5).
    /// - Returns: whether something was made, so that list and bundle must be published.
    @discardableResult
    public func setUp(avoiding taken: DeviceList = DeviceList()) throws -> Bool {
        var made = false
        if try store.ownDevice() == nil {
            var id = UInt32.random(in: 1...UInt32(Int32.max))
            while taken.contains(id) { id = UInt32.random(in: 1...UInt32(Int32.max)) }
            try store.saveOwnDevice(OwnDevice(id: id, identity: try context.generateKeyPair()))
            made = true
        }
        if try store.currentSignedPreKey() == nil {
            try makeSignedPreKey(now: clock())
            made = true
        }
        if try store.unusedPreKeyCount() == 0 { made = try replenish() || made }
        return made
    }

    /// The account's device list with our own device in it: publish it if it differs from
    /// `published` (XEP-0384 v0.3.0 §4.3).
    public func deviceList(containingOwn published: DeviceList = DeviceList()) throws -> DeviceList {
        var list = published
        list.insert(try store.requireOwnDevice().id)
        return list
    }

    /// Our bundle as it should be published now: all prekeys that no message has used.
    public func bundle() throws -> PreKeyBundle {
        let own = try store.requireOwnDevice()
        guard let current = try store.currentSignedPreKey(), let record = try store.loadSignedPreKey(current.id) else {
            throw OMEMOError(.notSetUp, "This account has no signed prekey: call setUp first.")
        }
        let signed = try context.signedPreKey(record: record)
        let preKeys = try store.unusedPreKeys().map { try context.preKey(record: $0) }
        return PreKeyBundle(
            identityKey: own.identity.publicKey, signedPreKeyID: signed.id, signedPreKey: signed.publicKey,
            signature: signed.signature, preKeys: preKeys.map { .init(id: $0.id, key: $0.publicKey) })
    }

    /// Fills the prekeys up to `preKeyCount`. To be called when messages have used some, and not
    /// while the archive is being read.
    /// - Returns: whether new ones were made, so that the bundle must be published again.
    public func replenish() throws -> Bool {
        let missing = try Self.preKeyCount - store.unusedPreKeyCount()
        guard missing > 0 else { return false }
        let ids = try takeIDs(UInt32(missing))
        for preKey in try context.generatePreKeys(ids: ids) {
            try store.storePreKey(preKey.record, id: preKey.id)
        }
        return true
    }

    /// Deletes the prekeys that messages have used, once none on its way can need them any more
    /// (XEP-0384 v0.3.0 §5), and fills up.
    /// - Returns: whether the bundle must be published again.
    public func replaceUsedPreKeys() throws -> Bool {
        try store.deleteUsedPreKeys()
        return try replenish()
    }

    /// Our device's id, `nil` before `setUp`.
    public func ownDeviceID() throws -> UInt32? { try store.ownDevice()?.id }

    /// Replaces the signed prekey when its period is over, and deletes the one before the last.
    /// - Returns: whether it was replaced, so that the bundle must be published again.
    public func rotateSignedPreKeyIfDue(now: Date) throws -> Bool {
        guard let current = try store.currentSignedPreKey() else {
            throw OMEMOError(.notSetUp, "This account has no signed prekey: call setUp first.")
        }
        guard now.timeIntervalSince(current.createdAt) >= Self.signedPreKeyPeriod else { return false }
        try makeSignedPreKey(now: now)
        try store.deleteSignedPreKeys(before: current.id)
        return true
    }

    private func makeSignedPreKey(now: Date) throws {
        let own = try store.requireOwnDevice()
        // The same counter as for prekeys: it never gives an id twice, also after a restore.
        let id = try takeIDs(1).lowerBound
        let key = try context.generateSignedPreKey(
            id: id, timestamp: UInt64(exactly: (now.timeIntervalSince1970 * 1000).rounded()) ?? 0,
            identity: own.identity)
        try store.storeSignedPreKey(key.record, id: id)
        try store.setCurrentSignedPreKey(CurrentSignedPreKey(id: id, createdAt: now))
    }

    private func takeIDs(_ count: UInt32) throws -> ClosedRange<UInt32> {
        let ids = try store.takePreKeyIDs(count)
        guard ids.lowerBound >= 1, ids.upperBound <= SignalContext.largestPreKeyID else {
            throw OMEMOError(
                .preKeyIDsExhausted, "All prekey ids have been used: the account needs a new device identity.")
        }
        return ids
    }
}
