import ArrivalWords
import StaffProtocol
import TerminalText

/// A card as it is printed: the words in two languages or scripts beside each other, each with its place.
struct CardText {
    let code: ArrivalCode
    let first: ArrivalWordList.Column

    /// The column for the language of a conversation; Arabic has the words of Darija.
    static func column(_ language: String) -> ArrivalWordList.Column {
        ArrivalWordList.Column(rawValue: language) ?? (language == "ar" ? .ary : .aryLatn)
    }

    /// Beside a language of Europe stands Darija; beside Darija its other script.
    var second: ArrivalWordList.Column {
        switch first {
        case .nl, .en, .fr, .ary: .aryLatn
        case .aryLatn: .ary
        }
    }

    /// The words of a column, or the digits in groups.
    func words(_ column: ArrivalWordList.Column) -> [String] {
        switch code.form {
        case .words: code.parts.map { ArrivalWordList.word($0, in: column) }
        case .digits: [Self.groups(code.parts)]
        }
    }

    func lines(_ display: Display) -> [Display.Line] {
        var lines: [Display.Line] = []
        for column in [first, second] {
            lines += display.quoted(ArrivalWordList.sentence(code.form, in: column), margin: "  ")
        }
        lines += [""]
        switch code.form {
        case .digits: lines.append(Display.Line("    " + Self.groups(code.parts), .strong))
        case .words:
            let (left, right) = (words(first), words(second))
            let width = left.map { DisplayWidth.columns(of: $0) }.max() ?? 0
            for (place, word) in left.enumerated() {
                let gap = String(repeating: " ", count: max(width - DisplayWidth.columns(of: word), 0) + 3)
                lines.append(
                    Display.Line("  \(place + 1). \(Foreign.word(word))\(gap)\(Foreign.word(right[place]))", .strong))
            }
        }
        return lines + [""]
    }

    /// `412 667 8095`: as people read digits out.
    static func groups(_ digits: [Int]) -> String {
        let text = digits.map(String.init).joined()
        return [text.prefix(3), text.dropFirst(3).prefix(3), text.dropFirst(6)].map(String.init).joined(separator: " ")
    }
}

/// The card as `--json` prints it.
struct GivenReport: Encodable {
    let version = 1
    /// By BCP 47 tag, in order.
    let card: [String: [String]]
    let status: ArrivalWordsReport

    init(_ card: CardText, _ status: ArrivalWordsReport) {
        self.card = Dictionary(
            ArrivalWordList.Column.allCases.map { ($0.rawValue, card.words($0)) },
            uniquingKeysWith: { first, _ in first })
        self.status = status
    }
}

/// What is known of a card.
struct ArrivalWordsReport: Encodable {
    let version = 1
    let conversation: String
    /// `words`, `digits`; empty without a card.
    let form: String
    let madeAt: String
    let madeBy: String
    let expiresAt: String
    let usedAt: String
    let exposedAt: String
    /// Wrong tries of this address.
    let tries: Int
    let isBlocked: Bool

    init(_ status: ArrivalWordsStatus) {
        conversation = ShortID(.conversation, status.conversation).description
        form = status.form
        madeAt = Moments.iso(status.madeAt)
        madeBy = status.madeBy
        expiresAt = Moments.iso(status.expiresAt)
        usedAt = Moments.iso(status.usedAt)
        exposedAt = Moments.iso(status.exposedAt)
        tries = status.tries
        isBlocked = status.isBlocked
    }

    static func tell(_ status: ArrivalWordsStatus, json: Bool) throws {
        try Output.standardOutput(
            json
                ? Output.json(ArrivalWordsReport(status))
                : words(status, now: Moments.now).map { $0 + "\n" }.joined())
    }

    static func words(_ status: ArrivalWordsStatus, now: Milliseconds) -> [String] {
        let id = ShortID(.conversation, status.conversation)
        var lines: [String] = []
        if status.form.isEmpty {
            lines.append("\(id) has no card. A new one: sila arrival-words give \(id)")
        } else {
            let what = status.form == "digits" ? "ten digits" : "six words"
            lines.append(
                "\(id) has a card with \(what), given by \(Foreign.word(status.madeBy)) at "
                    + "\(Moments.clock(status.madeAt)). It holds until \(Moments.clock(status.expiresAt)).")
            if status.expiresAt <= now { lines.append("IT HAS RUN OUT. A new one: sila arrival-words give \(id)") }
            lines.append(
                status.usedAt == 0 ? "Nobody wrote them yet." : "Last written at \(Moments.clock(status.usedAt)).")
            if status.exposedAt > 0 {
                lines.append(
                    "OTHERS COULD READ THEM at \(Moments.clock(status.exposedAt)): they came without encryption. "
                        + "Give a new card: sila arrival-words give \(id)")
            }
        }
        if status.tries > 0 {
            lines.append("This address wrote wrong ones \(Counted.words(status.tries, "time")).")
        }
        if status.isBlocked {
            lines.append("NOTHING IS LOOKED UP FOR IT ANY MORE. Let it try again: sila arrival-words reset \(id)")
        }
        return lines
    }
}
