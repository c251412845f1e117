import Testing

@testable import InboxReader

/// What happens to a text from the first key until the contact has it.
struct WritingTests {
    private static let key = DraftKey(conversation: 7, purpose: .reply)

    private func written(_ text: String = "Beste Karim", rights: Set<ReaderRight> = [.assign, .approve, .replyAlone])
        -> Desk
    {
        var desk = Desk.open(rights: rights)
        desk.press(.character("r"))
        desk.type(text)
        return desk
    }

    @Test("A reply goes after it was asked once more, with the newest line that was seen, and once")
    func send() throws {
        var desk = written()
        desk.press(.control("s"))
        #expect(desk.changes.isEmpty)
        #expect(try desk.shows("encrypted to our bridge"))
        desk.press(.enter, .enter, .enter)
        #expect(desk.changes.map(\.change) == [.reply(text: "Beste Karim", seen: 6, topic: "", variety: "")])
        desk.answerChange()
        #expect(desk.changes.isEmpty && desk.state.drafts.isEmpty)
        #expect(desk.kept.last?.text == "")
        #expect(try desk.shows("Sent."))
    }

    @Test("Escape at the question goes back to the text")
    func back() throws {
        var desk = written()
        desk.press(.control("d"), .escape)
        desk.type("!")
        #expect(try desk.shows("Beste Karim!"))
        #expect(desk.changes.isEmpty)
    }

    @Test("An unencrypted conversation says so in a word before anything goes")
    func unencrypted() throws {
        var row = Desk.karim
        row.endsAt = .none
        var desk = Desk.open(row: row)
        desk.press(.character("r"))
        desk.type("Dag")
        desk.press(.control("s"))
        #expect(try desk.shows("NOT ENCRYPTED"))
    }

    @Test("In a narrow window, where the encryption ends is said in full before anything goes")
    func narrow() throws {
        var row = Desk.karim
        row.endsAt = .meta
        row.channel = "whatsapp"
        var desk = Desk.open(columns: 40, rows: 20, row: row)
        desk.press(.character("r"))
        desk.type("Salam")
        desk.press(.control("s"))
        let words = try desk.screen().joined(separator: " ").split(separator: " ").joined(separator: " ")
        #expect(words.contains("WhatsApp, encrypted to Meta; Meta can read it"))
    }

    @Test("What is typed is a draft a moment later, when its page is left, at suspension, at the end")
    func drafts() {
        var desk = written()
        #expect(desk.kept.isEmpty)
        desk.later(ReaderState.draftPause)
        #expect(desk.kept.map(\.text) == ["Beste Karim"])
        desk.later(ReaderState.draftPause)
        #expect(desk.kept.count == 1)
        desk.type("!")
        desk.press(.escape)
        #expect(desk.kept.last?.text == "Beste Karim!")
        for input: ReaderInput in [.suspend, .terminate, .key(.control("z"))] {
            var other = written("half")
            other.send(input)
            #expect(other.kept.map(\.text) == ["half"])
            #expect(other.effects == (input == .terminate ? [.quit] : [.suspend]))
        }
    }

    @Test("A clock that jumps back does not keep a draft waiting")
    func clock() {
        var desk = written()
        desk.later(-86_400_000)
        #expect(desk.kept.map(\.text) == ["Beste Karim"])
    }

    @Test("A draft of another day comes back, with the id it had")
    func restored() throws {
        let draft = ReaderDraft(
            conversation: 7, purpose: .reply, text: "Beste", change: "old-1", at: Desk.now - 60 * Desk.minute)
        var desk = Desk.open(drafts: [draft])
        desk.press(.character("r"))
        #expect(try desk.shows("Beste") && desk.shows("09:00"))
        desk.press(.control("s"), .enter)
        #expect(desk.changes.map(\.id) == ["old-1"])
    }

    @Test("A draft that the backend cannot keep is said, and stays on the screen")
    func draftFails() throws {
        var desk = written()
        desk.later(ReaderState.draftPause)
        desk.answer {
            if case .keep = $0 { true } else { false }
        } with: {
            .failure(ReaderFailure(.other, "disk full"))
        }
        #expect(try desk.shows("could NOT be kept") && desk.shows("Beste Karim"))
    }

