/// The list of conversations.
struct ListModel: Sendable, Equatable {
    /// Rows that are asked for at first, and each time the end is reached.
    static let step = 100

    var filter = ReaderFilter.waiting
    var rows: [ReaderRow] = []
    var waiting = 0
    var danger = 0
    var hasMore = false
    var limit = ListModel.step
    /// The conversation that is chosen: it stays chosen wherever it moves.
    var selected: Int64?
    /// The first row in the window.
    var top = 0
    /// Whether anything was ever fetched.
    var isLoaded = false
    /// Whether it must be fetched again after the answer that is under way.
    var isStale = false

    var selectedIndex: Int? { selected.flatMap { id in rows.firstIndex { $0.id == id } } }
    var selectedRow: ReaderRow? { selectedIndex.map { rows[$0] } }

    /// Takes a page. Who is chosen stays chosen; when they are gone, whoever stands in their place is.
    mutating func take(_ page: ReaderPage) {
        let place = selectedIndex ?? 0
        rows = page.rows.enumerated().sorted { one, other in
            let left = Self.rank(one.element)
            let right = Self.rank(other.element)
            return left == right ? one.offset < other.offset : left < right
        }.map(\.element)
        waiting = page.waiting
        danger = page.danger
        hasMore = page.hasMore
        isLoaded = true
        if selectedIndex == nil { selected = rows.isEmpty ? nil : rows[min(place, rows.count - 1)].id }
    }

    /// Danger first, then who waits longest, then the newest.
    private static func rank(_ row: ReaderRow) -> (Int, ReaderTime) {
        if row.dangerSince > 0 { return (0, row.dangerSince) }
        if row.waitsSince > 0 { return (1, row.waitsSince) }
        return (2, -row.lastAt)
    }

    mutating func move(by rows: Int) {
        guard !self.rows.isEmpty else { return }
        let index = min(max((selectedIndex ?? 0) + rows, 0), self.rows.count - 1)
        selected = self.rows[index].id
    }

    /// Puts the window around the chosen row.
    mutating func follow(height: Int) {
        guard let index = selectedIndex, height > 0 else { return top = 0 }
        top = min(top, max(rows.count - height, 0))
        if index < top { top = index }
        if index >= top + height { top = index - height + 1 }
    }
}

/// The conversation that is open.
struct ConversationModel: Sendable, Equatable {
    var row: ReaderRow
    /// Oldest first.
    var lines: [ReaderLine] = []
    var older = ""
    var olderWithheld = false
    var isLoaded = false
    var isStale = false
    /// Rows of the window below its lower edge; 0: the newest line is in view.
    var scroll = 0
    /// The newest position when it was opened or last acted on: later lines are new.
    var readUpTo: Int64 = 0
    /// A line to go to once it is there: what a search found.
    var target: Int64?
    /// The rows that the lines make in a window of `width` columns.
    private(set) var rows: [MessageRow] = []
    private(set) var width = 0

    init(row: ReaderRow) { self.row = row }

    var newest: Int64 { lines.last?.position ?? row.newest }
    /// The newest words of the contact.
    var lastWords: String {
        for line in lines.reversed() where line.kind == .contact {
            if case .text(let text) = line.body { return text }
        }
        return ""
    }
    /// How old words may be that are given to the bridge again, to look up topics for.
    static let suggestionTime: ReaderTime = 14 * 24 * 3600 * 1000
    /// The newest words of the contact that may be given to the bridge; empty when there are none. What is in
    /// doubt, or old, stays here: a bridge in the wrong hands would have the archive read out to it that way.
    func wordsToSuggest(now: ReaderTime) -> String {
        for line in lines.reversed()
        where line.kind == .contact && !line.remarks.contains(.doubtful) && line.at >= now - Self.suggestionTime {
            if case .text(let text) = line.body { return text }
        }
        return ""
    }
    var openProposals: [ReaderLine] { lines.filter { $0.kind == .proposal && $0.isOpenItem } }

    /// Takes the newest page: older lines that are here stay.
    mutating func take(_ page: ReaderConversation) {
        row = page.row
        let first = page.lines.first?.position
        let kept = first.map { first in lines.filter { $0.position < first } } ?? []
        // A gap between what is here and what came: only what came is shown.
        let joins = !kept.isEmpty && lines.contains { line in first.map { line.position >= $0 } ?? false }
        lines = (joins ? kept : []) + page.lines
        if !joins {
            older = page.older
            olderWithheld = page.olderWithheld
        }
        if !isLoaded { readUpTo = newest }
        isLoaded = true
        relayout(keepingPlace: true)
    }

    /// Takes the page before what is here.
    mutating func prepend(_ page: ReaderConversation) {
        let first = lines.first?.position ?? .max
        lines = page.lines.filter { $0.position < first } + lines
        older = page.older
        olderWithheld = page.olderWithheld
        // The distance from the lower edge stays.
        relayout(keepingPlace: false)
    }

    /// Nothing that is here is new any more.
    mutating func markRead() { readUpTo = newest }

    mutating func fit(_ width: Int) {
        guard width != self.width else { return }
        self.width = width
        relayout(keepingPlace: false)
    }

    /// Who scrolled up keeps the place while new lines come below.
    private mutating func relayout(keepingPlace: Bool) {
        let lastPosition = rows.last.flatMap(\.position)
        rows = MessageRow.rows(of: lines, width: width)
        guard keepingPlace, scroll > 0, let lastPosition,
            let index = rows.lastIndex(where: { $0.position == lastPosition })
        else { return }
        scroll += rows.count - 1 - index
    }

    mutating func scroll(by rows: Int, height: Int) {
        scroll = min(max(scroll + rows, 0), max(self.rows.count - height, 0))
    }

    /// Brings a line into view.
    mutating func show(_ position: Int64, height: Int) {
        guard let index = rows.firstIndex(where: { $0.position == position }) else { return }
        scroll = min(max(rows.count - index - height, 0), max(rows.count - height, 0))
    }
}
