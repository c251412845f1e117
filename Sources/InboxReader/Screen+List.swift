import TerminalText

/// The list, and what a search or today shows.
extension Screen {
    func listBody() -> [[Span]] {
        let list = state.list
        var lines: [[Span]] = []
        if list.rows.isEmpty {
            lines = wrapped(
                texts[list.isLoaded ? emptyKey(list.filter) : state.isUp ? .listLoading : .listOffline], .dim, indent: 2
            )
            lines.insert([], at: 0)
            lines.append([])
            if list.isLoaded { lines += wrapped(texts[.listEmptyHint], .dim, indent: 2) }
        } else {
            let rows = list.rows[min(list.top, list.rows.count)...].prefix(geometry.listHeight)
            lines = tableLines(Array(rows))
        }
        lines = Array(lines.prefix(geometry.listHeight))
        lines += Array(repeating: [], count: max(geometry.listHeight - lines.count, 0))
        if geometry.detail > 0 { lines += detail() }
        return lines
    }

    private func emptyKey(_ filter: ReaderFilter) -> TextKey {
        switch filter {
        case .waiting: .listEmptyWaiting
        case .mine: .listEmptyMine
        case .unassigned: .listEmptyUnassigned
        case .all: .listEmptyAll
        }
    }

    private func tableLines(_ rows: [ReaderRow]) -> [[Span]] {
        let isNarrow = geometry.isNarrow
        let ages = rows.map { $0.waitsSince > 0 || $0.dangerSince > 0 ? age($0) : "" }
        let rowFlags = rows.map { flags(of: $0) }
        let flagWidth = min(rowFlags.map { DisplayWidth.columns(of: flagCell($0)) }.max() ?? 0, 13)
        let ageWidth = min(max(ages.map { DisplayWidth.columns(of: $0) }.max() ?? 0, 6), 8)
        let columns: [Columns.Column] = [
            .init(.fitting(most: 6)), .init(.flexible(least: 14)), .init(.fitting(most: 12), goesAt: 2),
            .init(.fitting(most: 6), goesAt: 3), .init(.fitting(most: 10), goesAt: 4),
            .init(.fitting(most: 24), goesAt: 1),
        ]
        let taken = 2 + ageWidth + 1 + (flagWidth > 0 ? flagWidth + 1 : 0)
        let cells = rows.map { row in
            [
                row.shortID, setter.foreign(row.name.isEmpty ? row.snippet : row.name), languageName(row.language),
                row.isPractice ? "–" : shortEnd(row.endsAt),
                row.assigned == state.me.member ? texts[.lineYou] : setter.foreign(row.assigned), botShort(row.bot),
            ]
        }
        let table = Columns.render(
            rows: cells, columns: isNarrow ? Array(columns.prefix(2)) : columns, total: max(width - taken, 8),
            reordering: { setter.visual($0) })
        return rows.indices.map { index in
            let row = rows[index]
            let isSelected = row.id == state.list.selected
            var line = self.line()
            func style(_ style: Style) -> Style { isSelected ? style.reversed() : style }
            line.add(isSelected ? "> " : "  ", style(.bold))
            line.field(ages[index], ageWidth, style(row.dangerSince > 0 ? .danger : .plain), .trailing)
            line.add(" ", style(.plain))
            if flagWidth > 0 {
                let flagStyle = rowFlags[index].first?.1 ?? .plain
                line.field(flagCell(rowFlags[index]), flagWidth, style(flagStyle))
                line.add(" ", style(.plain))
            }
            // It is put in order already.
            line.addDrawn(table[index], style(row.waitsSince > 0 || row.dangerSince > 0 ? .bold : .plain))
            return line.finish(fill: isSelected ? .bar : nil)
        }
    }

    func age(_ row: ReaderRow) -> String {
        times.age(row.dangerSince > 0 ? row.dangerSince : row.waitsSince, now: state.now)
    }

    /// What must be seen at once, the most pressing first.
    func flags(of row: ReaderRow) -> [(String, Style)] {
        var flags: [(String, Style)] = []
        if row.dangerSince > 0 { flags.append((texts[.flagDanger], .danger)) }
        if row.troubled > 0 { flags.append((texts(.flagTroubled, ["n": "\(row.troubled)"]), .danger)) }
        // Practice reaches nobody: there the mark is what must be seen.
        if row.isPractice { flags.append((texts[.flagPractice], .plain)) }
        if row.isUnrecognised { flags.append((texts[.flagUnrecognised], .danger)) }
        if row.endsAt == .none, !row.isPractice { flags.append((texts[.flagClear], .danger)) }
        if row.proposals > 0 { flags.append((texts(.flagProposals, ["n": "\(row.proposals)"]), .warning)) }
        if row.unheardVoice > 0 { flags.append((texts(.flagVoice, ["n": "\(row.unheardVoice)"]), .warning)) }
        if row.tasksDue > 0 { flags.append((texts(.flagTasks, ["n": "\(row.tasksDue)"]), .warning)) }
        if hasDraft(row.id) { flags.append((texts[.flagDraft], .plain)) }
        return flags
    }

