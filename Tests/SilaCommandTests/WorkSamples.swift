import Foundation
import Messaging
import StaffProtocol

@testable import Inbox
@testable import sila

/// Rows and lines for tests. Their time is 2026-11-21 12:00 UTC.
enum Sample {
    static let now: Milliseconds = 1_795_262_400_000
    static let minute: Milliseconds = 60_000
    /// Letters of others that would do harm on a terminal.
    static let escapes = "a\u{1b}]0;title\u{7}b\u{9b}31mc\rd"
    static let overrides = "user\u{202e}txt.exe\u{2066}\u{200f}"

    static func row(_ change: (inout InboxRow) -> Void = { _ in }) -> InboxRow {
        var row = InboxRow(
            conversation: 12, contact: 3, channel: "xmpp", endsAt: .bridge, waitsSince: 0, dangerSince: 0, lastInAt: 0,
            lastOutAt: 0, language: "ary", assigned: "", takenOverBy: "", takenOverUntil: 0, bot: nil, unheardVoice: 0,
            troubled: 0, proposals: 0, tasksDue: 0, isPractice: false, newestItem: 40)
        change(&row)
        return row
    }

    static func item(_ kind: SealedItem.Kind, _ id: Int64, _ change: (inout SealedItem) -> Void = { _ in })
        -> SealedItem
    {
        var item = SealedItem(
            kind: kind, id: id, position: id * 10, conversation: 12, segment: Data(), storedAt: now, sealed: Data())
        change(&item)
        return item
    }

    static func line(
        _ item: SealedItem, _ content: ConversationLine.Content, _ author: ConversationLine.Author = .unknown,
        _ change: (inout ConversationLine) -> Void = { _ in }
    ) -> ConversationLine {
        var line = ConversationLine(item, content, author: author, at: Date(timeIntervalSince1970: Double(now) / 1000))
        change(&line)
        return line
    }

    static func message(_ text: String, _ author: ConversationLine.Author = .contact) -> ConversationLine {
        line(item(.message, 345) { $0.direction = author == .contact ? "in" : "out" }, .message(text), author) {
            $0.protection = .endToEnd
        }
    }

    static func show(_ lines: [ConversationLine], columns: Int = 80, bidi: Bool = false) -> ShowText {
        var text = ShowText(
            row: row(), now: now, display: Display(columns: columns, reorders: bidi), zone: .gmt)
        text.items = lines
        return text
    }
}

extension String {
    /// Control characters other than the line end, and bidi controls other than isolates.
    var hasHarmfulScalars: Bool {
        unicodeScalars.contains { scalar in
            switch scalar.value {
            case 0x0a: false
            case 0x00...0x1f, 0x7f...0x9f, 0x200e, 0x200f, 0x202a...0x202e: true
            default: false
            }
        }
    }
}
