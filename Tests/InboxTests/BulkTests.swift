import Foundation
import HTTPClient
import Sealing
import StaffProtocol
import Testing
import UnixHTTPServer

@testable import Inbox

/// Writes the bulk stream from its documentation, without the daemon's code.
private struct Frames {
    var bytes = BulkStream.magic

    static func number(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.bigEndian) { Array($0) }
    }

    mutating func frame(_ kind: UInt8, _ payload: [UInt8]) {
        bytes += Self.number(UInt32(payload.count + 1)) + [kind] + payload
    }

    mutating func segment(_ number: UInt32, _ token: UInt8, compartment: UInt8 = 0, wrapped: Int = 97) {
        frame(
            1,
            Self.number(number) + [UInt8](repeating: token, count: 16) + Self.number(Int64(7))
                + Self.number(Int32(20_000)) + [compartment] + [UInt8](repeating: 1, count: wrapped))
    }

    mutating func item(_ position: Int64, segment: UInt32, kind: UInt8 = 0, flags: UInt8 = 0, sealed: [UInt8] = [1, 2])
    {
        let token = flags & 4 == 0 ? [] : [UInt8](repeating: 8, count: 16)
        frame(
            2,
            [kind, flags] + Self.number(position * 2) + Self.number(position) + Self.number(Int64(12))
                + Self.number(segment) + Self.number(Int64(99)) + token + sealed)
    }

    mutating func end(_ position: Int64, _ items: Int64, event: Int64 = 5) {
        frame(3, Self.number(position) + Self.number(items) + Self.number(event))
    }

    static func whole() -> [UInt8] {
        var frames = Frames()
        frames.segment(0, 1)
        frames.item(3, segment: 0)
        frames.segment(1, 2, compartment: 2, wrapped: 0)
        frames.item(9, segment: 1, kind: 4, flags: 0b1100)
        frames.frame(0x90, [1, 2, 3])
        frames.item(10, segment: 0, flags: 0b0011, sealed: [])
        frames.end(10, 3)
        return frames.bytes
    }
}

@Suite struct BulkFrameTests {
    private func read(
        _ bytes: [UInt8], cut: Int? = nil, after: Int64 = 0, limit: Int = 1000
    ) throws -> [BulkFrameReader.Frame] {
        var reader = BulkFrameReader(after: after, frameLimit: limit)
        var frames: [BulkFrameReader.Frame] = []
        let size = cut ?? max(1, bytes.count)
        for start in stride(from: 0, to: bytes.count, by: size) {
            reader.append(Array(bytes[start..<min(start + size, bytes.count)]))
            while let frame = try reader.next() { frames.append(frame) }
        }
        try reader.finish()
        return frames
    }

    @Test(arguments: [nil, 1, 3, 50])
    func aStreamIsReadWhereverChunksEnd(_ cut: Int?) throws {
        let frames = try read(Frames.whole(), cut: cut)
        let first = Data(repeating: 1, count: 16)
        let second = Data(repeating: 2, count: 16)
        #expect(
            frames == [
                .segment(
                    SealedSegment(
                        token: first, contact: 7, day: 20_000, compartment: .conversation,
                        wrapped: Data(repeating: 1, count: 97)), number: 0),
                .item(
                    SealedItem(
                        kind: .message, id: 6, position: 3, conversation: 12, segment: first, storedAt: 99,
                        sealed: Data([1, 2]), direction: "in", protection: "end-to-end"), segment: 0, isClosed: false),
                .segment(
                    SealedSegment(token: second, contact: 7, day: 20_000, compartment: .casework, wrapped: Data()),
                    number: 1),
                .item(
                    SealedItem(
                        kind: .task, id: 18, position: 9, conversation: 12, segment: second,
                        token: Data(repeating: 8, count: 16), storedAt: 99, sealed: Data([1, 2])), segment: 1,
                    isClosed: true),
                .item(
                    SealedItem(
                        kind: .message, id: 20, position: 10, conversation: 12, segment: first, storedAt: 99,
                        sealed: Data(), direction: "out", protection: "none"), segment: 0, isClosed: false),
                .end(position: 10, items: 3, event: 5),
            ])
    }

    @Test func everyCutIsSeenAsOne() throws {
        let bytes = Frames.whole()
        for count in 0..<bytes.count {
            let error = #expect(throws: BulkStreamError.self) { try read(Array(bytes[..<count])) }
            #expect(error?.isCut == true)
        }
    }

    @Test(arguments: [
        // A length beyond the limit, none, another magic, an unknown kind.
        BulkStream.magic + [0, 0, 4, 0, 1], BulkStream.magic + [0, 0, 0, 0], [0x53, 0x49, 0x4c, 0x41, 2],
        BulkStream.magic + [0, 0, 0, 1, 9], BulkStream.magic + [0xff, 0xff, 0xff, 0xff],
    ])
    func whatIsNoStreamIsRefusedAtOnce(_ bytes: [UInt8]) {
        let error = #expect(throws: BulkStreamError.self) { try read(bytes) }
        #expect(error?.isCut == false)
    }

    @Test func whatDoesNotFitTogetherIsRefused() throws {
        let changes: [(inout Frames) -> Void] = [
            { $0.item(3, segment: 0) },
            {
                $0.segment(0, 1)
                $0.segment(0, 2)
            },
            {
                $0.segment(0, 1)
                $0.item(3, segment: 0)
                $0.item(3, segment: 0)
            },
            {
                $0.segment(0, 1)
                $0.item(3, segment: 0)
                $0.end(3, 2)
            },
            {
                $0.segment(0, 1)
                $0.item(3, segment: 0)
                $0.end(4, 1)
            },
            { $0.segment(0, 1, compartment: 4) }, { $0.segment(0, 1, wrapped: 96) },
            {
                $0.segment(0, 1)
                $0.item(3, segment: 0, kind: 6)
            },
            {
                $0.segment(0, 1)
                $0.item(3, segment: 0, flags: 0x10)
            },
            {
                $0.end(0, 0)
                $0.end(0, 0)
            },
            { $0.frame(2, [0, 0, 1]) },
        ]
        for change in changes {
            var frames = Frames()
            change(&frames)
            let error = #expect(throws: BulkStreamError.self) { try read(frames.bytes) }
            #expect(error?.isCut == false)
        }
        // An item that was there before.
        #expect(throws: BulkStreamError.self) { try read(Frames.whole(), after: 3) }
        #expect(throws: BulkStreamError.self) { try read(Frames.whole() + [0]) }
        #expect(throws: BulkStreamError.self) { try read(Frames.whole() + [0, 0, 0, 1, 0x90]) }
    }

    @Test func whatTheBridgeWritesIsReadAsItWas() throws {
        let deployment = try TestDeployment()
        var sealed = try SealedConversation(deployment.verified)
        for text in ["one", "two"] { try sealed.add(text) }
        try sealed.add("three", author: .bot)
        var writer = BulkFrameWriter(after: 5)
        var bytes = writer.start()
        bytes += try writer.frames(
            ArchiveChunk(items: sealed.items, segments: sealed.segments, next: nil, event: 44))
        bytes += writer.finish()
        let frames = try read(bytes, after: 5, limit: BulkStream.frameLimit)
        #expect(
            frames == [.segment(sealed.segments[0], number: 0)]
                + sealed.items.map { .item($0, segment: 0, isClosed: false) } + [
                    .end(position: 30, items: 3, event: 44)
                ])
    }

    @Test func noChangedByteTraps() {
        let bytes = Frames.whole()
        for index in bytes.indices {
            for value: UInt8 in [0, 1, 0x7f, 0x80, 0xff] {
                var altered = bytes
                altered[index] = value
                _ = try? read(altered, cut: 7)
            }
        }
    }
}

