import Testing

@testable import InboxReader

/// The list, choices and everything besides writing.
struct DeskTests {
    @Test("Whoever is chosen stays chosen when the list moves, and Enter opens them")
    func selection() {
        var desk = Desk.ready()
        #expect(desk.state.list.rows.map(\.id) == [12, 7, 31, 40, 3])
        desk.press(.down)
        #expect(desk.state.list.selected == 7)
        var karim = Desk.karim
        karim.waitsSince = Desk.now
        desk.send(.event(.changed(7)))
        desk.answerList(Desk.rows.map { $0.id == 7 ? karim : $0 })
        #expect(desk.state.list.rows.map(\.id) == [12, 31, 40, 7, 3])
        desk.press(.enter)
        #expect(desk.state.conversation?.row.id == 7)
    }

    @Test("Changes while the list is on its way fetch it once more, not once each")
    func refreshing() {
        var desk = Desk()
        for _ in 0..<5 { desk.send(.event(.changed(nil))) }
        let isList: (ReaderRequest) -> Bool = { if case .list = $0 { true } else { false } }
        #expect(desk.questions.filter { isList($0.request) }.count == 1)
        desk.answerList(Desk.rows)
        #expect(desk.questions.filter { isList($0.request) }.count == 1)
        desk.answerList(Desk.rows)
        #expect(!desk.questions.contains { isList($0.request) })
    }

    @Test("A late answer for another filter does not fill this one")
    func filter() {
        var desk = Desk()
        desk.press(.character("f"))
        desk.answerList(Desk.rows)
        #expect(desk.state.list.rows.isEmpty)
        #expect(desk.questions.map(\.request).contains(.list(.mine, limit: ListModel.step)))
    }

    @Test("New danger rings once and is said until a key is pressed")
    func danger() throws {
        var desk = Desk.ready(list: [Desk.karim])
        desk.send(.event(.changed(12)))
        desk.answerList([Desk.karim, Desk.mother])
        #expect(desk.effects == [.ring])
        desk.later(3_600_000)
        #expect(try desk.shows("IN DANGER, unread"))
        desk.send(.event(.changed(12)))
        desk.answerList([Desk.karim, Desk.mother])
        #expect(desk.effects == [])
        desk.press(.character("!"))
        #expect(desk.state.conversation?.row.id == 12)
    }

    @Test("Next: who waits longest and is nobody else's")
    func next() throws {
        var desk = Desk.ready()
        desk.press(.character("n"))
        #expect(desk.state.conversation?.row.id == 12)
        desk.answerOpen(Desk.mother, Desk.lines)
        desk.press(.character("n"))
        #expect(desk.state.conversation?.row.id == 7)
        desk.answerOpen(Desk.karim, Desk.lines)
        desk.answerListIfAsked([Desk.karim])
        desk.press(.escape)
        #expect(desk.state.conversation == nil)
    }

    @Test("Assigning names who had it as far as the screen showed; a conflict says who was first")
    func assign() throws {
        var desk = Desk.open(row: Desk.mother)
        desk.press(.character("a"), .down, .enter)
        #expect(desk.changes.map(\.change) == [.assign(to: "nora", from: "samira")])
        desk.answerChange(.failure(ReaderFailure(.conflict(by: "yassin"))))
        #expect(try desk.shows("NOT DONE: yassin was first"))
        #expect(desk.questions.map(\.request).contains(.open(12, before: "")))
    }

    @Test("What was chosen for one conversation stays with it when the list moves below the choice")
    func assignFromMovingList() {
        var desk = Desk.ready()
        desk.press(.character("a"))
        desk.send(.event(.changed(12)))
        desk.answerList(Desk.rows.filter { $0.id != 12 })
        desk.press(.character("2"))
        let asked = desk.questions.compactMap { question -> Int64? in
            if case .change(_, let conversation, _) = question.request { conversation } else { nil }
        }
        #expect(asked == [12])
    }

    @Test("Only Enter sends, wherever one is asked once more")
    func onlyEnter() {
        var desk = Desk.open()
        desk.press(.character("r"))
        desk.type("Dag")
        desk.press(.control("s"))
        for key: Key in [.character("y"), .character("j"), .character(" "), .down, .tab, .paste("\n"), .control("s")] {
            desk.press(key)
        }
        #expect(desk.changes.isEmpty)
        desk.press(.enter)
        #expect(desk.changes.count == 1)
    }

    @Test("The end of the session is said, and drafts stay")
    func ended() throws {
        var desk = Desk.open()
        desk.send(.event(.ended))
        desk.later(3_600_000)
        #expect(try desk.shows("The session has ended"))
    }

