import TerminalText

/// What is asked once more, chosen, suggested, proposed, and the help.
extension Screen {
    func confirmBody(_ confirm: Confirm) -> [[Span]] {
        var lines: [[Span]] = []
        let row = state.conversation?.row
        switch confirm {
        case .send(let compose, _):
            lines = recipient(row, .confirmSend, compose)
            lines += preview(compose.editor.text, lines.count)
        case .propose(let compose, _, _):
            lines = recipient(row, .confirmPropose, compose)
            lines += wrapped(texts[.confirmProposeMeaning], .warning)
            lines += preview(compose.editor.text, lines.count)
        case .approve(let line, _):
            lines = recipient(row, .confirmApprove, nil)
            lines += wrapped(texts(.confirmApproveMeaning, ["name": setter.foreign(line.author)]))
            if case .text(let text) = line.body { lines += preview(text, lines.count) }
        case .sendAnyway(let compose, _, let never):
            lines = neverSaid(never) + recipient(row, .confirmSend, compose)
            lines += preview(compose.editor.text, lines.count)
        case .proposeAnyway(let compose, _, let never):
            lines = neverSaid(never) + recipient(row, .confirmPropose, compose)
            lines += preview(compose.editor.text, lines.count)
        case .approveAnyway(let line, _, let never):
            lines = neverSaid(never) + recipient(row, .confirmApprove, nil)
            if case .text(let text) = line.body { lines += preview(text, lines.count) }
        case .sendInTheClear(let compose, _, _):
            lines = readable(.confirmSend, row, compose)
            lines += preview(compose.editor.text, lines.count)
        case .approveInTheClear(let line, _, _):
            lines = readable(.confirmApprove, row, nil)
            if case .text(let text) = line.body { lines += preview(text, lines.count) }
        case .withdraw: lines = wrapped(texts[.confirmWithdraw], .bold)
        case .takeFrom(let member):
            lines = wrapped(texts(.confirmTake, ["name": setter.foreign(member)]), .bold)
            lines += wrapped(texts[.confirmTakeMeaning])
        case .hide:
            lines = wrapped(texts[.confirmHide], .bold) + wrapped(texts[.confirmHideMeaning])
        case .dangerRead:
            lines = wrapped(texts[.confirmDanger], .danger) + wrapped(texts[.confirmDangerMeaning])
        }
        return lines
    }

    /// Words that are never said to a contact, and why.
    private func neverSaid(_ words: [String]) -> [[Span]] {
        let named = words.map { "\"" + setter.foreign($0) + "\"" }.joined(separator: ", ")
        return wrapped(texts[.confirmNever] + " " + named, .danger) + wrapped(texts[.confirmNeverMeaning]) + [[]]
    }

    /// That every server on the way can read it, and to whom it goes.
    private func readable(_ heading: TextKey, _ row: ReaderRow?, _ compose: Compose?) -> [[Span]] {
        wrapped(texts[.confirmReadable], .danger) + wrapped(texts[.confirmReadableMeaning]) + [[]]
            + recipient(row, heading, compose)
    }

    private func isEdited(_ compose: Compose) -> Bool { compose.editor.text != compose.original }

    /// To whom it goes, and who can read it on its way.
    private func recipient(_ row: ReaderRow?, _ heading: TextKey, _ compose: Compose?) -> [[Span]] {
        guard let row else { return [] }
        var lines = [line(texts[heading], .bold)]
        func fact(_ label: TextKey, _ text: String, _ style: Style = .plain) {
            // All of it: a word that is cut off here may be the one that matters.
            let indent = 13
            for (index, row) in Wrapping.wrap(text, columns: max(width - indent, 8)).enumerated() {
                var line = self.line()
                line.field(index == 0 ? texts[label] : "", indent - 1, .dim)
                line.add(" ")
                line.add(row, style)
                lines.append(line.finish())
            }
        }
        let name = [row.shortID, setter.foreign(row.name)].filter { $0 != "" }.joined(separator: " ")
        fact(.confirmTo, name, .bold)
        fact(
            .confirmChannel, channelName(row.channel) + ", " + longEnd(row.endsAt),
            row.endsAt == .none ? .danger : .good)
        if !row.language.isEmpty { fact(.confirmLanguage, languageName(row.language)) }
        if row.isPractice { fact(.confirmPractice, texts[.factPractice], .warning) }
        if row.isUnrecognised { fact(.confirmMind, texts[.factUnrecognised], .danger) }
        if let compose, !compose.topic.isEmpty {
            let key: TextKey = isEdited(compose) ? .confirmTopicEdited : .confirmTopicSame
            fact(.confirmTopic, texts(key, ["topic": setter.foreign(compose.topic)]))
            if !compose.variety.isEmpty, !row.language.isEmpty, compose.variety != row.language {
                let values = ["language": languageName(compose.variety)]
                fact(.confirmMind, texts(.confirmOtherLanguage, values), .warning)
            }
        }
        if !row.takenOverBy.isEmpty, row.takenOverBy != state.me.member {
            fact(.confirmMind, texts(.confirmTaken, ["name": setter.foreign(row.takenOverBy)]), .danger)
        } else if !row.assigned.isEmpty, row.assigned != state.me.member {
            fact(.confirmMind, texts(.confirmAssigned, ["name": setter.foreign(row.assigned)]), .warning)
        }
        if let compose {
            let since = state.conversation?.lines.filter { $0.position > compose.begunAt } ?? []
            if let colleague = since.last(where: { $0.isOfStaff && $0.author != state.me.member }) {
                fact(.confirmMind, texts(.confirmColleague, ["name": setter.foreign(colleague.author)]), .danger)
            } else if since.contains(where: { $0.kind == .contact }) {
                fact(.confirmMind, texts[.confirmContact], .warning)
            }
        }
        return lines
    }

