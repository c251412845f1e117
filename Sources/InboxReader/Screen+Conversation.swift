import TerminalText

/// A conversation, and the pane in which is written.
extension Screen {
    func conversationBody() -> [[Span]] {
        guard let model = state.conversation else { return [] }
        var lines = header(model.row)
        let height = geometry.messagesHeight
        if !model.isLoaded {
            lines += Array(([[]] + wrapped(texts[.conversationLoading], .dim, indent: 2)).prefix(height))
        } else if model.lines.isEmpty {
            lines += Array(([[]] + wrapped(texts[.conversationEmpty], .dim, indent: 2)).prefix(height))
        } else {
            lines += messages(model, height: height)
        }
        let missing = geometry.header + height - lines.count
        lines += Array(repeating: [], count: max(missing, 0))
        return lines
    }

    private func header(_ row: ReaderRow) -> [[Span]] {
        var first = line()
        first.add(row.shortID + " ", .bold)
        first.add(setter.foreign(row.name), .bold)
        if geometry.header == 1 {
            for (text, style) in facts(of: row).prefix(2) {
                first.add(" · ", .dim)
                first.add(text, style)
            }
            return [first.finish()]
        }
        var facts = self.facts(of: row)
        // What is dangerous stands beside the name.
        while let fact = facts.first, fact.1 == .danger, first.rest > DisplayWidth.columns(of: fact.0) + 3 {
            first.add(" · ", .dim)
            first.add(fact.0, fact.1)
            facts.removeFirst()
        }
        return [first.finish()] + factLines(facts, rows: geometry.header - 1)
    }

    private func messages(_ model: ConversationModel, height: Int) -> [[Span]] {
        let end = max(model.rows.count - model.scroll, 0)
        let start = max(end - height, 0)
        var lines = model.rows[start..<end].map { row in draw(row, model) }
        // Edges are said where there is room beside the text.
        if start == 0, lines.count < height, !model.older.isEmpty || model.olderWithheld {
            let key: TextKey = model.olderWithheld && model.older.isEmpty ? .olderWithheld : .olderMore
            lines.insert(line(texts[key], .dim), at: 0)
        }
        if model.scroll > 0, let last = lines.indices.last {
            let new = model.rows[end...].reduce(into: Set<Int64>()) { seen, row in
                if let position = row.position, position > model.readUpTo { seen.insert(position) }
            }
            var below = line()
            let text = new.isEmpty ? texts[.belowMore] : texts(.belowNew, ["n": "\(new.count)"])
            below.addAtEnd("↓ " + text, new.isEmpty ? .dim : .warning)
            lines[last] = below.finish()
        }
        return lines
    }

    private func draw(_ row: MessageRow, _ model: ConversationModel) -> [Span] {
        switch row {
        case .gap: return []
        case .heading(let line): return heading(line, isNew: line.position > model.readUpTo)
        case .absent(let line):
            var drawn = self.line()
            drawn.add(sign(line), style(line))
            drawn.add(absence(line.body), isAlarming(line.body) ? .warning : .dim)
            return drawn.finish()
        case .text(let text, let line, let isRightToLeft):
            return draw(text, isRightToLeft, sign: sign(line), style(line))
        }
    }

    /// A row of text behind its sign; from right to left it stands at the right edge.
    func draw(_ text: String, _ isRightToLeft: Bool, sign: String, _ style: Style) -> [Span] {
        var line = self.line()
        line.add(sign, style)
        let visual = setter.visual(text)
        if isRightToLeft { line.pad(to: width - MessageRow.edge - DisplayWidth.columns(of: visual)) }
        line.addDrawn(visual)
        return line.finish()
    }

    /// The sign at the margin: also without colour one sees who speaks.
    private func sign(_ line: ReaderLine) -> String {
        switch line.kind {
        case .contact: "│ "
        case .bot: "┊ "
        case .staff: "┃ "
        case .note, .confidentialNote, .tag, .task: "# "
        case .proposal: "? "
        }
    }

    private func style(_ line: ReaderLine) -> Style {
        switch line.kind {
        case .contact: .bold
        case .bot: .dim
        case .staff: .own
        case .note, .confidentialNote, .tag, .task, .proposal: .warning
        }
    }

    private func isAlarming(_ body: ReaderLine.Body) -> Bool {
        switch body {
        case .damaged, .unreadable: true
        case .file(let file): file.state == .unheard || file.state == .lost
        default: false
        }
    }

    private func absence(_ body: ReaderLine.Body) -> String {
        switch body {
        case .withheld: texts[.bodyWithheld]
        case .damaged: texts[.bodyDamaged]
        case .erased: texts[.bodyErased]
        case .unreadable(let why): texts(.bodyUnreadable, ["why": setter.foreign(why)])
        case .file(let file): words(file)
        case .text: ""
        }
    }

    private func words(_ file: ReaderLine.File) -> String {
        let kind =
            switch file.kind {
            case .voice: texts[.fileVoice]
            case .photo: texts[.filePhoto]
            case .video: texts[.fileVideo]
            case .document: texts[.fileDocument]
            }
        let what = file.size.isEmpty ? kind : "\(kind), \(file.size)"
        let state =
            switch file.state {
            case .here: ""
            case .unheard: texts[.fileUnheard]
            case .heard: texts[.fileHeard]
            case .onItsWay: texts[.fileOnItsWay]
            case .lost: texts[.fileLost]
            }
        return state.isEmpty
            ? texts(.bodyFile, ["what": what, "id": file.id])
            : texts(.bodyFileState, ["what": what, "id": file.id, "state": state])
    }

