import Foundation
import TerminalText

/// Draws a state: the same state, texts and window always give the same frame.
struct Screen: Sendable {
    let state: ReaderState
    let texts: StaffTexts
    let setter: Typesetter
    let times: Times
    let geometry: Geometry

    init(_ state: ReaderState, texts: StaffTexts, setter: Typesetter, zone: TimeZone) {
        self.state = state
        self.texts = texts
        self.setter = setter
        times = Times(zone: zone, texts: texts)
        geometry = Geometry(state)
    }

    var width: Int { state.size.columns }

    /// The window, exactly as many lines as it has rows.
    func frame() -> Frame {
        var cursor: Frame.Place?
        var lines = [title()]
        lines += alarmLines()
        let body = self.body(of: state.pages, cursor: &cursor)
        lines += body.prefix(geometry.body)
        lines += Array(repeating: [], count: max(geometry.body - body.count, 0))
        if case .prompt(let prompt) = state.page {
            // The prompt stands where notices do.
            if state.notice != nil, lines.count > 1 { lines[lines.count - 1] = noticeLine() }
            lines.append(promptLine(prompt, row: lines.count, cursor: &cursor))
        } else {
            lines.append(noticeLine())
        }
        lines.append(keyBar())
        if cursor.map({ $0.row >= state.size.rows || $0.column >= width }) == true { cursor = nil }
        return Frame(lines: Array(lines.prefix(max(state.size.rows, 1))), cursor: cursor)
    }

    func line() -> LineMaker { LineMaker(width, setter) }

    /// A line of ours in one style.
    func line(_ text: String, _ style: Style = .plain) -> [Span] {
        var line = self.line()
        line.add(text, style)
        return line.finish()
    }

    /// Sentences of ours, wrapped.
    func wrapped(_ text: String, _ style: Style = .plain, indent: Int = 0) -> [[Span]] {
        Wrapping.wrap(text, columns: max(width - indent, 8)).map { row in
            var line = self.line()
            line.pad(to: indent)
            line.add(row, style)
            return line.finish()
        }
    }

    private func body(of pages: [Page], cursor: inout Frame.Place?) -> [[Span]] {
        switch pages.last ?? .list {
        case .list: return listBody()
        case .conversation: return conversationBody()
        case .compose(let compose): return conversationBody() + composeBody(compose, cursor: &cursor)
        case .confirm(let confirm): return confirmBody(confirm)
        case .prompt: return body(of: pages.dropLast(), cursor: &cursor)
        case .pick(let pick): return pickBody(pick)
        case .suggestions(let page): return suggestionsBody(page)
        case .proposal(let line, let scroll): return proposalBody(line, scroll)
        case .results(let page): return resultsBody(page)
        case .help(let scroll): return helpBody(pages.dropLast().last ?? .list, scroll)
        }
    }

    // MARK: The frame around

    private func title() -> [Span] {
        var line = self.line()
        line.add(" Sila  ", .bar)
        line.add(setter.foreign(state.me.member), .bar)
        if !geometry.isNarrow { line.add(" (\(setter.foreign(state.me.role)))", .bar) }
        var right: [(String, Style)] = []
        if !state.isUp { right.append((texts[.titleOffline], Style.danger.reversed())) }
        if state.list.danger > 0 {
            right.append((texts(.titleDanger, ["n": "\(state.list.danger)"]), Style.danger.reversed()))
        }
        if state.list.isLoaded { right.append((texts(.titleWaiting, ["n": "\(state.list.waiting)"]), .bar)) }
        right.append((times.clock(state.now), .bar))
        func columns() -> Int { right.reduce(0) { $0 + DisplayWidth.columns(of: $1.0) + 2 } }
        // In a narrow window the clock goes first; what is most pressing stays.
        while right.count > 1, line.rest < columns() { right.removeLast() }
        line.add(" ", .bar)
        line.pad(to: width - columns(), .bar)
        for (text, style) in right {
            line.add(" ", .bar)
            line.add(text, style)
            line.add(" ", .bar)
        }
        return line.finish(fill: .bar)
    }

    /// A warning is read whole: what does not fit beside its word stands below it.
    private func alarmLines() -> [[Span]] {
        guard state.alarm != nil else { return [] }
        let rows = geometry.alarm
        var line = self.line()
        let hint = " " + texts[.alarmHint]
        line.add(texts[.alarmWord] + " ", Style.danger.reversed())
        if rows.count == 1 {
            line.add(rows[0], .danger, most: max(line.rest - DisplayWidth.columns(of: hint) - 1, 0))
        }
        line.addAtEnd(hint)
        return [line.finish()] + (rows.count > 1 ? rows.map { self.line($0, .danger) } : [])
    }

    private func noticeLine() -> [Span] {
        guard let notice = state.notice else { return [] }
        var values = notice.values.mapValues { setter.foreign($0) }
        if let time = notice.values["time"].flatMap({ ReaderTime($0) }) { values["time"] = times.clock(time) }
        let style: Style =
            switch notice.tone {
            case .plain: .plain
            case .good: .good
            case .warning: .warning
            case .danger: .danger
            }
        return line(texts(notice.key, values), style)
    }

    private func keyBar() -> [Span] {
        var line = self.line()
        let hints = KeyTable.hints(for: state.page, state: state).filter { !$0.isRare }
        func columns(_ hint: KeyHint) -> Int { DisplayWidth.columns(of: hint.key + texts[hint.label]) + 3 }
        // What the page is for, and the two that lead back and to all others, before the rest.
        let order = [0, hints.count - 1, hints.count - 2] + Array(hints.indices.dropFirst())
        var shown: Set<Int> = []
        var room = line.rest
        for index in order where hints.indices.contains(index) && !shown.contains(index) {
            guard room >= columns(hints[index]) else { break }
            room -= columns(hints[index])
            shown.insert(index)
        }
        for index in shown.sorted() { add(hints[index], to: &line) }
        return line.finish()
    }

    private func add(_ hint: KeyHint, to line: inout LineMaker) {
        line.add(hint.key, .bar)
        line.add(" " + texts[hint.label] + "  ")
    }

    private func promptLine(_ prompt: Prompt, row: Int, cursor: inout Frame.Place?) -> [Span] {
        let label: TextKey =
            switch prompt.purpose {
            case .search: .promptSearch
            case .tag: .promptTag
            case .task: .promptTask
            case .due: .promptDue
            }
        var line = self.line()
        line.add(texts[label] + " ", .bold)
        let layout = prompt.editor.layout(columns: max(line.rest - 1, 8))
        let range = layout.rows[layout.cursorRow]
        let (text, column) = EditorRow.draw(prompt.editor, range, setter, width: max(line.rest - 1, 8))
        cursor = Frame.Place(row: row, column: line.used + column)
        line.add(text)
        return line.finish()
    }
}
