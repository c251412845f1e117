import struct Foundation.Date

/// A text on its way to an address.
public struct Draft: Sendable {
    public let to: Address
    public let text: String
    public let originID: OriginID
    public let protection: Protection
    /// It concerns the person: it goes to no device that was taken off their list a while ago.
    public let isPersonal: Bool

    public init(
        to: Address, text: String, originID: OriginID, protection: Protection, isPersonal: Bool = false
    ) {
        self.isPersonal = isPersonal
        self.to = to
        self.text = text
        self.originID = originID
        self.protection = protection
    }
}

/// A message made ready for the wire: ciphertext for each device, in the channel's own format.
public struct Prepared: Sendable {
    public let bytes: [UInt8]
    public init(bytes: [UInt8]) { self.bytes = bytes }
}

/// What preparing needs from the network first (key bundles). Opaque outside the channel.
public protocol PreparationMaterial: Sendable {}

/// Whether a draft can be prepared with what the store already holds.
public enum Readiness: Sendable {
    case ready
    /// The link must fetch material first (device list, bundles).
    case needsMaterial
}

/// The half of a channel that touches ratchets. It lives on the database writer's executor and
/// is called only inside a write transaction: what it stores commits or rolls back with the rest.
/// It keeps nothing in memory that a rollback would falsify.
public protocol ChannelCodec: AnyObject {
    /// Opens an envelope. Throws `PoisonError` or an error of the store.
    func open(_ envelope: Envelope) throws -> Opened
    /// Called after a message was set aside, in the transaction that keeps it: what must change so
    /// that the same words sent again can be read.
    func recover(from poison: PoisonError, in envelope: Envelope) throws
    func readiness(for draft: Draft) throws -> Readiness
    /// Encrypts and builds the stanza. `material` is what `ChannelLink.material` brought.
    func prepare(_ draft: Draft, material: (any PreparationMaterial)?) throws -> Prepared
}

extension ChannelCodec {
    /// Changes nothing.
    public func recover(from poison: PoisonError, in envelope: Envelope) throws {}
}

/// What cannot be opened and never will be: malformed, replayed, tampered. The message is set
/// aside and shown; the others go on.
public struct PoisonError: Error, Sendable, CustomStringConvertible {
    /// A short fixed code for lists and counts: `bad-mac`, `replayed`, `malformed`.
    public let code: String
    /// What staff read. Holds no content of the message.
    public let reason: String
    /// The same words sent again may be readable, so the contact is asked for them.
    public let asksAgain: Bool

    public init(code: String, reason: String, asksAgain: Bool = false) {
        self.code = code
        self.reason = reason
        self.asksAgain = asksAgain
    }

    public var description: String { "\(code): \(reason)" }
}

/// A message whose fate is not known after a lost connection.
public struct HandedOver: Sendable {
    public let outbox: OutboxID
    public let to: Address
    public let originID: OriginID
    public let handedOverAt: Date

    public init(outbox: OutboxID, to: Address, originID: OriginID, handedOverAt: Date) {
        self.outbox = outbox
        self.to = to
        self.originID = originID
        self.handedOverAt = handedOverAt
    }
}

/// What the channel's own archive says about a message handed over before the connection broke.
public enum Settlement: Sendable, Equatable {
    /// The server has it.
    case delivered
    /// The server surely does not have it: it may be sent again.
    case absent
    /// It cannot be known: shown as uncertain, never repeated blindly.
    case unknown
}

/// The half of a channel that speaks to the network. One task runs it until it is cancelled.
public protocol ChannelLink: Sendable {
    var id: ChannelID { get }
    /// Connects, catches up, receives, reconnects with back-off; returns only when cancelled or
    /// when going on makes no sense (wrong password, wrong certificate pin).
    func run(_ host: any LinkHost) async throws
    /// Fetches what a draft to `address` needs. Throws `UndeliverableError` when the address can
    /// take no encrypted message.
    func material(for address: Address) async throws -> any PreparationMaterial
    /// Gives the bytes to the transport. Confirmation comes later through `LinkHost.confirmed`. When it
    /// throws, the bytes surely did not leave and never will.
    func handOver(_ prepared: Prepared, outbox: OutboxID) async throws
    /// These messages are committed: the server may forget them, the sender may be told.
    func acknowledge(_ tokens: [AcknowledgementToken]) async
    /// Asks the channel's own archive which of these arrived.
    func settle(_ messages: [HandedOver]) async throws -> [OutboxID: Settlement]
}

/// An address cannot take a message now; the person must do something first.
public struct UndeliverableError: Error, Sendable, CustomStringConvertible {
    public let code: String
    public let reason: String
    /// Whether trying again later can help.
    public let isTemporary: Bool

    public init(code: String, reason: String, isTemporary: Bool) {
        self.code = code
        self.reason = reason
        self.isTemporary = isTemporary
    }

    public var description: String { "\(code): \(reason)" }
}

/// What the bridge offers a channel's link.
public protocol LinkHost: Sendable {
    /// Takes one envelope in. Returns when it is queued, and waits while the queue is full;
    /// `acknowledge` follows after the commit.
    func received(_ envelope: Envelope) async
    /// Waits until everything received so far is committed or set aside.
    func drain() async
    /// Runs `body` inside a write transaction on the writer's executor, with the codec.
    func withCodec<R: Sendable>(_ body: @escaping @Sendable (any ChannelCodec) throws -> R) async throws -> R
    /// The same, unless something that is encrypted for the address has not surely left: then `body` is not run.
    func withCodec<R: Sendable>(
        unlessUnderWayTo address: Address, _ body: @escaping @Sendable (any ChannelCodec) throws -> R
    ) async throws -> R?
    /// The last archive position committed for this channel, `nil` at the first start.
    func archivePosition() async throws -> ArchivePosition?
    /// What is kept of this channel's stream.
    var streams: any StreamKeeper { get }
    /// The stream is up and catch-up has ended. `resumed`: the server kept the old stream, so
    /// what was handed over is still on its way.
    func online(resumed: Bool) async
    /// The server has taken these.
    func confirmed(_ ids: [OutboxID]) async
    /// Something that people must see, beyond the log.
    func raise(_ alarm: Alarm, count: Int) async
    /// The stream is gone; what was handed over and not confirmed waits for `online`.
    func offline(reason: String) async
}

/// What staff are told of the bridge itself, by fixed words.
public enum Alarm: String, Sendable, CaseIterable {
    /// The account's own device list named devices that nobody had confirmed: they were removed. Somebody else
    /// has the account's password.
    case ownDeviceRemoved = "own-device-removed"
    /// The store was made of a backup: what was done after that is gone, and everybody must know.
    case restoredFromBackup = "restored-from-backup"
}
