import Testing

@testable import InboxReader

/// Drafts that cannot be kept, and drafts that another window sends meanwhile.
@Suite struct DraftKeepingTests {
    private static let key = DraftKey(conversation: 7, purpose: .reply)

    private func isKeep(_ request: ReaderRequest) -> Bool { if case .keep = request { true } else { false } }

    private func draft(_ text: String) -> ReaderDraft {
        ReaderDraft(conversation: 7, purpose: .reply, text: text, change: "old-1", at: Desk.now)
    }

    private func written(_ text: String) -> Desk {
        var desk = Desk.open()
        desk.press(.character("r"))
        desk.type(text)
        return desk
    }

    @Test("A draft that could not be kept is tried again by itself")
    func retried() {
        var desk = written("half")
        desk.later(ReaderState.draftPause)
        desk.answer(isKeep, with: { .failure(ReaderFailure(.other, "disk full")) })
        #expect(desk.kept.isEmpty)
        desk.later(ReaderState.keepPause)
        #expect(desk.kept.map(\.text) == ["half"])
        desk.answer(isKeep, with: { .success(.kept) })
        desk.later(ReaderState.keepPause)
        #expect(desk.kept.isEmpty, "what is kept is not tried again")
    }

    @Test("Who quits while a draft is not kept is told, and quits with a second key")
    func quitting() throws {
        var desk = written("half")
        desk.press(.escape)
        desk.answer(isKeep, with: { .failure(ReaderFailure(.other, "disk full")) })
        desk.press(.escape, .character("q"))
        #expect(desk.effects.isEmpty)
        #expect(try desk.shows("could NOT be kept"))
        desk.press(.character("q"))
        #expect(desk.effects == [.quit])
    }

    @Test("A draft that cannot be kept at the end keeps the reader open, unless it is told to end")
    func ending() throws {
        var desk = written("half")
        desk.press(.escape, .escape, .character("q"))
        #expect(desk.effects == [.quit])
        var told = desk
        desk.answer(isKeep, with: { .failure(ReaderFailure(.other, "disk full")) })
        #expect(desk.effects == [.stay])
        #expect(try desk.shows("could NOT be kept"))
        told.send(.terminate)
        told.answer(isKeep, with: { .failure(ReaderFailure(.other, "disk full")) })
        #expect(!told.effects.contains(.stay))
    }

    @Test("A draft that another window sent or forgot is not offered again; a new one is")
    func reread() throws {
        var desk = Desk.ready(drafts: [draft("sent meanwhile")], list: [Desk.karim])
        desk.press(.enter)
        desk.answer({ $0 == .drafts }, with: { .success(.drafts([])) })
        desk.answerOpen(Desk.karim, Desk.lines)
        #expect(desk.state.drafts.isEmpty)
        desk.press(.escape, .enter)
        desk.answer({ $0 == .drafts }, with: { .success(.drafts([draft("begun in another window")])) })
        desk.answerOpen(Desk.karim, Desk.lines)
        desk.press(.character("r"))
        #expect(try desk.shows("begun in another window"))
    }

    @Test("What is written, or was kept, since drafts were asked for stays")
    func newer() {
        var desk = Desk.ready(list: [Desk.karim])
        desk.press(.enter)
        desk.answerOpen(Desk.karim, Desk.lines)
        desk.press(.character("r"))
        desk.type("new")
        desk.press(.escape)
        desk.answer(isKeep, with: { .success(.kept) })
        desk.answer({ $0 == .drafts }, with: { .success(.drafts([draft("old")])) })
        #expect(desk.state.drafts[Self.key]?.text == "new")
    }

    @Test("Words typed without 'r' mark nobody as read and take nobody over; the key alone does")
    func strayWords() throws {
        var desk = Desk.open()
        desk.type("het")
        #expect(desk.changes.isEmpty)
        #expect(try desk.shows("press r first"))
        desk.later(ReaderState.runPause)
        desk.press(.character("e"))
        #expect(desk.changes.count == 1)
    }

    @Test("A long warning is read whole at 80 columns, in Dutch and English", arguments: ["nl", "en"])
    func longWarning(language: String) throws {
        var desk = Desk.ready()
        let warning = try Texts.of(language).session(.locked)
        desk.send(.event(.alarm(warning)))
        let screen = try desk.screen(language: language)
        #expect(screen.count == 24)
        #expect(screen.joined(separator: " ").contains(warning))
        #expect(screen.contains { $0.contains("Ctrl-G") })
    }
}
