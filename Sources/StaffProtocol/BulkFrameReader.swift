import Foundation
import Sealing

/// Why a bulk stream is not taken any further.
public struct BulkStreamError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong.
    public let reason: String
    /// Nothing wrong came, but the end is missing: go on after the last whole item.
    public let isCut: Bool

    public var description: String {
        isCut ? "The stream ended before it was whole." : "The archive's stream is damaged: \(reason)."
    }
}

/// Reads `BulkStream` from chunks that may end anywhere. Input is hostile until proven otherwise: a
/// frame that is too long is refused before it is collected, numbers and order are checked.
public struct BulkFrameReader: Sendable {
    /// One thing of the stream.
    public enum Frame: Sendable, Equatable {
        /// Comes before the first item that needs it; `number` is its name within this stream.
        case segment(SealedSegment, number: UInt32)
        /// `isClosed`: a task done, a tag taken off, a proposal decided; by whom is not in the stream.
        case item(SealedItem, segment: UInt32, isClosed: Bool)
        /// The last: position of the last item, number of items, number of the last event it reflects.
        case end(position: Int64, items: Int64, event: Int64)
    }

    /// Segments of one stream at most; beyond it the stream is refused (about 400 MB of tokens).
    public static let segmentLimit = 8_000_000

    /// The position of the last item that came whole; where to go on after a cut.
    public private(set) var position: Int64
    /// Items so far.
    public private(set) var items: Int64 = 0
    /// Whether the end came.
    public private(set) var isEnded = false

    private var buffer: [UInt8] = []
    /// Where the unread part of `buffer` begins.
    private var start = 0
    private var hasMagic = false
    private var tokens: [UInt32: Data] = [:]
    private let frameLimit: Int

    /// - Parameter position: what was asked for as `after`: items must lie above it.
    public init(after position: Int64 = 0) { self.init(after: position, frameLimit: BulkStream.frameLimit) }

    package init(after position: Int64, frameLimit: Int) {
        self.position = position
        self.frameLimit = frameLimit
    }

    /// Adds what came. Take frames with `next` before more is added, or memory grows.
    public mutating func append(_ bytes: [UInt8]) {
        if start > 0 {
            buffer.removeFirst(start)
            start = 0
        }
        buffer.append(contentsOf: bytes)
    }

