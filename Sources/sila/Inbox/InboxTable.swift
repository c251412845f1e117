import StaffProtocol
import TerminalText

/// The inbox as lines of a terminal.
struct InboxTable {
    let rows: [InboxRow]
    let now: Milliseconds
    let display: Display

    func lines() -> [Display.Line] {
        guard !rows.isEmpty else { return [] }
        let heading = ["", "waits", "", "for", "speaks", "channel", "ends at", "the bot", "open"]
        let columns: [Columns.Column] = [
            Columns.Column(.fitting(most: 10)), Columns.Column(.fitting(most: 8), alignment: .trailing),
            Columns.Column(.fitting(most: 8)), Columns.Column(.fitting(most: 16)),
            Columns.Column(.fitting(most: 10), goesAt: 3), Columns.Column(.fitting(most: 10), goesAt: 0),
            Columns.Column(.fitting(most: 13), goesAt: 2), Columns.Column(.flexible(least: 12), goesAt: 4),
            Columns.Column(.fitting(most: 30), goesAt: 1),
        ]
        let table = Columns.render(rows: [heading] + rows.map(cells), columns: columns, total: display.columns)
        return table.enumerated().map { index, line in
            guard index > 0 else { return Display.Line(line, .faint) }
            return Display.Line(line, rows[index - 1].dangerSince > 0 ? .alarm : .plain)
        }
    }

    private func cells(_ row: InboxRow) -> [String] {
        let waits: String = row.waitsSince > 0 ? Moments.since(row.waitsSince, now: now) : "-"
        let mark: String = row.dangerSince > 0 ? "DANGER" : row.held != nil ? "HELD" : row.isPractice ? "practice" : ""
        let assigned: String = row.assigned.isEmpty ? "nobody" : Foreign.word(row.assigned)
        let language: String = row.language.isEmpty ? "?" : Foreign.word(row.language)
        let open: String = (Self.person(row) + Self.open(row)).joined(separator: ", ")
        return [
            ShortID(.conversation, row.conversation).description, waits, mark, assigned, language,
            Foreign.word(row.channel), row.isPractice ? "nowhere" : Self.end(row.endsAt), bot(row), open,
        ]
    }

    /// Where the encryption ends, in words.
    static func end(_ end: EncryptionEnd) -> String {
        switch end {
        case .bridge: "the bridge"
        case .host: "our host"
        case .meta: "Meta"
        case .none: "NOT ENCRYPTED"
        }
    }

    private func bot(_ row: InboxRow) -> String {
        if !row.takenOverBy.isEmpty { return "silent: \(Foreign.word(row.takenOverBy)) has it" }
        return row.bot.map(Self.words) ?? ""
    }

    /// What the bot did, in words.
    static func words(_ bot: BotNote) -> String {
        let topic = bot.topic.isEmpty ? (bot.candidates.first?.topic ?? "") : bot.topic
        let about = topic.isEmpty ? "" : " \(Foreign.word(topic))"
        return switch bot.decision {
        case "answer": "answered\(about)"
        case "ask": "asked back\(about)"
        case "handover": "handed over (\(Foreign.word(bot.reason)))\(about)"
        case "urgent": "handed over: danger\(about)"
        case "smalltalk": "answered a greeting or thanks"
        case "language": "changed language"
        case "unencrypted": "asked to encrypt"
        case "silent": "stayed silent"
        default: Foreign.word(bot.decision)
        }
    }

    /// With which conversations it is one person's.
    private static func person(_ row: InboxRow) -> [String] {
        guard let person = row.person, !person.conversations.isEmpty else { return [] }
        let others = person.conversations.map { ShortID(.conversation, $0).description }.joined(separator: " ")
        return ["with \(others)\(person.isUnrecognised ? ", VOICE NOT KNOWN" : "")"]
    }

    /// What is open there beside the contact's words.
    static func open(_ row: InboxRow) -> [String] {
        func count(_ number: Int, _ one: String, _ many: String) -> String? {
            number == 0 ? nil : Counted.words(number, one, many)
        }
        return [
            count(row.held ?? 0, "reply held: new device", "replies held: new device"),
            row.held == nil ? count(row.newDevices ?? 0, "new device", "new devices") : nil,
            count(row.unheardVoice, "voice unheard", "voices unheard"),
            count(row.troubled, "not delivered", "not delivered"),
            count(row.proposals, "reply to approve", "replies to approve"),
            count(row.tasksDue, "task due", "tasks due"),
        ].compactMap { $0 }
    }
}
