import HTTPClient
import Testing

@Suite struct ServerSentEventTests {
    private func events(_ text: String, cut: Int? = nil) throws -> [ServerSentEvent] {
        var parser = ServerSentEventParser(lastID: "0")
        let bytes = Array(text.utf8)
        var events: [ServerSentEvent] = []
        let size = cut ?? bytes.count
        for start in stride(from: 0, to: bytes.count, by: max(1, size)) {
            events += try parser.take(Array(bytes[start..<min(start + size, bytes.count)])).events
        }
        return events
    }

    @Test(arguments: [nil, 1, 2, 3, 7])
    func eventsAreReadWhereverChunksEnd(_ cut: Int?) throws {
        let text =
            "\u{feff}: hello\n\nid: 5\nevent: item\ndata: {\"a\":1}\n\ndata:one\r\ndata: two\r\n\r\nid: 6\rdata\r\r"
        let found = try events(text, cut: cut)
        #expect(
            found == [
                ServerSentEvent(name: "item", data: "{\"a\":1}", lastID: "5"),
                ServerSentEvent(name: "message", data: "one\ntwo", lastID: "5"),
                ServerSentEvent(name: "message", data: "", lastID: "6"),
            ])
    }

    @Test func anEventThatIsNotFinishedDoesNotCount() throws {
        #expect(try events("data: a\n").isEmpty)
    }

    @Test func heartbeatsAreLinesOnly() throws {
        var parser = ServerSentEventParser()
        let taken = try parser.take(Array(":\n:\n".utf8))
        #expect(taken.events.isEmpty)
        #expect(taken.lines == 2)
    }

    @Test func aLineWithoutEndIsRefused() {
        #expect(throws: HTTPError(.tooLarge)) {
            try events(String(repeating: "a", count: ServerSentEventParser.limit + 1), cut: 1000)
        }
        #expect(throws: HTTPError(.tooLarge)) { try events(String(repeating: "data: aaaaaaaaa\n", count: 10_000)) }
    }
}