    private func preview(_ text: String, _ used: Int) -> [[Span]] {
        let rows = textRows(text, columns: width - 3).map { draw($0.0, $0.1, sign: "┃ ", .own) }
        let room = max(geometry.body - used - 1, 1)
        guard rows.count > room else { return [[]] + rows }
        return [[]] + rows.prefix(max(room - 1, 0)) + [line(texts(.moreRows, ["n": "\(rows.count - room + 1)"]), .dim)]
    }

    /// The rows of a text of others, and whether each is read from the right.
    private func textRows(_ text: String, columns: Int) -> [(String, Bool)] {
        SafeText.paragraphs(text).flatMap { paragraph in
            let isRightToLeft = TextDirection.isRightToLeft(paragraph)
            return Wrapping.wrap(paragraph, columns: max(columns, 8)).map { ($0, isRightToLeft) }
        }
    }

    // MARK: Choices

    func pickBody(_ pick: Pick) -> [[Span]] {
        let heading: TextKey =
            switch pick.purpose {
            case .assignee: .pickAssignee
            case .taskFor: .pickTaskFor
            case .item: .pickItem
            }
        var lines = [line(texts[heading], .bold)]
        let height = max(geometry.body - 1, 1)
        let top = max(pick.selected - height + 1, 0)
        for (index, choice) in pick.choices.enumerated().dropFirst(top).prefix(height) {
            let isSelected = index == pick.selected
            let style = isSelected ? Style.bar : .plain
            var line = self.line()
            line.add(isSelected ? "> " : "  ", style)
            line.add(index < 9 ? "\(index + 1)  " : "   ", style)
            switch choice {
            case .nobody: line.add(texts[.pickNobody], style)
            case .member(let member):
                let name =
                    member.name == state.me.member
                    ? texts[.lineYou] + " (" + setter.foreign(member.name) + ")"
                    : setter.foreign(member.name)
                line.field(name, geometry.isNarrow ? 18 : 26, style)
                line.add(" ", style)
                line.field(setter.foreign(member.role), 14, style)
                line.add(texts(.pickAssigned, ["n": "\(member.assigned)"]), style)
            case .item(let item):
                line.add(item.shortID + " " + who(item) + "  ", style)
                if case .text(let text) = item.body { line.add(setter.foreign(text), style) }
            }
            lines.append(line.finish(fill: isSelected ? .bar : nil))
        }
        return lines
    }

    // MARK: A proposal

    func proposalBody(_ item: ReaderLine, _ scroll: Int) -> [[Span]] {
        var lines = [line(texts(.proposalBy, ["name": setter.foreign(item.author)]), .bold)]
        if !item.topic.isEmpty { lines.append(line(texts(.proposalTopic, ["topic": setter.foreign(item.topic)]))) }
        lines.append([])
        if case .text(let text) = item.body {
            lines += textRows(text, columns: width - 3).map { draw($0.0, $0.1, sign: "? ", .warning) }
            if !item.original.isEmpty, item.original != text {
                lines += [[], line(texts[.proposalOriginal], .dim)]
                lines += textRows(item.original, columns: width - 3).map { draw($0.0, $0.1, sign: "┊ ", .dim) }
            }
        } else {
            lines.append(line(texts[.proposalUnreadable], .warning))
        }
        let words = state.conversation?.lastWords ?? ""
        if !words.isEmpty {
            lines += [[], line(texts[.proposalContactWrote], .dim)]
            lines += textRows(words, columns: width - 3).map { draw($0.0, $0.1, sign: "│ ", .bold) }
        }
        return scrolled(lines, scroll)
    }

    /// Lines from an offset, which stops where the last one is in view.
    func scrolled(_ lines: [[Span]], _ scroll: Int) -> [[Span]] {
        let offset = min(scroll, max(lines.count - geometry.body, 0))
        var shown = Array(lines.dropFirst(offset).prefix(geometry.body))
        if offset + geometry.body < lines.count, let last = shown.indices.last {
            var more = line()
            more.addAtEnd("↓ " + texts[.belowMore], .dim)
            shown[last] = more.finish()
        }
        return shown
    }

    // MARK: Suggestions