    private func hasDraft(_ conversation: Int64) -> Bool {
        state.drafts.keys.contains { $0.conversation == conversation }
    }

    private func flagCell(_ flags: [(String, Style)]) -> String {
        guard let first = flags.first else { return "" }
        return flags.count == 1 ? first.0 : "\(first.0) +\(flags.count - 1)"
    }

    /// More about the row that is chosen.
    private func detail() -> [[Span]] {
        var rule = line()
        rule.add("── ", .dim)
        rule.add(filterName(state.list.filter), .bold)
        let place = state.list.selectedIndex.map { "\($0 + 1)/\(state.list.rows.count)" } ?? ""
        rule.add(" \(place)\(state.list.hasMore ? "+" : "") ", .dim)
        rule.add(String(repeating: "─", count: rule.rest), .dim)
        guard let row = state.list.selectedRow else { return [rule.finish(), [], [], []] }
        var lines = [rule.finish()]
        lines += factLines(facts(of: row), rows: 2)
        var last = line()
        if row.snippet.isEmpty {
            last.add(texts[.detailNoWords], .dim)
        } else {
            last.add("│ ")
            last.add(setter.foreign(row.snippet))
        }
        lines.append(last.finish())
        return lines
    }

    func filterName(_ filter: ReaderFilter) -> String {
        switch filter {
        case .waiting: texts[.filterWaiting]
        case .mine: texts[.filterMine]
        case .unassigned: texts[.filterUnassigned]
        case .all: texts[.filterAll]
        }
    }

    // MARK: Search and today

    func resultsBody(_ page: ResultsPage) -> [[Span]] {
        var heading = line()
        if let words = page.words {
            heading.add(texts[.resultsFor] + " ", .bold)
            heading.add(setter.foreign(words))
        } else {
            heading.add(texts[.todayHeading], .bold)
        }
        var lines = [heading.finish(), []]
        guard let rows = page.rows else { return [lines[0]] + wrapped(texts[.listLoading], .dim, indent: 2) }
        if rows.count == 0 {
            return [lines[0]]
                + wrapped(texts[page.words == nil ? .todayEmpty : .resultsEmpty], .dim, indent: 2)
        }
        lines.removeLast()
        let height = max(geometry.body - 1, 1)
        let range = page.top..<min(page.top + height, rows.count)
        for index in range {
            let isSelected = index == page.selected
            func style(_ style: Style) -> Style { isSelected ? style.reversed() : style }
            var line = self.line()
            line.add(isSelected ? "> " : "  ", style(.bold))
            switch rows {
            case .hits(let hits):
                let hit = hits[index]
                line.field(times.day(hit.at, now: state.now), geometry.isNarrow ? 10 : 14, style(.plain))
                line.add(" \(hit.shortID) ", style(.bold))
                if !hit.name.isEmpty, !geometry.isNarrow {
                    line.add(setter.foreign(hit.name) + "  ", style(.plain), most: 22)
                }
                line.add(setter.foreign(hit.snippet), style(.plain))
            case .today(let items):
                let item = items[index]
                line.field(todayKind(item.kind), 11, style(item.kind == .danger ? .danger : .plain))
                // A task has a day, and no hour.
                let since =
                    item.kind == .task && times.isSameDay(item.since, state.now)
                    ? texts[.dayToday] : times.age(item.since, now: state.now)
                line.field(since, 7, style(.plain), .trailing)
                line.add(" \(item.shortID) ", style(.bold))
                if !item.name.isEmpty { line.add(setter.foreign(item.name) + "  ", style(.plain), most: 22) }
                line.add(setter.foreign(item.text), style(.plain))
            }
            lines.append(line.finish(fill: isSelected ? .bar : nil))
        }
        return lines
    }

    private func todayKind(_ kind: ReaderTodayItem.Kind) -> String {
        switch kind {
        case .danger: texts[.flagDanger]
        case .waiting: texts[.todayWaiting]
        case .proposal: texts[.todayProposal]
        case .task: texts[.todayTask]
        case .troubled: texts[.todayTroubled]
        }
    }
}
