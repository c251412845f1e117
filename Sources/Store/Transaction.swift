import Foundation
import GRDB
import Messaging
import Sealing

/// What lives on the writer's executor between transactions.
final class WriterState {
    /// The connection, inside a transaction only.
    var db: Database?
    var codecs: [ChannelID: any ChannelCodec] = [:]
    let workingKey: WorkingKey
    /// Replaced when staff change the archive keys.
    var sealer: ArchiveSealer
    let clock: @Sendable () -> Date
    /// Whether the time of day was set.
    var watch: ClockWatch
    /// Segment keys of today, in memory only. A rollback takes those that were made since: their rows
    /// do not exist.
    private(set) var segments: [SegmentSlot: Segment] = [:]
    /// Those made in this transaction, in order.
    private(set) var newSegments: [SegmentSlot] = []
    /// See `TransactionMemory`.
    var memory = TransactionMemory()
    /// Prepared statements of this connection, by where their texts stand in the program.
    var statements: [UnsafeRawPointer: Statement] = [:]

    struct SegmentSlot: Hashable {
        let contact: ContactID
        let day: ArchiveDay
        let compartment: Compartment
    }

    struct Segment {
        let id: Int64
        let key: SegmentKey
    }

    init(workingKey: WorkingKey, sealer: ArchiveSealer, clock: StoreClock) {
        self.workingKey = workingKey
        self.sealer = sealer
        self.clock = clock.now
        watch = ClockWatch(clock)
    }

    func connection() throws -> Database {
        guard let db else { throw StoreError.outsideTransaction }
        return db
    }

    func seal(_ bytes: [UInt8], in field: Field) throws -> [UInt8] { try workingKey.seal(bytes, in: field) }

    func open(_ sealed: [UInt8], in field: Field) throws -> [UInt8] {
        do {
            return try workingKey.open(sealed, in: field)
        } catch {
            throw StoreError.damagedField(table: field.table, column: field.column)
        }
    }

    /// The keyed hash by which an address is found.
    func lookup(_ address: Address) -> [UInt8] {
        if let known = memory.addressHashes[address] { return known }
        let hash = workingKey.lookup(address)
        memory.addressHashes[address] = hash
        return hash
    }

    func forgetSegments() {
        segments.removeAll(keepingCapacity: true)
        newSegments.removeAll(keepingCapacity: true)
    }

    /// A transaction was committed: its segment keys have their rows.
    func segmentsAreCommitted() { newSegments.removeAll(keepingCapacity: true) }

    /// Forgets the segment keys made since there were `count` new ones.
    func forgetSegments(since count: Int) {
        while newSegments.count > count { segments[newSegments.removeLast()] = nil }
    }

    func keep(_ segment: Segment, in slot: SegmentSlot) {
        // A new day leaves the keys of the last one behind.
        if segments.keys.contains(where: { $0.day != slot.day }) { forgetSegments() }
        segments[slot] = segment
        newSegments.append(slot)
    }
}

/// One transaction of the writer: what may be read and written in it. It never leaves the
/// closure it was given to.
public struct Transaction {
    let state: WriterState
    /// The time this transaction stands for.
    public let now: Date

    init(state: WriterState) {
        self.state = state
        now = state.clock()
    }

    func db() throws -> Database { try state.connection() }

    /// What the channel keeps on the writer's executor.
    public func codec(for channel: ChannelID) throws -> any ChannelCodec {
        guard let codec = state.codecs[channel] else { throw StoreError.missingRow(table: "codec") }
        return codec
    }

    /// Runs `body` so that, when it throws, only its own changes are undone.
    public func savepoint<R>(_ body: () throws -> R) throws -> R {
        let db = try db()
        let segments = state.newSegments.count
        try state.run("SAVEPOINT one_message")
        do {
            let result = try body()
            try state.run("RELEASE one_message")
            return result
        } catch {
            state.memory = TransactionMemory()
            // After a disk error SQLite may have rolled back everything already.
            if db.isInsideTransaction {
                state.forgetSegments(since: segments)
                try state.run("ROLLBACK TO one_message")
                try state.run("RELEASE one_message")
            } else {
                state.forgetSegments()
            }
            throw error
        }
    }
}

extension StoreError {
    /// Whether an error belongs to the one message that caused it, so that the others may go on.
    /// Errors of the disk belong to all.
    public static func isOfOneMessage(_ error: any Error) -> Bool { environmental(error) == nil }
}
