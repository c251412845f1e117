import Foundation
import Inbox
import Sealing
import StaffProtocol

/// An opened conversation as lines of a terminal: a line of ours above each thing, the words behind a
/// margin.
struct ShowText {
    let row: InboxRow
    var items: [ConversationLine] = []
    /// The place of older ones; empty when there are none.
    var older = ""
    /// Older ones exist that this member is not served.
    var olderWithheld = false
    /// The person's other conversations.
    var linked: [InboxRow] = []
    let now: Milliseconds
    let display: Display
    var zone = TimeZone.current

    init(row: InboxRow, now: Milliseconds, display: Display, zone: TimeZone = .current) {
        self.row = row
        self.now = now
        self.display = display
        self.zone = zone
    }

    init(_ opened: OpenedConversation, now: Milliseconds, display: Display) {
        self.init(row: opened.row, now: now, display: display)
        items = opened.lines
        older = opened.older
        olderWithheld = opened.olderWithheld
        linked = opened.linked
    }

    func lines() -> [Display.Line] {
        var lines = RowText(row: row, now: now, display: display, zone: zone).lines()
        lines += [""]
        if olderWithheld {
            lines += display.wrapped("Older ones exist that you are not served.", weight: .faint)
        }
        if !older.isEmpty {
            lines += display.wrapped(
                "Older: sila show \(ShortID(.conversation, row.conversation)) --older \(Foreign.word(older))",
                weight: .faint)
        }
        if items.isEmpty { lines += ["Nothing was written here yet."] }
        var shown = row.conversation
        for line in items {
            if line.item.conversation != shown {
                shown = line.item.conversation
                lines += addressChange(to: row(of: line)) + [""]
            }
            lines += self.lines(of: line)
        }
        return lines
    }

    /// The conversation in which a line stands.
    private func row(of line: ConversationLine) -> InboxRow {
        linked.first { $0.conversation == line.item.conversation } ?? row
    }

    /// From here on the person writes from another address.
    private func addressChange(to row: InboxRow) -> [Display.Line] {
        let id = ShortID(.conversation, row.conversation)
        let how = row.person.map(PersonText.words) ?? ""
        return display.wrapped(
            "---- \(id), another address of contact \(row.contact)\(how.isEmpty ? "" : ": " + how) ----",
            weight: row.person?.isUnrecognised ?? false ? .alarm : .strong)
    }

    /// One thing.
    func lines(of line: ConversationLine) -> [Display.Line] {
        let at = Milliseconds((line.at.timeIntervalSince1970 * 1000).rounded())
        let heading = "\(Moments.clock(at, zone: zone))  \(line.id)  "
        let isAlarming = !row.isPractice && !Self.isSign(line) && line.protection.map { $0 == .none } ?? false
        var lines = display.wrapped(
            heading + ([who(line)] + facts(line)).joined(separator: " · "), weight: isAlarming ? .alarm : .strong)
        for doubt in line.doubts.sorted(by: { $0.rawValue < $1.rawValue }) {
            lines += display.wrapped(Self.words(doubt), weight: .alarm, indent: 2)
        }
        return lines + body(line)
    }

    private func who(_ line: ConversationLine) -> String {
        let author: String =
            switch line.author {
            case .contact: "the contact"
            case .bot: "the bot"
            case .member(let name): name.isEmpty ? "staff" : Foreign.word(name)
            case .unknown: Self.unknown(line.item)
            }
        return switch line.item.kind {
        case .message: line.reference.map { Self.words($0, by: author) } ?? author
        case .unreadable: "the contact, UNREADABLE"
        case .note: line.compartment == .casework ? "CONFIDENTIAL NOTE of \(author)" : "NOTE of \(author)"
        case .tag: "TAG of \(author)"
        case .task: "TASK of \(author)"
        case .proposal: "REPLY TO APPROVE of \(author)"
        }
    }

    /// Whether it is a sign, or takes something back: apps encrypt neither.
    private static func isSign(_ line: ConversationLine) -> Bool {
        line.reference.map { $0.kind != .correction } ?? false
    }

    /// What the bridge says of a thing that was not opened.
    private static func unknown(_ item: SealedItem) -> String {
        if let author = item.author, !author.isEmpty { return Foreign.word(author) }
        return switch item.direction {
        case "in": "the contact"
        case "out": "to the contact"
        default: "somebody"
        }
    }