    @Test("A lost connection in the middle: the text is kept, and sent again it is the same change")
    func lostConnection() throws {
        var desk = written()
        desk.press(.control("s"), .enter)
        let first = desk.changes.map(\.id)
        desk.answerChange(.failure(ReaderFailure(.offline)))
        #expect(try desk.shows("NO CONNECTION"))
        #expect(desk.state.drafts[Self.key]?.text == "Beste Karim")
        desk.press(.character("r"), .control("s"), .enter)
        #expect(desk.changes.map(\.id) == first)
        // Edited, it is another text and another change.
        desk.answerChange(.failure(ReaderFailure(.offline)))
        desk.press(.character("r"))
        desk.type("!")
        desk.press(.control("s"), .enter)
        #expect(desk.changes.map(\.id) != first && desk.changes.count == 1)
    }

    @Test("While a text is on its way, no second one takes its place")
    func stillSending() throws {
        var desk = written()
        desk.press(.control("s"), .enter, .character("r"))
        #expect(try desk.shows("still on its way"))
        guard case .conversation = desk.state.page else { return #expect(Bool(false), "\(desk.state.page)") }
    }

    @Test("A colleague was faster: nothing goes, the text stays, what they wrote is shown")
    func conflict() throws {
        var desk = written()
        desk.press(.control("s"), .enter)
        desk.answerChange(.failure(ReaderFailure(.conflict(by: "nora"))))
        #expect(try desk.shows("NOT SENT: nora"))
        desk.answerOpen(Desk.karim, Desk.lines + [Desk.colleague])
        #expect(try desk.shows("Ik heb al geantwoord."))
        desk.press(.character("r"))
        #expect(try desk.shows("Beste Karim"))
        desk.press(.control("s"), .enter)
        #expect(desk.changes.map(\.change) == [.reply(text: "Beste Karim", seen: 50, topic: "", variety: "")])
    }

    @Test("An earlier text went out after all: it is said, and this one stays")
    func earlierSent() throws {
        var desk = written()
        desk.press(.control("s"), .enter)
        desk.answerChange(.failure(ReaderFailure(.earlierSent)))
        #expect(try desk.shows("EARLIER text of yours went out"))
        #expect(desk.state.drafts[Self.key]?.text == "Beste Karim")
    }

    @Test("A contact who writes meanwhile is shown, and the text stays")
    func contactMeanwhile() throws {
        var desk = written()
        let line = ReaderLine(.contact, number: 8, shortID: "m8", position: 8, at: Desk.now, body: .text("3afak"))
        desk.send(.event(.changed(7)))
        desk.answerOpen(Desk.karim, Desk.lines + [line])
        #expect(try desk.shows("The contact wrote meanwhile") && desk.shows("3afak") && desk.shows("Beste Karim"))
    }

    @Test("A reply that needs a second person becomes a proposal, after asking")
    func secondPerson() throws {
        var desk = written()
        desk.press(.control("s"), .enter)
        let first = desk.changes.map(\.id)
        desk.answerChange(.failure(ReaderFailure(.needsSecondPerson)))
        #expect(try desk.shows("A colleague reads it first"))
        desk.press(.enter)
        #expect(
            desk.changes.map(\.change)
                == [.propose(text: "Beste Karim", seen: 6, topic: "", variety: "", original: "")])
        #expect(desk.changes.map(\.id) != first)
        desk.answerChange()
        #expect(desk.state.drafts.isEmpty)
    }

