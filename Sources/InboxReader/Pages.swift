/// What stands on the screen; the pages lie on each other as on a desk.
enum Page: Sendable, Equatable {
    case list
    case conversation
    case help(scroll: Int)
    case compose(Compose)
    case confirm(Confirm)
    case prompt(Prompt)
    case pick(Pick)
    case suggestions(SuggestionsPage)
    case proposal(ReaderLine, scroll: Int)
    case results(ResultsPage)
}

/// Which draft: of what, in which conversation.
struct DraftKey: Hashable, Sendable {
    var conversation: Int64
    var purpose: ReaderDraft.Purpose
}

extension DraftKey {
    init(_ draft: ReaderDraft) { self.init(conversation: draft.conversation, purpose: draft.purpose) }
}

/// Something that is being written.
struct Compose: Sendable, Equatable {
    var key: DraftKey
    var editor: TextEditor
    /// The id of the change that it becomes. A text that may have arrived and is edited becomes another.
    var change: String
    var topic = ""
    var variety = ""
    /// The topic's own text, to tell whether it was edited.
    var original = ""
    /// The proposal that is given back.
    var proposal: Int64 = 0
    /// The newest line when it was begun: later ones are shown as new.
    var begunAt: Int64
    /// When it was last changed without being kept; 0 when it is kept.
    var dirtySince: ReaderTime = 0
    /// The rows of the text that are above the pane.
    var top = 0
}

/// Something that is asked once more before it is done.
enum Confirm: Sendable, Equatable {
    /// `seen`: the newest line on the screen.
    case send(Compose, seen: Int64)
    /// `anyway`: that it holds words that are never said was asked already.
    case propose(Compose, seen: Int64, anyway: Bool = false)
    case approve(ReaderLine, seen: Int64)
    /// The same with words that are never said to a contact, which are named.
    case sendAnyway(Compose, seen: Int64, never: [String])
    case proposeAnyway(Compose, seen: Int64, never: [String])
    case approveAnyway(ReaderLine, seen: Int64, never: [String])
    /// The same to a contact who never wrote encrypted; `anyway` was said before.
    case sendInTheClear(Compose, seen: Int64, anyway: Bool)
    case approveInTheClear(ReaderLine, seen: Int64, anyway: Bool)
    case withdraw(ReaderLine)
    case takeFrom(member: String)
    case hide
    case dangerRead(seen: Int64)
}

/// One line that is asked for.
struct Prompt: Sendable, Equatable {
    enum Purpose: Sendable, Equatable {
        case search, tag, task
        /// The day of the task with this text.
        case due(task: String)
    }

    var purpose: Purpose
    var editor = TextEditor(isMultiline: false)
}

/// A choice from a list.
struct Pick: Sendable, Equatable {
    enum Purpose: Sendable, Equatable {
        case assignee
        case taskFor(text: String, due: Int32?)
        /// A tag, task or proposal that is open.
        case item
    }

    enum Choice: Sendable, Equatable {
        case nobody
        case member(ReaderMember)
        case item(ReaderLine)
    }

    var purpose: Purpose
    /// The conversation as it stood when the choice was offered: the list may move below it.
    var row: ReaderRow
    var choices: [Choice]
    var selected = 0
}

/// The bot's best topics beside each other.
struct SuggestionsPage: Sendable, Equatable {
    var conversation: Int64
    /// `nil` while they are fetched.
    var suggestions: [ReaderSuggestion]?
    var selected = 0
    /// The variety on the left; empty: as the contact writes.
    var variety = ""
    var scroll = 0

    var current: ReaderSuggestion? {
        guard let suggestions, suggestions.indices.contains(selected) else { return nil }
        return suggestions[selected]
    }
}

/// What a search found, or today's work.
struct ResultsPage: Sendable, Equatable {
    enum Rows: Sendable, Equatable {
        case hits([ReaderHit])
        case today([ReaderTodayItem])

        var count: Int {
            switch self {
            case .hits(let hits): hits.count
            case .today(let items): items.count
            }
        }
    }

    /// The words that were searched for; `nil`: today's work.
    var words: String?
    /// `nil` while they are fetched.
    var rows: Rows?
    var selected = 0
    var top = 0

    /// Takes what was found. What is chosen of today's work stays chosen wherever it moves.
    mutating func take(_ rows: Rows, height: Int) {
        if case .today(let before) = self.rows, case .today(let items) = rows, before.indices.contains(selected) {
            let chosen = before[selected]
            let place = items.firstIndex {
                $0.kind == chosen.kind && $0.conversation == chosen.conversation
                    && ($0.kind != .task || $0.text == chosen.text)
            }
            if let place { selected = place }
        }
        self.rows = rows
        selected = min(selected, max(rows.count - 1, 0))
        top = max(min(top, selected), selected - height + 1)
    }
}

/// A line for the person, below everything.
struct Notice: Sendable, Equatable {
    enum Tone: Sendable, Equatable { case plain, good, warning, danger }

    var key: TextKey
    var values: [String: String] = [:]
    var tone: Tone
    /// When it goes.
    var until: ReaderTime
}
