import Foundation
import Inbox
import InboxReader
import Sealing
import StaffProtocol

// What the use cases call it, and what the reader calls it.

extension ReaderRight {
    /// - Parameter settings: of an intern.
    static func rights(of role: Role, _ settings: MemberSettings?) -> Set<ReaderRight> {
        switch role {
        case .coordinator, .staff: return [.assign, .approve, .replyAlone]
        case .intern:
            var rights: Set<ReaderRight> = [.hide]
            if settings?.repliesAlone == true { rights.insert(.replyAlone) }
            if settings?.experiencedIn.isEmpty == false { rights.insert(.approve) }
            return rights
        case .finance, .auditor: return []
        }
    }
}

extension SessionText {
    static func role(_ role: Role) -> SessionText {
        switch role {
        case .coordinator: .roleCoordinator
        case .staff: .roleStaff
        case .finance: .roleFinance
        case .intern: .roleIntern
        case .auditor: .roleAuditor
        }
    }
}

extension ReaderFilter {
    var wire: InboxFilter {
        switch self {
        case .waiting: .waiting
        case .mine: .mine
        case .unassigned: .unassigned
        case .all: .all
        }
    }
}

extension ReaderEnd {
    init(_ end: EncryptionEnd) {
        switch end {
        case .bridge: self = .bridge
        case .host: self = .host
        case .meta: self = .meta
        case .none: self = .none
        }
    }
}

extension InboxRow {
    /// The contact, as no name is known without opening anything.
    var label: String { isPractice ? "practice-\(contact)" : "contact-\(contact)" }
}

extension ReaderRow {
    /// A row of the inbox. No words of the contact: nothing is opened for a list.
    init(_ row: InboxRow) {
        self.init(
            id: row.conversation, shortID: ShortID(.conversation, row.conversation).description,
            name: row.label, channel: row.channel, endsAt: ReaderEnd(row.endsAt),
            waitsSince: row.waitsSince, dangerSince: row.dangerSince, lastAt: max(row.lastInAt, row.lastOutAt),
            language: row.language, assigned: row.assigned, takenOverBy: row.takenOverBy,
            takenOverUntil: row.takenOverUntil, bot: row.bot.map(ReaderBot.init), unheardVoice: row.unheardVoice,
            troubled: row.troubled, proposals: row.proposals, tasksDue: row.tasksDue, isPractice: row.isPractice,
            newest: row.newestItem)
        isUnrecognised = row.person?.isUnrecognised == true
    }
}

extension ReaderBot {
    init(_ note: BotNote) {
        self.init(
            decision: Decision(rawValue: note.decision),
            topic: note.topic.isEmpty ? note.candidates.first?.topic ?? "" : note.topic, reason: note.reason)
    }
}

extension ReaderConversation {
    init(_ opened: OpenedConversation) {
        self.init(
            row: ReaderRow(opened.row), lines: opened.lines.map { ReaderLine($0, in: opened.row) },
            older: opened.older, olderWithheld: opened.olderWithheld)
    }
}

extension ReaderSuggestion {
    init(_ suggestion: Suggestion, asked variety: String) {
        self.init(
            topic: suggestion.topic, confidence: suggestion.confidence, sources: suggestion.sources,
            checked: suggestion.checked,
            // A word that this program does not know is no release.
            review: Review(rawValue: suggestion.review) ?? .draft, handOver: suggestion.handOver,
            sayable: suggestion.sayable, texts: suggestion.texts, asked: variety)
    }
}

extension ReaderDraft.Purpose {
    var store: Draft.Purpose {
        switch self {
        case .reply: .reply
        case .note: .note
        case .confidentialNote: .confidentialNote
        case .giveBack: .giveBack
        }
    }
}

extension ReaderDraft {
    init(_ draft: Draft, _ purpose: Purpose, newChange: () -> String) {
        self.init(
            conversation: draft.conversation, purpose: purpose, text: draft.text,
            change: draft.change ?? newChange(), topic: draft.topic ?? "", variety: draft.variety ?? "",
            original: draft.original ?? "", at: draft.changedAt ?? 0)
    }
}