    @Test("Who needs a second person reads that it becomes a proposal, from the first word on")
    func becomesProposal() throws {
        var desk = written(rights: [])
        #expect(try desk.shows("Ctrl-S propose"))
        desk.press(.control("s"))
        #expect(try desk.shows("A colleague reads it first") && desk.shows("Enter propose") && !desk.shows("SEND"))
        desk.press(.enter)
        let proposal = ReaderChange.propose(text: "Beste Karim", seen: 6, topic: "", variety: "", original: "")
        #expect(desk.changes.map(\.change) == [proposal])
        // Words that are never said are named to them too.
        desk.answerChange(.failure(ReaderFailure(.neverSaid(["je bent veilig"]))))
        #expect(try desk.shows("never said to a contact: \"je bent veilig\"") && !desk.shows("SEND"))
        desk.press(.enter)
        #expect(
            desk.changes.map(\.change) == [
                .propose(text: "Beste Karim", seen: 6, topic: "", variety: "", original: "", anyway: true)
            ])
        var practice = Desk.karim
        practice.isPractice = true
        var other = Desk.open(rights: [], row: practice)
        other.press(.character("r"))
        #expect(try other.shows("Ctrl-S send"))
    }

    @Test("Words that are never said are named and go out only when that is meant; or a colleague is asked")
    func neverSaid() throws {
        var desk = written()
        desk.press(.control("s"), .enter)
        desk.answerChange(.failure(ReaderFailure(.neverSaid(["je bent veilig"]))))
        #expect(try desk.shows("never said to a contact: \"je bent veilig\"") && desk.shows("Enter SEND ANYWAY"))
        #expect(desk.changes.isEmpty)
        var asking = desk
        asking.press(.character("k"), .enter)
        #expect(
            asking.changes.map(\.change)
                == [.propose(text: "Beste Karim", seen: 6, topic: "", variety: "", original: "", anyway: true)])
        var stopped = desk
        stopped.press(.escape)
        #expect(try stopped.changes.isEmpty && stopped.shows("REPLY") && stopped.shows("Beste Karim"))
        desk.press(.enter)
        #expect(
            desk.changes.map(\.change)
                == [.reply(text: "Beste Karim", seen: 6, topic: "", variety: "", anyway: true)])
    }

    @Test("A colleague's words that are never said are asked once more too")
    func approveNeverSaid() throws {
        var desk = Desk.open(lines: Desk.lines + [Desk.proposal])
        desk.press(.character("p"), .enter, .enter)
        desk.answerChange(.failure(ReaderFailure(.neverSaid(["chkaya"]))))
        #expect(try desk.shows("never said to a contact: \"chkaya\""))
        desk.press(.enter)
        #expect(
            desk.changes.map(\.change) == [
                .approve(
                    proposal: 2, text: "Salam, chkaya dyalk f lHolanda. Ghadi njawbok.", seen: 7, anyway: true)
            ])
    }

    @Test("What every server can read goes out with a key of its own, which Enter is not; or a colleague is asked")
    func inTheClear() throws {
        var desk = written()
        desk.press(.control("s"), .enter)
        desk.answerChange(.failure(ReaderFailure(.notEncrypted)))
        #expect(try desk.shows("never wrote encrypted: every server on the way can read"))
        #expect(try desk.shows("o SEND READABLE"))
        #expect(try desk.screen(language: "nl").joined().contains("o LEESBAAR VERSTUREN"))
        // Who presses Enter twice has not read it.
        desk.press(.enter)
        #expect(try desk.changes.isEmpty && desk.shows("o SEND READABLE"))
        var asking = desk
        asking.press(.character("k"), .enter)
        #expect(
            asking.changes.map(\.change)
                == [.propose(text: "Beste Karim", seen: 6, topic: "", variety: "", original: "")])
        var stopped = desk
        stopped.press(.escape)
        #expect(try stopped.changes.isEmpty && stopped.shows("REPLY") && stopped.shows("Beste Karim"))
        // The page came while somebody was typing on: no letter of a word sends.
        var typing = desk
        typing.press(.character("z"), .character("o"))
        #expect(try typing.changes.isEmpty && typing.shows("o SEND READABLE"))
        desk.later(ReaderState.runPause)
        desk.press(.character("o"))
        #expect(
            desk.changes.map(\.change)
                == [.reply(text: "Beste Karim", seen: 6, topic: "", variety: "", inTheClear: true)])
        desk.answerChange()
        #expect(desk.state.drafts.isEmpty)
    }

    @Test("Who came by the words of a card is shown as anybody, above all before something is sent")
    func unrecognised() throws {
        var row = Desk.karim
        row.isUnrecognised = true
        var desk = Desk.open(row: row)
        #expect(try desk.shows("NOT RECOGNISED BY VOICE"))
        desk.press(.character("r"))
        desk.type("Beste Karim")
        desk.press(.control("s"))
        #expect(try desk.shows("NOT RECOGNISED BY VOICE"))
    }

    @Test("Words that are never said, in the clear: one question after the other, and both answers go along")
    func neverSaidInTheClear() throws {
        var desk = written()
        desk.press(.control("s"), .enter)
        desk.answerChange(.failure(ReaderFailure(.neverSaid(["je bent veilig"]))))
        desk.press(.enter)
        desk.answerChange(.failure(ReaderFailure(.notEncrypted)))
        desk.later(ReaderState.runPause)
        desk.press(.character("o"))
        #expect(
            desk.changes.map(\.change)
                == [.reply(text: "Beste Karim", seen: 6, topic: "", variety: "", anyway: true, inTheClear: true)])
    }

    @Test("A colleague's words in the clear are asked once more too")
    func approveInTheClear() throws {
        var desk = Desk.open(lines: Desk.lines + [Desk.proposal])
        desk.press(.character("p"), .enter, .enter)
        desk.answerChange(.failure(ReaderFailure(.notEncrypted)))
        #expect(try desk.shows("every server on the way can read"))
        desk.press(.enter)
        #expect(desk.changes.isEmpty)
        desk.later(ReaderState.runPause)
        desk.press(.character("o"))
        #expect(
            desk.changes.map(\.change) == [
                .approve(
                    proposal: 2, text: "Salam, chkaya dyalk f lHolanda. Ghadi njawbok.", seen: 7, inTheClear: true)
            ])
    }

    @Test("Who has gone elsewhere meanwhile is told that nothing was sent, and the text stays")
    func inTheClearElsewhere() throws {
        var desk = written()
        desk.press(.control("s"), .enter, .escape)
        desk.answerChange(.failure(ReaderFailure(.notEncrypted)))
        #expect(try desk.shows("NOT SENT: this contact never wrote encrypted"))
        #expect(desk.state.drafts[Self.key]?.text == "Beste Karim" && desk.changes.isEmpty)
    }

    @Test("Who marks as read what the contact has just added is told so")
    func readTooEarly() throws {
        var desk = Desk.open()
        desk.press(.character("e"))
        desk.answerChange(.failure(ReaderFailure(.conflict(by: ""))))
        #expect(try desk.shows("The contact wrote meanwhile"))
    }

    @Test("In a narrow window the keys that send and that go back stay in view", arguments: ["nl", "en"])
    func narrowKeys(language: String) throws {
        var desk = Desk.open(columns: 40, rows: 20)
        desk.press(.character("r"))
        let writing = try #require(try desk.screen(language: language).last)
        #expect(writing.contains("Ctrl-S") && writing.contains("Esc"))
        desk.type("Beste Karim")
        desk.press(.control("s"))
        let asking = try #require(try desk.screen(language: language).last)
        #expect(asking.contains("Enter") && asking.contains("Esc"))
    }

    @Test("An empty text and one that is too long are not sent")
    func lengths() throws {
        var desk = written("   ")
        desk.press(.control("s"))
        #expect(try desk.shows("Nothing is written yet."))
        desk.press(.paste(String(repeating: "a", count: ReaderState.replyLimit + 1)), .control("s"))
        #expect(try desk.shows("Too long"))
        #expect(desk.changes.isEmpty)
    }

    @Test("A note stays here: no question, its own draft, its own words above the pane")
    func note() throws {
        var desk = written()
        desk.press(.escape, .character("C"))
        #expect(try desk.shows("CONFIDENTIAL NOTE") && !desk.shows("Beste Karim"))
        desk.type("belt morgen")
        desk.press(.control("s"))
        #expect(desk.changes.map(\.change) == [.note(text: "belt morgen", confidential: true)])
        desk.answerChange()
        #expect(desk.state.drafts[Self.key]?.text == "Beste Karim")
    }

    @Test("Pasted text is text, nowhere a key")
    func paste() {
        var desk = Desk.open()
        desk.press(.paste("rq\n"))
        guard case .conversation = desk.state.page else { return #expect(Bool(false), "\(desk.state.page)") }
        desk.press(.character("r"), .paste("een\ntwee"))
        guard case .compose(let compose) = desk.state.page else { return #expect(Bool(false), "no pane") }
        #expect(compose.editor.text == "een\ntwee")
    }

    @Test("Approving sends the text that was read; one's own proposal is for another")
    func approve() throws {
        var desk = Desk.open(lines: Desk.lines + [Desk.proposal])
        desk.press(.character("p"), .enter, .enter)
        #expect(
            desk.changes.map(\.change)
                == [.approve(proposal: 2, text: "Salam, chkaya dyalk f lHolanda. Ghadi njawbok.", seen: 7)])
        var mine = Desk.proposal
        mine.author = "samira"
        var own = Desk.open(lines: Desk.lines + [mine])
        own.press(.character("p"), .enter)
        #expect(own.changes.isEmpty)
        #expect(try own.shows("Another approves"))
        own.press(.character("b"), .enter)
        #expect(own.changes.map(\.change) == [.withdraw(proposal: 2)])
    }

    @Test("A proposal goes back with a reason")
    func giveBack() {
        var desk = Desk.open(lines: Desk.lines + [Desk.proposal])
        desk.press(.character("p"), .character("b"))
        desk.type("noem de datum")
        desk.press(.control("s"))
        #expect(desk.changes.map(\.change) == [.giveBack(proposal: 2, reason: "noem de datum")])
    }
}