    @Test("What a role may not do is not offered and not asked for")
    func rights() throws {
        var desk = Desk.open(rights: [.hide])
        desk.press(.character("a"))
        #expect(desk.changes.isEmpty)
        #expect(try desk.shows("Your role cannot do that."))
        #expect(KeyTable.conversation(desk.state).allSatisfy { $0.label != .keyAssign })
        desk.press(.character("x"))
        #expect(desk.changes.isEmpty)
        desk.press(.enter)
        #expect(desk.changes.map(\.change) == [.hide])
        #expect(desk.state.page == .list)
    }

    @Test("Taking over asks only when a colleague has it; handing back does not ask")
    func takeOver() {
        var desk = Desk.open()
        desk.press(.character("t"))
        #expect(desk.changes.map(\.change) == [.takeOver(force: false)])
        var row = Desk.karim
        row.takenOverBy = "nora"
        desk = Desk.open(row: row)
        desk.press(.character("t"))
        #expect(desk.changes.isEmpty)
        desk.press(.enter)
        #expect(desk.changes.map(\.change) == [.takeOver(force: true)])
        row.takenOverBy = "samira"
        desk = Desk.open(row: row)
        desk.press(.character("t"))
        #expect(desk.changes.map(\.change) == [.handBack])
    }

    @Test("Read: danger is asked about first")
    func read() {
        var desk = Desk.open()
        desk.press(.character("e"))
        #expect(desk.changes.map(\.change) == [.attention(waits: false, seen: 6)])
        desk = Desk.open(row: Desk.mother)
        desk.press(.character("e"))
        #expect(desk.changes.isEmpty)
        desk.press(.enter)
        #expect(desk.changes.map(\.change) == [.attention(waits: false, seen: 6)])
    }

    @Test("A task: what, when, who; a day that is none is asked again")
    func task() throws {
        var desk = Desk.open()
        desk.press(.character("w"))
        desk.type("bellen")
        desk.press(.enter)
        desk.type("31-02")
        desk.press(.enter)
        #expect(try desk.shows("do not understand that day"))
        desk.press(.control("u"))
        desk.type("+3")
        desk.press(.enter, .character("2"))
        let due = DueDay.day(of: Desk.now) + 3
        #expect(desk.changes.map(\.change) == [.task(text: "bellen", assignee: "nora", due: due)])
    }

    @Test("Tags, and ticking off what is open")
    func items() {
        let task = ReaderLine(
            .task, number: 4, shortID: "t4", position: 8, at: Desk.now, author: "nora", body: .text("bellen"))
        let tag = ReaderLine(.tag, number: 9, shortID: "g9", position: 9, at: Desk.now, body: .text("spoed"))
        var desk = Desk.open(lines: Desk.lines + [task, tag])
        desk.press(.character("i"), .enter, .character("i"), .character("2"))
        #expect(desk.changes.map(\.change) == [.finishTask(4), .removeTag(9)])
        desk.press(.character("g"))
        desk.type(" familie ")
        desk.press(.enter)
        #expect(desk.changes.last?.change == .tag("familie"))
    }

    @Test("Words that are old or in doubt are not given to the bridge for suggestions")
    func wordsToSuggest() {
        let now: ReaderTime = 100 * 24 * 3600 * 1000
        var model = ConversationModel(row: Desk.rows[0])
        func line(_ text: String, at: ReaderTime, _ remarks: [ReaderLine.Remark] = []) -> ReaderLine {
            ReaderLine(.contact, number: 1, shortID: "m1", position: 1, at: at, body: .text(text), remarks: remarks)
        }
        model.lines = [line("old", at: now - ConversationModel.suggestionTime - 1)]
        #expect(model.wordsToSuggest(now: now).isEmpty)
        model.lines += [line("right", at: now), line("doubtful", at: now, [.doubtful])]
        #expect(model.wordsToSuggest(now: now) == "right")
    }

