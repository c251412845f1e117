import Foundation
import Testing

@testable import InboxReader

/// Whole windows as they are seen, kept in `Screens/`. To look at a change: run with SILA_RECORD_SCREENS=1 and
/// read what git shows.
struct ScreenTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Screens")

    private func expect(
        _ desk: Desk, is name: String, language: String = "en", setter: Typesetter = Typesetter(),
        _ location: SourceLocation = #_sourceLocation
    ) throws {
        let screen = try desk.screen(language: language, setter: setter).joined(separator: "\n") + "\n"
        let file = Self.folder.appending(path: name + ".txt")
        if ProcessInfo.processInfo.environment["SILA_RECORD_SCREENS"] != nil {
            try screen.write(to: file, atomically: true, encoding: .utf8)
        }
        let wanted = try String(contentsOf: file, encoding: .utf8)
        #expect(screen == wanted, "the window differs from Screens/\(name).txt:\n\(screen)", sourceLocation: location)
    }

    @Test("The list: danger, who waits longest, the rest; more about the chosen one")
    func list() throws {
        try expect(.ready(), is: "list")
        try expect(.ready(), is: "list-nl", language: "nl")
        try expect(.ready(columns: 40, rows: 20), is: "list-narrow")
        try expect(.ready(columns: 120, rows: 40), is: "list-wide")
    }

    @Test("An empty list, and one that cannot be fetched")
    func emptyAndOffline() throws {
        try expect(.ready(list: []), is: "list-empty")
        var desk = Desk()
        desk.answer {
            if case .list = $0 { true } else { false }
        } with: {
            .failure(ReaderFailure(.offline))
        }
        try expect(desk, is: "list-offline")
    }

    @Test("A conversation: where encryption ends, who wrote, how far it came; Arabic at the right edge")
    func conversation() throws {
        try expect(.open(), is: "conversation")
        try expect(.open(columns: 40, rows: 20), is: "conversation-narrow")
        var desk = Desk.open()
        desk.press(.home)
        try expect(desk, is: "conversation-top")
        try expect(desk, is: "conversation-top-bidi", setter: Typesetter(reorders: true))
    }

    @Test("What cannot be shown is named")
    func absent() throws {
        let bodies: [ReaderLine.Body] = [
            .withheld, .damaged, .erased, .unreadable("no-session"),
            .file(.init(kind: .voice, id: "a3", size: "34 kB", state: .heard)),
        ]
        let lines = bodies.enumerated().map { index, body in
            ReaderLine(
                .contact, number: Int64(index), shortID: "m\(index)", position: Int64(index), at: Desk.now, body: body,
                endsAt: index == 1 ? ReaderEnd.none : .bridge,
                remarks: index == 1 ? [.doubtful] : index == 2 ? [.newDevice] : [])
        }
        try expect(.open(lines: lines), is: "conversation-absent")
    }

    @Test("Writing, and what is asked before it goes")
    func reply() throws {
        var desk = Desk.open()
        desk.press(.character("r"))
        desk.type("Dag Karim,")
        desk.press(.enter)
        desk.type("we schrijven je morgen.")
        try expect(desk, is: "reply")
        desk.press(.control("s"))
        try expect(desk, is: "reply-confirm")
    }

    @Test("A colleague wrote while one was writing")
    func conflict() throws {
        var desk = Desk.open()
        desk.press(.character("r"))
        desk.type("Dag Karim")
        desk.send(.event(.changed(7)))
        desk.answerOpen(Desk.karim, Desk.lines + [Desk.colleague])
        try expect(desk, is: "reply-colleague")
        desk.press(.control("s"))
        try expect(desk, is: "reply-colleague-confirm")
    }

    @Test("A proposal that waits for a second person")
    func proposal() throws {
        var row = Desk.karim
        row.proposals = 1
        var desk = Desk.open(row: row, lines: Desk.lines + [Desk.proposal])
        try expect(desk, is: "conversation-proposal")
        desk.press(.character("p"))
        try expect(desk, is: "proposal")
        desk.press(.enter)
        try expect(desk, is: "proposal-confirm")
    }

    @Test("Suggestions beside each other, and below each other in a narrow window")
    func suggestions() throws {
        for (columns, rows, name) in [(80, 24, "suggestions"), (40, 20, "suggestions-narrow")] {
            var desk = Desk.open(columns: columns, rows: rows)
            desk.press(.character("s"))
            desk.answer {
                if case .suggestions = $0 { true } else { false }
            } with: {
                .success(.suggestions([Desk.suggestion, Desk.unreleased]))
            }
            try expect(desk, is: name)
            desk.press(.right)
            try expect(desk, is: name + "-unreleased")
        }
    }

    @Test("Help, choices, results")
    func others() throws {
        var desk = Desk.ready()
        desk.press(.character("?"))
        try expect(desk, is: "help")
        desk.press(.escape, .character("a"))
        try expect(desk, is: "assign")
        desk.press(.escape, .character("/"))
        desk.type("شكاية")
        try expect(desk, is: "search-prompt")
        desk.press(.enter)
        desk.answer {
            $0 == .search("شكاية")
        } with: {
            .success(
                .hits([
                    ReaderHit(
                        conversation: 7, shortID: "c7", name: "كريم", position: 1, at: Desk.now - 3_000 * Desk.minute,
                        snippet: "واش ممكن ندير شكاية في هولندا")
                ]))
        }
        try expect(desk, is: "search")
        desk.press(.escape, .character("d"))
        desk.answer {
            $0 == .today
        } with: {
            .success(
                .today([
                    ReaderTodayItem(
                        kind: .danger, conversation: 12, shortID: "c12", name: "Moeder van Y.",
                        since: Desk.now - 12 * Desk.minute, text: "khoya mahdarch m3aya"),
                    ReaderTodayItem(
                        kind: .task, conversation: 3, shortID: "c3", name: "Ahmed B.",
                        since: Desk.now - 600 * Desk.minute, text: "Dossier opvragen"),
                ]))
        }
        try expect(desk, is: "today")
    }

    @Test("Every window is filled exactly, whatever its size")
    func sizes() throws {
        for (columns, rows) in [(80, 24), (40, 20), (120, 40), (20, 8), (1, 1), (3, 2), (200, 5), (10, 60)] {
            for keys: [Key] in [[], [.enter], [.character("?")], [.enter, .character("r")]] {
                var desk = Desk.ready(columns: columns, rows: rows)
                for key in keys {
                    desk.press(key)
                    if key == .enter { desk.answerOpen(Desk.mother, Desk.lines) }
                }
                let frame = try desk.frame()
                #expect(frame.lines.count == rows)
                #expect(frame.text.allSatisfy { columnsOf($0) <= columns })
                if let cursor = frame.cursor { #expect(cursor.row < rows && cursor.column < columns) }
            }
        }
    }
}
