import Foundation
import Sealing
import StaffProtocol
import Testing

@Suite struct ArchiveStreamTests {
    static func item(_ position: Int64, segment: UInt8, sealed: Int = 200) -> SealedItem {
        SealedItem(
            kind: .message, id: position + 100, position: position, conversation: 12,
            segment: Data(repeating: segment, count: 16), storedAt: 1_000 + position,
            sealed: Data(repeating: UInt8(truncatingIfNeeded: position), count: sealed), direction: "in")
    }

    static func segment(_ number: UInt8, wrapped: Int = 97) -> SealedSegment {
        SealedSegment(
            token: Data(repeating: number, count: 16), contact: Int64(number), day: 20_000, compartment: .conversation,
            wrapped: Data(repeating: number, count: wrapped))
    }

    @Test func everythingComesInOrderWithItsSegmentsAndAnEnd() async throws {
        try await withServer { server in
            // More than two parts.
            server.service.put(
                items: (1...1_234).map { Self.item($0, segment: UInt8($0 % 7)) },
                segments: (0..<7).map { Self.segment($0) })
            server.service.emit()
            let token = try await server.logIn(.coordinator)
            let reply = try await server.send("GET", "/v1/archive?after=34", token: token)
            #expect(reply.status == 200)
            #expect(reply.headers["content-type"] == BulkStream.contentType)
            let read = try ReadFrames(reply.body)
            #expect(read.items.map(\.position) == Array(35...1_234))
            #expect(read.segments.count == 7, "each once")
            for item in read.items {
                #expect(item.segmentToken == [UInt8](repeating: UInt8(item.position % 7), count: 16))
                #expect(item.id == item.position + 100)
            }
            #expect(read.end == ReadFrames.End(position: 1_234, items: 1_200, event: 1))
        }
    }

    @Test func anEmptyArchiveIsWholeToo() async throws {
        try await withServer { server in
            let reply = try await server.send("GET", "/v1/archive", token: server.logIn(.coordinator))
            #expect(try ReadFrames(reply.body).end == ReadFrames.End(position: 0, items: 0, event: 0))
        }
    }

    @Test func anErrorAtTheStartIsToldAsOne() async throws {
        try await withServer { server in
            server.service.failArchive(after: 0)
            let reply = try await server.send("GET", "/v1/archive", token: server.logIn(.coordinator))
            #expect(reply.error?.code == .unavailable)
        }
    }

    @Test func anErrorInTheMiddleCutsTheStreamOff() async throws {
        try await withServer { server in
            server.service.put(items: (1...900).map { Self.item($0, segment: 1) }, segments: [Self.segment(1)])
            server.service.failArchive(after: 500)
            let token = try await server.logIn(.coordinator)
            let wire = try Wire(server.path)
            try await wire.send("GET", "/v1/archive", headers: ["Authorization": "Bearer \(token)"])
            #expect(try await wire.head().status == 200)
            var body: [UInt8] = []
            await #expect(throws: Wire.Closed.self, "no last chunk") {
                while let chunk = try await wire.chunk() { body += chunk }
            }
            let read = try ReadFrames(body)
            #expect(read.end == nil)
            #expect(read.items.last?.position == 500)
        }
    }

    @Test func endsWhenTheMemberLeaves() async throws {
        try await withServer { server in
            // More than the socket's buffers take, so that it is still under way.
            server.service.put(
                items: (1...20_000).map { Self.item($0, segment: 1, sealed: 1_000) }, segments: [Self.segment(1)])
            let token = try await server.logIn(.staff)
            let wire = try Wire(server.path)
            try await wire.send("GET", "/v1/archive", headers: ["Authorization": "Bearer \(token)"])
            #expect(try await wire.head().status == 200)
            await server.directory.set(try server.people.with(.dismiss(MemberID.named("staff"))))
            let text = try await wire.rest()
            #expect(text.count < 20_000 * 1_000)
        }
    }
}

@Suite struct BulkFrameWriterTests {
    private func chunk(_ items: [SealedItem], _ segments: [SealedSegment]) -> ArchiveChunk {
        ArchiveChunk(items: items, segments: segments, next: nil, event: 9)
    }

    @Test func theFormatIsAsDocumented() throws {
        var writer = BulkFrameWriter(after: 0)
        var item = ArchiveStreamTests.item(0x0102, segment: 3, sealed: 2)
        item.kind = .task
        item.direction = "out"
        item.protection = "none"
        item.token = Data(repeating: 0xaa, count: 16)
        item.closedAt = 5
        var segment = ArchiveStreamTests.segment(3, wrapped: 0)
        segment.compartment = .casework
        let bytes = writer.start() + (try writer.frames(chunk([item], [segment]))) + writer.finish()
        var expected: [UInt8] = [0x53, 0x49, 0x4c, 0x41, 1]
        expected += [0, 0, 0, 34, 1, 0, 0, 0, 0] + [UInt8](repeating: 3, count: 16)
        expected += [0, 0, 0, 0, 0, 0, 0, 3] + [0, 0, 0x4e, 0x20] + [2]
        expected += [0, 0, 0, 57 + 0, 2, 4, 0b1111]
        expected += [0, 0, 0, 0, 0, 0, 0x01, 0x66] + [0, 0, 0, 0, 0, 0, 0x01, 0x02] + [0, 0, 0, 0, 0, 0, 0, 12]
        expected += [0, 0, 0, 0] + [0, 0, 0, 0, 0, 0, 0x04, 0xea]
        expected += [UInt8](repeating: 0xaa, count: 16) + [2, 2]
        expected += [0, 0, 0, 25, 3, 0, 0, 0, 0, 0, 0, 0x01, 0x02, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 9]
        #expect(bytes == expected)
    }