    func suggestionsBody(_ page: SuggestionsPage) -> [[Span]] {
        guard let found = page.suggestions else { return [[]] + wrapped(texts[.suggestionsLoading], .dim, indent: 2) }
        guard let suggestion = page.current else { return [[]] + wrapped(texts[.suggestionsNone], indent: 2) }
        var heading = line()
        heading.add("\(page.selected + 1)/\(found.count) ", .bold)
        heading.add(setter.foreign(suggestion.topic), .bold)
        let confidence = suggestion.confidence.isFinite ? min(max(suggestion.confidence, 0), 1) : 0
        let percent = Int((confidence * 100).rounded())
        heading.add("  " + texts(.suggestionSure, ["n": "\(percent)"]), .dim)
        let (review, style): (TextKey, Style) =
            switch suggestion.review {
            case .released: (.reviewReleased, .good)
            case .draft: (.reviewDraft, .danger)
            case .expired: (.reviewExpired, .danger)
            }
        var lines = [heading.finish()]
        lines += wrapped(texts(review, ["day": setter.foreign(suggestion.checked)]), style)
        lines += wrapped(
            texts(.suggestionSources, ["sources": suggestion.sources.map(setter.foreign).joined(separator: "; ")]), .dim
        )
        if !suggestion.handOver.isEmpty {
            lines += wrapped(texts(.suggestionHandOver, ["who": setter.foreign(suggestion.handOver)]), .dim)
        }
        lines.append([])
        let variety = state.variety(of: page)
        if suggestion.sayable[variety, default: ""].isEmpty {
            let hasTexts = !suggestion.texts.isEmpty || !suggestion.sayable.isEmpty
            lines += wrapped(texts[hasTexts ? .nothingSayable : .suggestionNoText], .warning)
        } else {
            lines += pair(suggestion.sayable, variety, .plain)
        }
        if suggestion.review != .released, !suggestion.texts.isEmpty {
            lines += [[], line(texts[.suggestionNotYet], .dim)]
            lines += pair(suggestion.texts, variety, .dim)
        }
        return scrolled(lines, page.scroll)
    }

    /// The text in the contact's language and in Dutch: beside each other, or below in a narrow window.
    private func pair(_ all: [String: String], _ variety: String, _ style: Style) -> [[Span]] {
        let left = all[variety] ?? ""
        let right = variety == "nl" ? "" : all["nl"] ?? ""
        if geometry.isNarrow || right.isEmpty {
            var lines = [line(languageName(variety), .dim)]
            lines += textRows(left, columns: width - 3).map { draw($0.0, $0.1, sign: "┃ ", .own) }
            guard !right.isEmpty else { return lines }
            lines += [[], line(languageName("nl"), .dim)]
            return lines + textRows(right, columns: width - 3).map { draw($0.0, $0.1, sign: "┊ ", .dim) }
        }
        let columns = (width - 5) / 2
        let leftRows = textRows(left, columns: columns)
        let rightRows = textRows(right, columns: columns)
        var heading = line()
        heading.field(languageName(variety), columns + 2, .dim)
        heading.add(" │ " + languageName("nl"), .dim)
        var lines = [heading.finish()]
        for index in 0..<max(leftRows.count, rightRows.count) {
            var line = self.line()
            line.add("┃ ", .own)
            let (text, isRightToLeft) = leftRows.indices.contains(index) ? leftRows[index] : ("", false)
            line.field(text, columns, style, isRightToLeft ? .trailing : .leading)
            line.add(" │ ", .dim)
            if rightRows.indices.contains(index) { line.add(rightRows[index].0, style) }
            lines.append(line.finish())
        }
        return lines
    }

    // MARK: Help

    func helpBody(_ page: Page, _ scroll: Int) -> [[Span]] {
        var lines: [[Span]] = []
        func section(_ heading: TextKey, _ hints: [KeyHint]) {
            if !lines.isEmpty { lines.append([]) }
            lines.append(line(texts[heading], .bold))
            for hint in hints where hint.key != "?" {
                let rows = Wrapping.wrap(texts[hint.help ?? hint.label], columns: max(width - 10, 8))
                for (index, row) in rows.enumerated() {
                    var line = self.line()
                    line.field(index == 0 ? " " + hint.key : "", 9, .bold)
                    line.add(" ")
                    line.add(row)
                    lines.append(line.finish())
                }
            }
        }
        if case .conversation = page {
            section(.helpConversation, KeyTable.conversation(state))
            section(.helpList, KeyTable.list(state.me))
        } else {
            section(.helpList, KeyTable.list(state.me))
            section(.helpConversation, KeyTable.conversation(state))
        }
        section(.helpWriting, KeyTable.hints(for: .compose(sampleCompose), state: state))
        section(.helpSuggestionsPage, KeyTable.hints(for: .suggestions(SuggestionsPage(conversation: 0)), state: state))
        if state.me.rights.contains(.approve) { section(.helpProposalPage, KeyTable.approving) }
        lines.append([])
        for key in [TextKey.helpSigns, .helpDrafts, .helpColleagues] { lines += wrapped(texts[key]) }
        return scrolled(lines, scroll)
    }

    private var sampleCompose: Compose {
        Compose(key: DraftKey(conversation: 0, purpose: .reply), editor: TextEditor(), change: "", begunAt: 0)
    }
}