    private func facts(_ line: ConversationLine) -> [String] {
        let item = line.item
        var facts: [String] = []
        if Self.isSign(line) {
            facts.append("not encrypted: apps send this in the clear")
        } else if let protection = line.protection, !row.isPractice {
            let here = row(of: line)
            let end = here.endsAt == .none ? EncryptionEnd.bridge : here.endsAt
            facts.append(protection == .endToEnd ? "encrypted to \(InboxTable.end(end))" : "NOT ENCRYPTED")
        }
        if let by = line.retractedBy { facts.append("TAKEN BACK by the contact (\(by))") }
        if let by = line.correctedBy { facts.append("corrected by \(by)") }
        if let signs = line.reaction { facts.append("the contact put \(Foreign.word(signs))") }
        if line.deviceIsNew { facts.append("from a NEW DEVICE") }
        if let stage = item.stage { facts.append(Self.words(stage: stage, code: item.code)) }
        if let language = line.language, !language.isEmpty { facts.append(Foreign.word(language)) }
        if let topic = line.topic, !topic.isEmpty { facts.append("topic \(Foreign.word(topic))") }
        if item.kind == .task {
            let assignee = item.assignee ?? ""
            facts.append("for \(assignee.isEmpty ? "whoever takes it" : Foreign.word(assignee))")
            if let due = item.due, due > 0 { facts.append("due \(Moments.day(due))") }
        }
        if let outcome = item.outcome, !outcome.isEmpty {
            let by = item.closedBy.map { $0.isEmpty ? "" : " by \(Foreign.word($0))" } ?? ""
            facts.append("\(Foreign.word(outcome))\(by)")
        } else if item.kind == .proposal {
            facts.append("waits for a second person")
        }
        return facts
    }

    private func body(_ line: ConversationLine) -> [Display.Line] {
        switch line.content {
        case .message where line.reference?.kind == .retraction:
            return [""]
        case .message(let text) where line.reference?.kind == .reaction && text.isEmpty:
            return [""]
        case .message(let text):
            guard let attachment = line.attachment else { return display.quoted(text) + [""] }
            let words = AttachmentWords.line(attachment, line.item.attachment)
            return display.wrapped(words, indent: 2) + (text.isEmpty ? [] : display.quoted(text)) + [""]
        case .note(let text), .tag(let text), .task(let text):
            return display.quoted(text) + [""]
        case .proposal(let text, let proposal):
            var lines = display.quoted(text)
            if let original = proposal.original, original != text {
                lines += display.wrapped("The topic's own text was:", indent: 2)
                lines += display.quoted(original, margin: "  ┆ ", weight: .faint)
            }
            return lines + [""]
        case .unreadable(let code, let reason):
            return display.wrapped(
                "The bridge could not open this message (\(Foreign.word(code))): \(Foreign.word(reason))",
                weight: .alarm,
                indent: 2) + [""]
        case .closed(let compartment):
            return display.wrapped("Closed for you: it lies in '\(compartment.rawValue)'.", weight: .faint, indent: 2)
                + [""]
        case .erased:
            return display.wrapped("Erased: nobody can read it any more.", weight: .faint, indent: 2) + [""]
        case .damaged(let reason):
            return display.wrapped("DAMAGED, cannot be opened: \(Foreign.word(reason)).", weight: .alarm, indent: 2)
                + [""]
        }
    }

    /// What a message does to an earlier one.
    static func words(_ reference: MessageReference, by author: String) -> String {
        let target = reference.message == 0 ? "an earlier message" : ShortID(.message, reference.message).description
        return switch reference.kind {
        case .correction: "\(author) CORRECTS \(target)"
        case .retraction: "\(author) TAKES BACK \(target)"
        case .reaction: "\(author) reacts to \(target)"
        }
    }

    static func words(_ doubt: ConversationLine.Doubt) -> String {
        switch doubt {
        case .direction: "DOUBT: the bridge says that this went the other way. What was sealed is shown."
        case .author: "DOUBT: the bridge names another author. What was sealed is shown."
        case .protection: "DOUBT: the bridge says otherwise whether this was encrypted. What was sealed is shown."
        case .contact: "DOUBT: this was sealed for another contact. It may have been put here."
        }
    }

    /// How far a message of ours came.
    static func words(stage: String, code: String?) -> String {
        let why = code.map { $0.isEmpty ? "" : " (\(Foreign.word($0)))" } ?? ""
        return switch stage {
        case "intent" where code == "new-device": "HELD: new device"
        case "intent", "prepared": "waits to be sent"
        case "handed-over": "sent"
        case "confirmed": "at the server"
        case "uncertain": "UNCERTAIN whether it arrived\(why)"
        case "failed": "NOT DELIVERED\(why)"
        default: Foreign.word(stage)
        }
    }
}