    @Test("To a contact whose language is not known yet, the variety of their question is offered")
    func suggestionsInTheVarietyOfTheQuestion() {
        var row = Desk.karim
        row.language = ""
        var suggestion = Desk.suggestion
        suggestion.sayable["ary-Latn"] = "Chikaya f hollanda khassha tssift daba."
        suggestion.texts["ary-Latn"] = "Chikaya f hollanda khassha tssift daba."
        suggestion.asked = "ary-Latn"
        var desk = Desk.open(row: row)
        desk.press(.character("s"))
        desk.answer {
            if case .suggestions = $0 { true } else { false }
        } with: {
            .success(.suggestions([suggestion]))
        }
        desk.press(.enter, .enter)
        #expect(
            desk.changes.map(\.change) == [
                .reply(
                    text: "Chikaya f hollanda khassha tssift daba.", seen: 6, topic: "complaint-term",
                    variety: "ary-Latn")
            ])
    }

    @Test("A suggestion as it is keeps its topic; edited it goes through the pane; with a draft it is added below")
    func suggestions() throws {
        func suggested(_ desk: Desk) -> Desk {
            var desk = desk
            desk.press(.character("s"))
            desk.answer {
                if case .suggestions = $0 { true } else { false }
            } with: {
                .success(.suggestions([Desk.suggestion, Desk.unreleased]))
            }
            return desk
        }
        let text = Desk.suggestion.sayable["ary"] ?? ""
        var desk = suggested(.open())
        desk.press(.enter, .enter)
        #expect(desk.changes.map(\.change) == [.reply(text: text, seen: 6, topic: "complaint-term", variety: "ary")])
        desk = suggested(.open())
        desk.press(.character("k"), .enter)
        #expect(
            desk.changes.map(\.change)
                == [.propose(text: text, seen: 6, topic: "complaint-term", variety: "ary", original: text)])
        let draft = ReaderDraft(conversation: 7, purpose: .reply, text: "Mijn begin", change: "d-1", at: Desk.now)
        desk = suggested(.open(drafts: [draft]))
        desk.press(.enter)
        guard case .compose(let compose) = desk.state.page else { return #expect(Bool(false), "\(desk.state.page)") }
        #expect(compose.editor.text == "Mijn begin\n\n" + text)
        #expect(compose.topic == "")
        // Not released: nothing of it goes in a language without a safe step.
        desk = suggested(.open())
        desk.press(.right, .enter)
        #expect(desk.changes.isEmpty)
        #expect(try desk.shows("may be said in this language"))
        desk.press(.character("v"), .enter, .enter)
        #expect(
            desk.changes.map(\.change)
                == [.reply(text: "Bewaar je papieren.", seen: 6, topic: "damages", variety: "nl")])
    }

    @Test("A search opens the line that it found")
    func search() throws {
        var desk = Desk.ready(rows: 12)
        desk.press(.character("/"))
        desk.type("oud")
        desk.press(.enter)
        let hit = ReaderHit(
            conversation: 99, shortID: "c99", name: "", position: 3, at: Desk.now, snippet: "iets ouds")
        desk.answer {
            $0 == .search("oud")
        } with: {
            .success(.hits([hit]))
        }
        desk.press(.enter)
        let lines = (1...30).map {
            ReaderLine(
                .contact, number: $0, shortID: "m\($0)", position: $0, at: Desk.now, body: .text("regel nummer \($0)."))
        }
        desk.answerOpen(ReaderRow(id: 99, shortID: "c99"), lines)
        #expect(try desk.shows("regel nummer 3."))
        desk.press(.escape)
        #expect(try desk.shows("iets ouds"))
    }

    @Test("Scrolled up, one keeps the place while something comes; at the top older lines are fetched")
    func scrolling() throws {
        let lines = (1...30).map {
            ReaderLine(
                .contact, number: $0, shortID: "m\($0)", position: $0, at: Desk.now, body: .text("regel nummer \($0)."))
        }
        var desk = Desk.ready(rows: 16, list: [Desk.karim])
        desk.press(.enter)
        desk.answerOpen(Desk.karim, Array(lines[10..<29]), older: "page-2")
        desk.press(.pageUp, .pageUp)
        let before = try desk.screen().filter { $0.contains("regel nummer") }
        desk.send(.event(.changed(7)))
        desk.answerOpen(Desk.karim, Array(lines[12...]), older: "page-2")
        #expect(try desk.screen().filter { $0.contains("regel nummer") }.first == before.first)
        #expect(try desk.shows("1 new below"))
        #expect(desk.state.conversation?.lines.map(\.position) == Array(11...30))
        desk.press(.home)
        #expect(desk.questions.map(\.request).contains(.open(7, before: "page-2")))
        desk.answer {
            $0 == .open(7, before: "page-2")
        } with: {
            .success(.conversation(ReaderConversation(row: Desk.karim, lines: Array(lines[..<10]))))
        }
        #expect(desk.state.conversation?.lines.map(\.position) == Array(1...30))
    }

    @Test("Without a connection it is tried again, and said when it is back")
    func offline() throws {
        var desk = Desk.ready()
        desk.send(.event(.link(isUp: false)))
        #expect(try desk.shows("NO CONNECTION"))
        desk.later(ReaderState.retryPause)
        #expect(desk.questions.contains { if case .list = $0.request { true } else { false } })
        desk.send(.event(.link(isUp: true)))
        #expect(try desk.shows("Connected again") && !desk.shows("NO CONNECTION"))
    }

    @Test("A conversation that is taken from one's sight closes; what was being written is a draft")
    func gone() throws {
        var desk = Desk.open()
        desk.press(.character("r"))
        desk.type("half")
        desk.send(.event(.changed(7)))
        desk.answer {
            $0 == .open(7, before: "")
        } with: {
            .failure(ReaderFailure(.gone))
        }
        #expect(desk.state.page == .list)
        #expect(desk.kept.map(\.text) == ["half"])
    }

    @Test("A warning stays until it was seen")
    func alarm() throws {
        var desk = Desk.ready()
        desk.send(.event(.alarm("the roster changed")))
        #expect(desk.effects == [.ring])
        desk.press(.down, .enter)
        desk.later(3_600_000)
        #expect(try desk.shows("the roster changed"))
        desk.press(.control("g"))
        #expect(try !desk.shows("the roster changed"))
    }

    @Test("q and Ctrl-C leave one page at a time, and the reader from the list")
    func quit() {
        var desk = Desk.open()
        desk.press(.control("c"))
        #expect(desk.state.page == .list && desk.effects == [])
        desk.press(.character("q"))
        #expect(desk.effects == [.quit])
    }

    @Test("Days as people type them")
    func days() {
        let today = DueDay.day(of: Desk.now)
        #expect(DueDay.components(of: today) == (2026, 11, 21))
        #expect(DueDay.read("", today: today) == .init(day: nil))
        #expect(DueDay.read("0", today: today) == .init(day: today))
        #expect(DueDay.read("+14", today: today) == .init(day: today + 14))
        #expect(DueDay.read("24-12", today: today)?.day.map(DueDay.components) ?? (0, 0, 0) == (2026, 12, 24))
        #expect(DueDay.read("3/1", today: today)?.day.map(DueDay.components) ?? (0, 0, 0) == (2027, 1, 3))
        #expect(DueDay.read("2027-02-28", today: today) == DueDay.read("28.2.2027", today: today))
        for text in ["31-2", "x", "99999", "12-13-14-15", "0-0", "-3", "2026-13-01", "1-1-9999"] {
            #expect(DueDay.read(text, today: today) == nil, "\(text)")
        }
    }
}