    private func heading(_ item: ReaderLine, isNew: Bool) -> [Span] {
        var line = self.line()
        var time = times.clock(item.at)
        if !times.isSameDay(item.at, state.now) { time = times.day(item.at, now: state.now) + " " + time }
        line.add(time + " ", .dim)
        line.add(who(item), style(item))
        if isNew, item.author != state.me.member {
            line.add(" ")
            line.add(texts[.lineNew], Style.warning.reversed())
        }
        var states: [(String, Style)] = []
        for remark in item.remarks {
            states.append(remarkText(remark))
        }
        if let stage = item.stage { states.append(stageText(stage)) }
        if item.endsAt == ReaderEnd.none { states.append((texts[.lineClear], .danger)) }
        if let due = item.due { states.append((texts(.lineDue, ["day": times.date(due)]), .plain)) }
        if let outcome = item.outcome {
            let by = item.closedBy.isEmpty ? "" : " (" + setter.foreign(item.closedBy) + ")"
            states.append((outcomeText(outcome) + by, .dim))
        }
        for (text, style) in states {
            line.add("  ")
            line.add(text, style)
        }
        line.addAtEnd(item.shortID, .dim)
        return line.finish()
    }

    private func remarkText(_ remark: ReaderLine.Remark) -> (String, Style) {
        switch remark {
        case .doubtful: (texts[.lineDoubtful], .danger)
        case .newDevice: (texts[.lineNewDevice], .warning)
        case .corrects: (texts[.lineCorrects], .warning)
        case .takesBack: (texts[.lineTakesBack], .warning)
        case .reacts: (texts[.lineReacts], .dim)
        case .corrected: (texts[.lineCorrected], .warning)
        case .takenBack: (texts[.lineTakenBack], .warning)
        }
    }

    /// Who wrote it, and what it is.
    func who(_ line: ReaderLine) -> String {
        func person(_ member: String, _ you: TextKey) -> String {
            member == state.me.member ? texts[you] : setter.foreign(member)
        }
        // "jij" who wrote it, but a note "van jou".
        let name = person(line.author, line.kind == .staff ? .lineYou : .lineOfYou)
        switch line.kind {
        case .contact: return texts[.lineContact]
        case .bot: return texts[.lineBot]
        case .staff: return name
        case .note: return texts(.lineNote, ["name": name])
        case .confidentialNote: return texts(.lineConfidential, ["name": name])
        case .tag: return texts(.lineTag, ["name": name])
        case .task: return texts(.lineTask, ["name": person(line.assignee, .lineOfYou)])
        case .proposal: return texts(.lineProposal, ["name": name])
        }
    }

    private func stageText(_ stage: ReaderLine.Stage) -> (String, Style) {
        switch stage {
        case .waiting: (texts[.stageWaiting], .dim)
        case .held: (texts[.stageHeld], .danger)
        case .handedOver: (texts[.stageHandedOver], .dim)
        case .confirmed: (texts[.stageConfirmed], .good)
        case .uncertain: (texts[.stageUncertain], .danger)
        case .failed: (texts[.stageFailed], .danger)
        }
    }

    private func outcomeText(_ outcome: ReaderLine.Outcome) -> String {
        switch outcome {
        case .done: texts[.outcomeDone]
        case .removed: texts[.outcomeRemoved]
        case .approved: texts[.outcomeApproved]
        case .returned: texts[.outcomeReturned]
        case .withdrawn: texts[.outcomeWithdrawn]
        }
    }

    // MARK: Writing

    func composeBody(_ compose: Compose, cursor: inout Frame.Place?) -> [[Span]] {
        var heading = line()
        let row = state.conversation?.row
        let name = setter.foreign(row?.name ?? "")
        let to = [row?.shortID ?? "", name].filter { !$0.isEmpty }.joined(separator: " ")
        let (key, style): (TextKey, Style) =
            switch compose.key.purpose {
            case .reply: (.composeReply, .own)
            case .note: (.composeNote, .warning)
            case .confidentialNote: (.composeConfidential, .warning)
            case .giveBack: (.composeGiveBack, .warning)
            }
        heading.add(" " + texts(key, ["to": to]) + " ", style.reversed())
        let count = compose.editor.characters.count
        let limit = ReaderState.replyLimit
        if count > limit * 3 / 4 {
            heading.addAtEnd(
                " \(count)/\(limit) ", (count > limit ? Style.danger : style).reversed(), fill: style.reversed())
        }
        var lines = [heading.finish(fill: style.reversed())]
        let layout = compose.editor.layout(columns: geometry.editorColumns)
        let top = min(compose.top, max(layout.rows.count - 1, 0))
        for (index, range) in layout.rows.enumerated().dropFirst(top).prefix(geometry.editorHeight) {
            let (text, column) = EditorRow.draw(compose.editor, range, setter, width: geometry.editorColumns)
            var line = self.line()
            line.pad(to: 1)
            line.addDrawn(text)
            if index == layout.cursorRow {
                let row = geometry.above + geometry.header + geometry.messagesHeight + lines.count
                cursor = Frame.Place(row: row, column: min(1 + column, width - 1))
            }
            lines.append(line.finish())
        }
        return lines
    }
}