    /// The next whole frame; `nil` when more bytes are needed. Frames of unknown kinds from 0x80 on are
    /// passed over.
    public mutating func next() throws(BulkStreamError) -> Frame? {
        if !hasMagic {
            let magic = BulkStream.magic
            let found = buffer[start...].prefix(magic.count)
            guard magic.starts(with: found) else { throw Self.damaged("it does not begin as one of version 1") }
            guard found.count == magic.count else { return nil }
            hasMagic = true
            start += magic.count
        }
        while true {
            guard buffer.count - start >= 4 else { return nil }
            guard !isEnded else { throw Self.damaged("it goes on after its end") }
            let length = Int(buffer[start..<start + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) })
            guard length >= 1, length <= frameLimit else {
                throw Self.damaged("a frame has \(length) bytes; it may have \(frameLimit)")
            }
            guard buffer.count - start - 4 >= length else { return nil }
            let payload = buffer[start + 5..<start + 4 + length]
            let kind = buffer[start + 4]
            start += 4 + length
            if let frame = try read(kind, payload) { return frame }
        }
    }

    /// Call when the connection has ended. Throws unless the stream was whole.
    public func finish() throws(BulkStreamError) {
        guard !isEnded else {
            guard start == buffer.count else { throw Self.damaged("it goes on after its end") }
            return
        }
        throw BulkStreamError(reason: "its end is missing", isCut: true)
    }

    private mutating func read(_ kind: UInt8, _ payload: ArraySlice<UInt8>) throws(BulkStreamError) -> Frame? {
        guard let kind = BulkStream.FrameKind(rawValue: kind) else {
            guard kind >= 0x80 else { throw Self.damaged("it has a frame of kind \(kind)") }
            return nil
        }
        var fields = Fields(rest: payload)
        switch kind {
        case .segment: return try readSegment(&fields)
        case .item: return try readItem(&fields)
        case .end:
            let last = try fields.number()
            let count = try fields.number()
            let event = try fields.number()
            guard fields.rest.isEmpty, count == items, last == position || items == 0, event >= 0 else {
                throw Self.damaged("its end does not agree with what came")
            }
            isEnded = true
            return .end(position: position, items: items, event: event)
        }
    }

    private mutating func readSegment(_ fields: inout Fields) throws(BulkStreamError) -> Frame {
        let number = try fields.number32()
        let token = try fields.data(16)
        let contact = try fields.number()
        let day = Int32(bitPattern: try fields.number32())
        let index = Int(try fields.byte())
        guard Compartment.allCases.indices.contains(index) else { throw Self.damaged("a compartment is not known") }
        let wrapped = Data(fields.rest)
        guard wrapped.isEmpty || wrapped.count == 97 else { throw Self.damaged("a wrapped key has the wrong length") }
        guard tokens[number] == nil, tokens.count < Self.segmentLimit else {
            throw Self.damaged("a segment's number is used twice, or there are too many")
        }
        tokens[number] = token
        let segment = SealedSegment(
            token: token, contact: contact, day: day, compartment: Compartment.allCases[index], wrapped: wrapped)
        return .segment(segment, number: number)
    }

    private mutating func readItem(_ fields: inout Fields) throws(BulkStreamError) -> Frame {
        let index = Int(try fields.byte())
        let flags = try fields.byte()
        guard SealedItem.Kind.allCases.indices.contains(index), flags & 0xf0 == 0 else {
            throw Self.damaged("an item's kind or flags are not known")
        }
        let kind = SealedItem.Kind.allCases[index]
        let id = try fields.number()
        let position = try fields.number()
        let conversation = try fields.number()
        let number = try fields.number32()
        let storedAt = try fields.number()
        let token = flags & 4 == 0 ? nil : try fields.data(16)
        guard id > 0, conversation > 0, position > self.position else {
            throw Self.damaged("an item is out of order")
        }
        guard let segment = tokens[number] else { throw Self.damaged("an item comes before its segment") }
        self.position = position
        items += 1
        let isMessage = kind == .message
        let item = SealedItem(
            kind: kind, id: id, position: position, conversation: conversation, segment: segment, token: token,
            storedAt: storedAt, sealed: Data(fields.rest), direction: isMessage ? (flags & 1 == 0 ? "in" : "out") : nil,
            protection: isMessage ? (flags & 2 == 0 ? "end-to-end" : "none") : nil)
        return .item(item, segment: number, isClosed: flags & 8 != 0)
    }

    static func damaged(_ reason: String) -> BulkStreamError { BulkStreamError(reason: reason, isCut: false) }

    /// Fixed fields at the beginning of a payload, most significant byte first.
    private struct Fields {
        var rest: ArraySlice<UInt8>

        mutating func take(_ count: Int) throws(BulkStreamError) -> ArraySlice<UInt8> {
            guard rest.count >= count else { throw BulkFrameReader.damaged("a frame ends inside a field") }
            defer { rest = rest.dropFirst(count) }
            return rest.prefix(count)
        }

        mutating func data(_ count: Int) throws(BulkStreamError) -> Data { Data(try take(count)) }
        mutating func byte() throws(BulkStreamError) -> UInt8 { try take(1).reduce(0) { $0 | $1 } }
        mutating func number() throws(BulkStreamError) -> Int64 { try take(8).reduce(0) { $0 << 8 | Int64($1) } }
        mutating func number32() throws(BulkStreamError) -> UInt32 { try take(4).reduce(0) { $0 << 8 | UInt32($1) } }
    }
}
