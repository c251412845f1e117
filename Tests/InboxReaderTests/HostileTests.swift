import Testing

@testable import InboxReader

/// What others write is text, whatever they write.
struct HostileTests {
    /// Retitle, clear, clipboard, answers on the keyboard's behalf, overrides, unbalanced isolates, towers of marks.
    static let attacks = [
        "\u{1B}]0;pwned\u{07}", "\u{1B}[2J\u{1B}[H", "\u{1B}]52;c;cHduZWQ=\u{1B}\\", "\u{9B}6n", "\u{90}q\u{9C}",
        "\u{202E}tfel ot thgir", "\u{2067}\u{2067}\u{2067}open", "\u{2069}\u{2069}closed",
        "a\u{0300}\u{0300}\u{0300}"
            + String(repeating: "\u{0301}", count: 300),
        "een\r\n> 12 min GEVAAR c99\u{85}regel\u{2028}regel", "\u{200F}\u{061C}mark", "\u{0}nul\u{7F}",
        "{name} {n}", String(repeating: "a", count: 5_000), "\u{E000}\u{FFFF}", "ok\u{1B}[201~rm",
    ]

    /// What reached the terminal besides text: control sequences (without ESC), and controls that belong to none.
    private func controls(_ output: String) -> (sequences: Set<String>, others: [UInt32]) {
        var sequences: Set<String> = []
        var others: [UInt32] = []
        var sequence: String?
        for scalar in output.unicodeScalars {
            if let begun = sequence {
                let text = begun + String(Character(scalar))
                let isEnd = (0x40...0x7E).contains(scalar.value) && text != "["
                sequence = isEnd ? nil : text
                if isEnd { sequences.insert(text) }
                continue
            }
            switch scalar.value {
            case 0x1B: sequence = ""
            case 0..<0x20, 0x7F...0x9F, 0x061C, 0x200E, 0x200F, 0x2028...0x202E: others.append(scalar.value)
            default: break
            }
        }
        return (sequences, others)
    }

    private func check(_ desk: Desk, _ what: String, setter: Typesetter = Typesetter()) throws {
        let frame = try desk.frame(setter: setter)
        for line in frame.text {
            #expect(columnsOf(line) <= desk.state.size.columns, "\(what)")
            // No isolate stays open beyond its line, none closes what it did not open.
            var depth = 0
            for scalar in line.unicodeScalars {
                if (0x2066...0x2068).contains(scalar.value) { depth += 1 }
                if scalar.value == 0x2069 { depth -= 1 }
                #expect(depth >= 0, "\(what)")
            }
            #expect(depth == 0, "\(what)")
        }
        var painter = Painter(hasColour: true)
        let (sequences, others) = controls(painter.paint(frame))
        #expect(others.isEmpty, "\(what)")
        // The sequences are the painter's: places, erasing, styles, the cursor.
        for sequence in sequences where !["[K", "[2J", "[?25l", "[?25h"].contains(sequence) {
            let parameters = sequence.dropFirst().dropLast()
            #expect(sequence.first == "[" && (sequence.last == "H" || sequence.last == "m"), "\(what): \(sequence)")
            #expect(parameters.allSatisfy { $0.isNumber || $0 == ";" }, "\(what): \(sequence)")
        }
    }

    @Test("In every place of the screen", arguments: attacks)
    func everywhere(attack: String) throws {
        let row = ReaderRow(
            id: 7, shortID: "c7", name: attack, snippet: attack, channel: attack, waitsSince: 1, language: attack,
            assigned: attack, takenOverBy: attack, bot: ReaderBot(decision: .answer, topic: attack, reason: attack),
            proposals: 1, newest: 1)
        let lines =
            ReaderLine.Kind.allCases.enumerated().map { index, kind in
                ReaderLine(
                    kind, number: Int64(index), shortID: "m1", position: Int64(index), at: Desk.now, author: attack,
                    body: .text(attack), assignee: attack, topic: attack, original: attack, outcome: nil,
                    closedBy: attack)
            } + [ReaderLine(.contact, number: 90, shortID: "u1", position: 90, at: 1, body: .unreadable(attack))]
        for setter in [Typesetter(), Typesetter(reorders: true), Typesetter(isolates: false)] {
            var desk = Desk.ready(list: [row])
            try check(desk, "list", setter: setter)
            desk.press(.enter)
            desk.answerOpen(row, lines)
            try check(desk, "conversation", setter: setter)
            desk.press(.home)
            try check(desk, "its top", setter: setter)
            desk.press(.character("p"))
            try check(desk, "proposal", setter: setter)
            desk.press(.enter)
            try check(desk, "approval", setter: setter)
            desk.press(.escape, .escape, .character("i"))
            try check(desk, "items", setter: setter)
            desk.press(.escape, .character("s"))
            let suggestion = ReaderSuggestion(
                topic: attack, confidence: .nan, sources: [attack], checked: attack, review: .draft,
                handOver: attack, sayable: ["nl": attack, "ary": attack], texts: ["nl": attack, "ary": attack])
            desk.answer {
                if case .suggestions = $0 { true } else { false }
            } with: {
                .success(.suggestions([suggestion]))
            }
            try check(desk, "suggestions", setter: setter)
            desk.press(.escape, .character("r"), .paste(attack))
            try check(desk, "editor", setter: setter)
            desk.press(.control("s"))
            try check(desk, "confirmation", setter: setter)
            desk.press(.enter)
            // One of them is too long to be sent.
            if !desk.changes.isEmpty { desk.answerChange(.failure(ReaderFailure(.conflict(by: attack)))) }
            try check(desk, "notice", setter: setter)
            desk.send(.event(.alarm(attack)))
            try check(desk, "alarm", setter: setter)
            desk.press(.character("/"), .paste(attack))
            try check(desk, "prompt", setter: setter)
            desk.press(.enter)
            if desk.questions.contains(where: { if case .search = $0.request { true } else { false } }) {
                desk.answer {
                    if case .search = $0 { true } else { false }
                } with: {
                    .success(
                        .hits([
                            ReaderHit(conversation: 1, shortID: "c1", name: attack, position: 1, at: 1, snippet: attack)
                        ]))
                }
            }
            try check(desk, "results", setter: setter)
        }
    }

    @Test("A text of a contact stands behind its sign and cannot imitate a line of ours")
    func imitation() throws {
        let line = ReaderLine(
            .contact, number: 1, shortID: "m1", position: 1, at: Desk.now,
            body: .text("hallo\n10:00 nora  arrived      m2\n┃ Stuur je code"))
        let desk = Desk.open(lines: [line])
        let rows = try desk.screen().filter { $0.contains("nora") || $0.contains("code") }
        #expect(rows == ["│ 10:00 nora  arrived      m2", "│ ┃ Stuur je code"])
    }

    @Test("Text to be filled in is not filled in again")
    func braces() throws {
        let texts = try Texts.of("en")
        #expect(texts(.conflictReply, ["name": "{name}"]).contains("{name}"))
    }

    @Test("The painter lets no control through, whatever it is given")
    func lastGuard() {
        var painter = Painter(hasColour: false)
        let attack = Self.attacks.joined()
        let output = painter.paint(Frame(lines: [[Span(attack)]], cursor: nil))
        #expect(controls(output).others.isEmpty)
        #expect(controls(output).sequences.isSubset(of: ["[?25l", "[2J", "[1;1H", "[K"]))
    }
}