@Suite struct BulkFetchTests {
    private let route = "GET /v1/archive"

    private func answer(_ bytes: [UInt8]) -> [UnixHTTPServer.Step] {
        [.chunkedHead(type: BulkStream.contentType), .chunk(bytes), .chunk([])]
    }

    private func positions(_ frames: [BulkFrameReader.Frame]) -> [Int64] {
        frames.compactMap { if case .item(let item, _, _) = $0 { item.position } else { nil } }
    }

    @Test func aCutStreamGoesOnBehindTheLastWholeItem() async throws {
        let desk = try await Desk()
        defer { desk.end() }
        try await desk.connection.logIn()
        var first = Frames()
        first.segment(0, 1)
        first.item(3, segment: 0)
        let afterFirst = first.bytes.count
        first.item(9, segment: 0)
        var second = Frames()
        second.segment(0, 1)
        second.item(9, segment: 0)
        second.end(9, 1, event: 77)
        desk.bridge.once(
            route,
            [.chunkedHead(type: BulkStream.contentType), .chunk(Array(first.bytes[..<(afterFirst + 30)])), .close],
            answer(second.bytes))
        var taken: [BulkFrameReader.Frame] = []
        let end = try await BulkFetch(desk.connection).run { taken += $0 }
        #expect(positions(taken) == [3, 9])
        #expect(end == BulkFetch.End(position: 9, items: 2, event: 77))
        let asked = desk.bridge.server.requests.filter { $0.path == "/v1/archive" }
        #expect(asked.map { $0.query["after"] } == ["0", "3"])
    }

    @Test func aStreamWithoutItsEndIsNotWhole() async throws {
        let desk = try await Desk()
        defer { desk.end() }
        var frames = Frames()
        frames.segment(0, 1)
        desk.bridge.always(route, answer(frames.bytes))
        let error = await caught(BulkStreamError.self) {
            try await BulkFetch(desk.connection).run(attempts: 2) { _ in }
        }
        #expect(error?.isCut == true)
        #expect(desk.bridge.server.requests.count { $0.path == "/v1/archive" } == 2)
    }

    @Test func aDamagedStreamIsNotAskedForAgain() async throws {
        let desk = try await Desk()
        defer { desk.end() }
        desk.bridge.always(route, answer([1, 2, 3, 4, 5, 6]))
        let error = await caught(BulkStreamError.self) { try await BulkFetch(desk.connection).run { _ in } }
        #expect(error?.isCut == false)
        #expect(desk.bridge.server.requests.count { $0.path == "/v1/archive" } == 1)
    }

    @Test func anEmptyArchiveHasAnEnd() async throws {
        let desk = try await Desk()
        defer { desk.end() }
        var frames = Frames()
        frames.end(0, 0, event: 4)
        desk.bridge.always(route, answer(frames.bytes))
        let end = try await BulkFetch(desk.connection).run { _ in }
        #expect(end == BulkFetch.End(position: 0, items: 0, event: 4))
    }
}