    @Test func theClientsReaderReadsIt() throws {
        var items = (1...5).map { ArchiveStreamTests.item($0, segment: UInt8($0 % 2)) }
        items[2].token = Data(repeating: 0xaa, count: 16)
        let segments = [ArchiveStreamTests.segment(0), ArchiveStreamTests.segment(1, wrapped: 0)]
        var writer = BulkFrameWriter(after: 0)
        var reader = BulkFrameReader(after: 0)
        reader.append(writer.start() + (try writer.frames(chunk(items, segments))) + writer.finish())
        var found: [SealedItem] = []
        var foundSegments: [SealedSegment] = []
        while let frame = try reader.next() {
            switch frame {
            case .segment(let segment, _): foundSegments.append(segment)
            case .item(let item, _, _): found.append(item)
            case .end(let position, let count, let event): #expect([position, count, event] == [5, 5, 9])
            }
        }
        #expect(reader.isEnded)
        #expect(foundSegments == [segments[1], segments[0]])
        #expect(found.map(\.sealed) == items.map(\.sealed))
        #expect(found.map(\.segment) == items.map(\.segment))
        #expect(found.map(\.token) == items.map(\.token))
    }

    @Test func theNumbersOfKindsAreThoseOfAllCases() throws {
        for (index, kind) in SealedItem.Kind.allCases.enumerated() {
            var writer = BulkFrameWriter(after: 0)
            var item = ArchiveStreamTests.item(1, segment: 1)
            item.kind = kind
            let bytes = try writer.frames(chunk([item], [ArchiveStreamTests.segment(1)]))
            let read = try ReadFrames(BulkStream.magic + bytes)
            #expect(read.items.first?.kind == UInt8(index))
        }
    }

    @Test func unsoundItemsAreNotWritten() throws {
        let segment = ArchiveStreamTests.segment(1)
        let item = ArchiveStreamTests.item(5, segment: 1)
        var writer = BulkFrameWriter(after: 5)
        #expect(throws: BulkFrameError.outOfOrder(position: 5, after: 5)) {
            try writer.frames(chunk([item], [segment]))
        }
        writer = BulkFrameWriter(after: 0)
        #expect(throws: BulkFrameError.unknownSegment(position: 5)) { try writer.frames(chunk([item], [])) }
        var short = item
        short.token = Data([1])
        #expect(throws: BulkFrameError.self) { try writer.frames(chunk([short], [segment])) }
        writer = BulkFrameWriter(after: 0)
        #expect(throws: BulkFrameError.self) {
            try writer.frames(chunk([item], [ArchiveStreamTests.segment(1, wrapped: 96)]))
        }
    }
}

/// Takes a bulk stream apart, as its documentation says.
struct ReadFrames {
    struct Item {
        let kind: UInt8
        let id: Int64
        let position: Int64
        let segmentToken: [UInt8]
    }
    struct End: Equatable {
        let position: Int64
        let items: Int64
        let event: Int64
    }
    struct Malformed: Error {}

    private(set) var segments: [UInt32: [UInt8]] = [:]
    private(set) var items: [Item] = []
    private(set) var end: End?

    /// A frame that did not come whole is left out.
    init(_ bytes: [UInt8]) throws {
        guard bytes.starts(with: BulkStream.magic) else { throw Malformed() }
        var rest = bytes[BulkStream.magic.count...]
        while rest.count >= 4 {
            let length = Int(Self.number(rest.prefix(4)))
            guard rest.count >= 4 + length else { break }
            guard end == nil else { throw Malformed() }
            try read(Array(rest.dropFirst(4).prefix(length)))
            rest = rest.dropFirst(4 + length)
        }
    }

    private mutating func read(_ frame: [UInt8]) throws {
        switch frame[0] {
        case 1: segments[UInt32(Self.number(frame[1..<5]))] = Array(frame[5..<21])
        case 2:
            guard let token = segments[UInt32(Self.number(frame[27..<31]))] else { throw Malformed() }
            items.append(
                Item(
                    kind: frame[1], id: Self.number(frame[3..<11]), position: Self.number(frame[11..<19]),
                    segmentToken: token))
        case 3:
            end = End(
                position: Self.number(frame[1..<9]), items: Self.number(frame[9..<17]),
                event: Self.number(frame[17..<25]))
        default: throw Malformed()
        }
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> Int64 { bytes.reduce(0) { $0 << 8 | Int64($1) } }
}