extension DeskTests {
    @Test("Today's work is fetched again while it stands there, not at every event, and who is chosen stays chosen")
    func todayIsFresh() throws {
        func item(_ id: Int64, _ name: String) -> ReaderTodayItem {
            ReaderTodayItem(kind: .waiting, conversation: id, shortID: "c\(id)", name: name, since: Desk.now, text: "")
        }
        var desk = Desk.ready()
        desk.press(.character("d"))
        var asked: Int { desk.questions.count { $0.request == .today } }
        func answer(_ items: [ReaderTodayItem], _ desk: inout Desk) {
            desk.answer({ $0 == .today }, with: { .success(.today(items)) })
        }
        answer([item(1, "Karim"), item(2, "Hanan")], &desk)
        desk.press(.down)
        desk.send(.tick(Desk.now + 60_000))
        #expect(asked == 0, "nothing happened")
        desk.send(.event(.changed(3)))
        desk.send(.event(.changed(4)))
        desk.send(.tick(Desk.now + 61_000))
        #expect(asked == 1)
        answer([item(3, "Nadir"), item(1, "Karim"), item(2, "Hanan")], &desk)
        #expect(try desk.shows("Nadir"))
        guard case .results(let results) = desk.state.page else { return #expect(Bool(false), "\(desk.state.page)") }
        #expect(results.selected == 2)
        desk.send(.event(.changed(5)))
        desk.send(.tick(Desk.now + 62_000))
        #expect(asked == 0, "it was asked just now")
        desk.send(.tick(Desk.now + 61_000 + ReaderState.todayPause))
        // Without a connection what stands there stays.
        desk.answer({ $0 == .today }, with: { .failure(ReaderFailure(.offline)) })
        #expect(try desk.shows("Nadir"))
    }
}

extension Desk {
    mutating func answerListIfAsked(_ rows: [ReaderRow]) {
        if questions.contains(where: { if case .list = $0.request { true } else { false } }) { answerList(rows) }
    }
}
