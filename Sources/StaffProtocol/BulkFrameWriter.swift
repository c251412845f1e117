import Foundation
import Sealing

/// Why something could not be written as a bulk stream.
public enum BulkFrameError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A field has not the length that the format gives it.
    case fieldLength(field: String, found: Int, expected: Int)
    /// An item names a segment that the stream was not given.
    case unknownSegment(position: Int64)
    /// A frame would be longer than `BulkStream.frameLimit`.
    case frameTooLong(position: Int64, bytes: Int)
    /// Items came in another order than that of their positions.
    case outOfOrder(position: Int64, after: Int64)

    public var description: String {
        switch self {
        case .fieldLength(let field, let found, let expected):
            "the \(field) of a sealed record has \(found) bytes instead of \(expected)"
        case .unknownSegment(let position): "the segment of the item at position \(position) is missing"
        case .frameTooLong(let position, let bytes):
            "the item at position \(position) takes \(bytes) bytes, more than the \(BulkStream.frameLimit) of a frame"
        case .outOfOrder(let position, let after): "position \(position) comes after \(after)"
        }
    }
}

/// Writes `BulkStream`: first `start()`, then `frames(_:)` for each part, then `finish()`.
///
/// It holds the tokens of the segments that it sent, and forgets them all when there are too many: a
/// segment may therefore come again under a new number.
public struct BulkFrameWriter: Sendable {
    /// Segments remembered at most: about 4 MB.
    static let rememberedSegments = 65_536

    private var numbers: [Data: UInt32] = [:]
    private var nextNumber: UInt32 = 0
    private var position: Int64
    private var items: Int64 = 0
    private var event: Int64?
    private let remembered: Int

    /// - Parameter position: where the stream begins, as it was asked for.
    public init(after position: Int64) { self.init(after: position, remembering: Self.rememberedSegments) }

    init(after position: Int64, remembering limit: Int) {
        self.position = position
        remembered = limit
    }

    /// How many items were written.
    public var count: Int64 { items }

    /// What the stream begins with.
    public func start() -> [UInt8] { BulkStream.magic }

    /// The frames of one part: its items, each after its segment if that was not sent yet.
    public mutating func frames(_ chunk: ArchiveChunk) throws(BulkFrameError) -> [UInt8] {
        // What changes while the stream runs is told by the events after the first part's number.
        if event == nil { event = chunk.event }
        var segments: [Data: SealedSegment] = [:]
        for segment in chunk.segments { segments[segment.token] = segment }
        if numbers.count + segments.count > remembered { numbers.removeAll(keepingCapacity: true) }
        var output: [UInt8] = []
        output.reserveCapacity(
            chunk.items.reduce(0) { $0 + $1.sealed.count + 64 } + chunk.segments.count * 160)
        for item in chunk.items {
            guard item.position > position else {
                throw .outOfOrder(position: item.position, after: position)
            }
            let number = try number(of: item, in: segments, to: &output)
            try Self.write(item, segment: number, to: &output)
            position = item.position
            items += 1
        }
        return output
    }

    /// The last frame: the stream is whole.
    public func finish() -> [UInt8] {
        var output: [UInt8] = []
        output.append(integer: UInt32(1 + 24))
        output.append(BulkStream.FrameKind.end.rawValue)
        output.append(integer: UInt64(bitPattern: position))
        output.append(integer: UInt64(bitPattern: items))
        output.append(integer: UInt64(bitPattern: event ?? 0))
        return output
    }

    private mutating func number(
        of item: SealedItem, in segments: [Data: SealedSegment], to output: inout [UInt8]
    ) throws(BulkFrameError) -> UInt32 {
        if let known = numbers[item.segment] { return known }
        guard let segment = segments[item.segment] else { throw .unknownSegment(position: item.position) }
        let number = nextNumber
        try Self.write(segment, number: number, to: &output)
        nextNumber &+= 1
        numbers[item.segment] = number
        return number
    }

    private static func write(
        _ segment: SealedSegment, number: UInt32, to output: inout [UInt8]
    ) throws(BulkFrameError) {
        try check(segment.token.count, is: SegmentID.byteCount, "segment token")
        if !segment.wrapped.isEmpty { try check(segment.wrapped.count, is: wrappedCount, "wrapped segment key") }
        output.append(integer: UInt32(1 + 4 + SegmentID.byteCount + 8 + 4 + 1 + segment.wrapped.count))
        output.append(BulkStream.FrameKind.segment.rawValue)
        output.append(integer: number)
        output.append(contentsOf: segment.token)
        output.append(integer: UInt64(bitPattern: segment.contact))
        output.append(integer: UInt32(bitPattern: segment.day))
        output.append(segment.compartment.bulkIndex)
        output.append(contentsOf: segment.wrapped)
    }

    private static func write(
        _ item: SealedItem, segment: UInt32, to output: inout [UInt8]
    ) throws(BulkFrameError) {
        if let token = item.token { try check(token.count, is: SegmentID.byteCount, "record token") }
        let length = 1 + 2 + 8 * 3 + 4 + 8 + (item.token?.count ?? 0) + item.sealed.count
        guard length <= BulkStream.frameLimit else { throw .frameTooLong(position: item.position, bytes: length) }
        var flags: UInt8 = 0
        if item.direction == "out" { flags |= 1 }
        if item.protection == "none" { flags |= 2 }
        if item.token != nil { flags |= 4 }
        if item.closedAt != nil { flags |= 8 }
        output.append(integer: UInt32(length))
        output.append(BulkStream.FrameKind.item.rawValue)
        output.append(item.kind.bulkIndex)
        output.append(flags)
        output.append(integer: UInt64(bitPattern: item.id))
        output.append(integer: UInt64(bitPattern: item.position))
        output.append(integer: UInt64(bitPattern: item.conversation))
        output.append(integer: segment)
        output.append(integer: UInt64(bitPattern: item.storedAt))
        if let token = item.token { output.append(contentsOf: token) }
        output.append(contentsOf: item.sealed)
    }

    private static let wrappedCount = 97

    private static func check(_ found: Int, is expected: Int, _ field: String) throws(BulkFrameError) {
        guard found == expected else { throw .fieldLength(field: field, found: found, expected: expected) }
    }
}

extension Compartment {
    /// Its number in the bulk stream: never changes.
    var bulkIndex: UInt8 {
        switch self {
        case .conversation: 0
        case .desk: 1
        case .casework: 2
        case .payments: 3
        }
    }
}

extension SealedItem.Kind {
    /// Its number in the bulk stream, that of `allCases`: never changes.
    var bulkIndex: UInt8 {
        switch self {
        case .message: 0
        case .unreadable: 1
        case .note: 2
        case .tag: 3
        case .task: 4
        case .proposal: 5
        }
    }
}

extension [UInt8] {
    /// Most significant byte first.
    fileprivate mutating func append(integer value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.bigEndian) { unsafe append(contentsOf: $0) }
    }
}
