import HTTPClient

@testable import StaffProtocol

/// The archive as the bridge sends it in one stream (`BulkStream`). The first byte says how it is cut.
enum ArchiveStreamTarget: FuzzTarget {
    static let name = "archive-stream"
    static let longest = 2048

    static func seeds() -> [[UInt8]] {
        func number(_ value: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: value.bigEndian) { Array($0) } }
        func frame(_ kind: UInt8, _ payload: [UInt8]) -> [UInt8] {
            number(UInt32(payload.count + 1)) + [kind] + payload
        }
        func segment(_ name: UInt32, wrapped: Int) -> [UInt8] {
            frame(
                1,
                number(name) + [UInt8](repeating: 7, count: 16) + number(Int64(3)) + number(Int32(20_000)) + [2]
                    + [UInt8](repeating: 1, count: wrapped))
        }
        func item(_ position: Int64, _ kind: UInt8, _ flags: UInt8) -> [UInt8] {
            let token = flags & 4 == 0 ? [] : [UInt8](repeating: 8, count: 16)
            return frame(
                2,
                [kind, flags] + number(position) + number(position) + number(Int64(12)) + number(UInt32(0))
                    + number(Int64(99)) + token + [1, 2])
        }
        let end = frame(3, number(Int64(9)) + number(Int64(2)) + number(Int64(5)))
        let begun = BulkStream.magic + segment(0, wrapped: 97) + item(3, 0, 0)
        return [
            [0] + begun + item(9, 4, 12) + end, [3] + begun + segment(1, wrapped: 0) + frame(0x90, [1]),
            [0] + BulkStream.magic + frame(3, number(Int64(0)) + number(Int64(0)) + number(Int64(0))),
        ]
    }

    static func run(_ input: [UInt8]) throws {
        var reader = InputReader(input)
        let pattern = reader.byte()
        let bytes = Array(reader.rest)
        let (whole, cut) = (read([bytes]), read(pieces(bytes, pattern)))
        try promise(whole.frames == cut.frames && whole.error == cut.error, "cut elsewhere, it is another archive")
        var position: Int64 = 0
        var numbers: Set<UInt32> = []
        for frame in whole.frames {
            switch frame {
            case .segment(_, let number): try promise(numbers.insert(number).inserted, "a segment's number comes twice")
            case .item(let item, let segment, _):
                try promise(item.position > position && numbers.contains(segment), "an item out of order")
                position = item.position
            case .end(let last, _, _): try promise(last == position, "an end that does not fit")
            }
        }
    }

    private static func read(_ chunks: [[UInt8]]) -> (frames: [BulkFrameReader.Frame], error: BulkStreamError?) {
        var frames: [BulkFrameReader.Frame] = []
        var reader = BulkFrameReader(after: 0, frameLimit: 600)
        do throws(BulkStreamError) {
            for chunk in chunks {
                reader.append(chunk)
                while let frame = try reader.next() { frames.append(frame) }
            }
            try reader.finish()
        } catch {
            return (frames, error)
        }
        return (frames, nil)
    }
}

/// Server-sent events of the bridge (WHATWG HTML §9.2). The first byte says how they are cut.
enum EventStreamTarget: FuzzTarget {
    static let name = "event-stream"
    static let longest = 1024
    static let dictionary: String? = "events"

    static func run(_ input: [UInt8]) throws {
        var reader = InputReader(input)
        let pattern = reader.byte()
        let bytes = Array(reader.rest)
        let (whole, cut) = (read([bytes]), read(pieces(bytes, pattern)))
        try promise(whole.failed == cut.failed, "cut elsewhere, it is refused, or no longer refused")
        if !whole.failed { try promise(whole.events == cut.events && whole.lines == cut.lines, "other events") }
        for event in whole.events {
            try promise(!event.data.isEmpty || !event.name.isEmpty, "an event that is none")
            try promise(!event.lastID.utf8.contains(0), "an id that no header can carry")
        }
    }

    private static func read(_ chunks: [[UInt8]]) -> (events: [ServerSentEvent], lines: Int, failed: Bool) {
        var events: [ServerSentEvent] = []
        var lines = 0
        var parser = ServerSentEventParser()
        do throws(HTTPError) {
            for chunk in chunks {
                let taken = try parser.take(chunk)
                events += taken.events
                lines += taken.lines
            }
        } catch {
            return (events, lines, true)
        }
        return (events, lines, false)
    }
}
