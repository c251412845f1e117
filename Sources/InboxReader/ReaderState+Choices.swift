/// Prompts, choices, suggestions, proposals, results, help.
extension ReaderState {
    // MARK: One line

    mutating func promptKey(_ key: Key, _ prompt: Prompt) {
        var prompt = prompt
        switch key {
        case .escape, .control("c"): pop()
        case .enter: accept(prompt)
        default:
            _ = prompt.editor.take(key, columns: size.columns)
            replace(.prompt(prompt))
        }
    }

    private mutating func accept(_ prompt: Prompt) {
        let text = prompt.editor.text.trimmed
        if case .due(let task) = prompt.purpose {
            guard let due = DueDay.read(text, today: DueDay.day(of: now)) else {
                return say(.dayUnclear, [:], .warning)
            }
            guard let row = conversation?.row else { return pop() }
            // Without the list of colleagues the task is one's own.
            let oneself = ReaderMember(name: me.member, role: me.role, assigned: 0)
            let choices = (colleagues.isEmpty ? [oneself] : colleagues).map { Pick.Choice.member($0) }
            return replace(.pick(Pick(purpose: .taskFor(text: task, due: due.day), row: row, choices: choices)))
        }
        guard !text.isEmpty else { return pop() }
        switch prompt.purpose {
        case .search:
            replace(.results(ResultsPage(words: text)))
            ask(.search(text))
        case .tag:
            pop()
            if let id = conversation?.row.id { change(.tag(text), in: id) }
        case .task: replace(.prompt(Prompt(purpose: .due(task: text))))
        case .due: break
        }
    }

    // MARK: One of several

    mutating func pickKey(_ key: Key, _ pick: Pick) {
        var pick = pick
        switch key {
        case .escape, .left, .character("q"), .control("c"): return pop()
        case .up, .character("k"): pick.selected = max(pick.selected - 1, 0)
        case .down, .character("j"): pick.selected = min(pick.selected + 1, max(pick.choices.count - 1, 0))
        case .enter, .right: return accept(pick)
        case .character(let digit):
            guard let number = digit.wholeNumberValue, pick.choices.indices.contains(number - 1) else { return }
            pick.selected = number - 1
            return accept(pick)
        default: return
        }
        replace(.pick(pick))
    }

    private mutating func accept(_ pick: Pick) {
        pop()
        guard pick.choices.indices.contains(pick.selected) else { return }
        let row = pick.row
        switch (pick.purpose, pick.choices[pick.selected]) {
        case (.assignee, .nobody): change(.assign(to: "", from: row.assigned), in: row.id)
        case (.assignee, .member(let member)): change(.assign(to: member.name, from: row.assigned), in: row.id)
        case (.taskFor(let text, let due), .member(let member)):
            change(.task(text: text, assignee: member.name, due: due), in: row.id)
        case (.item, .item(let line)):
            switch line.kind {
            case .task: change(.finishTask(line.number), in: row.id)
            case .tag: change(.removeTag(line.number), in: row.id)
            default: push(.proposal(line, scroll: 0))
            }
        default: break
        }
    }

    // MARK: Suggestions

    mutating func beginSuggestions(_ model: ConversationModel) {
        let words = model.wordsToSuggest(now: now)
        guard !words.isEmpty else { return say(.nothingToSuggest) }
        push(.suggestions(SuggestionsPage(conversation: model.row.id)))
        ask(.suggestions(model.row.id, text: words))
    }

    mutating func suggestionsKey(_ key: Key, _ suggestions: SuggestionsPage) {
        var page = suggestions
        let count = page.suggestions?.count ?? 0
        switch key {
        case .escape, .character("q"), .control("c"): return pop()
        case .left: page.selected = max(page.selected - 1, 0)
        case .right, .tab: page.selected = min(page.selected + 1, max(count - 1, 0))
        case .up: page.scroll = max(page.scroll - 1, 0)
        case .down: page.scroll += 1
        case .pageUp: page.scroll = max(page.scroll - 5, 0)
        case .pageDown: page.scroll += 5
        case .character("?"): return push(.help(scroll: 0))
        case .character("v"): page.variety = nextVariety(page)
        case .enter: return use(page, .send)
        case .character("e"): return use(page, .edit)
        case .character("k"): return use(page, .askColleague)
        case .character(let digit):
            guard let number = digit.wholeNumberValue, (1...max(count, 1)).contains(number) else { return }
            page.selected = number - 1
        default: return
        }
        if page.selected != suggestions.selected { page.scroll = 0 }
        replace(.suggestions(page))
    }

    /// The variety on the left: the one chosen, the contact's, that of the question, or the first there is.
    func variety(of page: SuggestionsPage) -> String {
        let texts = page.current?.texts ?? [:]
        if texts[page.variety] != nil { return page.variety }
        for known in [conversation?.row.language, page.current?.asked] {
            if let known, texts[known] != nil { return known }
        }
        return texts.keys.filter { $0 != "nl" }.min() ?? "nl"
    }

    private func nextVariety(_ page: SuggestionsPage) -> String {
        let all = (page.current?.texts.keys).map { $0.sorted() } ?? []
        guard let index = all.firstIndex(of: variety(of: page)) else { return "" }
        return all[(index + 1) % all.count]
    }

    private enum Use { case send, edit, askColleague }

    private mutating func use(_ page: SuggestionsPage, _ use: Use) {
        guard let suggestion = page.current, let model = conversation else { return }
        let variety = self.variety(of: page)
        guard let text = suggestion.sayable[variety], !text.isEmpty else {
            return say(suggestion.texts.isEmpty ? .suggestionNoText : .nothingSayable, [:], .warning)
        }
        let key = DraftKey(conversation: model.row.id, purpose: .reply)
        guard sending[key] == nil else { return say(.stillSending, [:], .warning) }
        pop()
        let draft = drafts[key]
        if draft == nil || use == .edit {
            compose(.reply)
        } else {
            // What lies there already is not sent along, and not lost.
            return addToDraft(text)
        }
        guard case .compose(var compose) = self.page else { return }
        if draft != nil { return addToDraft(text) }
        compose.editor.append(text)
        compose.topic = suggestion.topic
        compose.variety = variety
        compose.original = text
        compose.dirtySince = now
        replace(.compose(compose))
        let seen = model.newest
        switch use {
        case .send: push(.confirm(.send(compose, seen: seen)))
        case .askColleague: push(.confirm(.propose(compose, seen: seen)))
        case .edit: break
        }
    }

    private mutating func addToDraft(_ text: String) {
        if case .compose = page {} else { compose(.reply) }
        guard case .compose(var compose) = page else { return }
        compose.editor.append(text)
        compose.topic = ""
        compose.dirtySince = now
        compose.change = newChange()
        replace(.compose(compose))
        say(.addedToDraft, [:], .warning)
    }

    // MARK: Proposals

    mutating func proposalKey(_ key: Key, _ line: ReaderLine, _ scroll: Int) {
        switch key {
        case .escape, .left, .character("q"), .control("c"): pop()
        case .up, .character("k"): replace(.proposal(line, scroll: max(scroll - 1, 0)))
        case .down, .character("j"): replace(.proposal(line, scroll: scroll + 1))
        case .character("?"): push(.help(scroll: 0))
        case .tab:
            let all = conversation?.openProposals ?? []
            guard let index = all.firstIndex(of: line), all.count > 1 else { return }
            replace(.proposal(all[(index + 1) % all.count], scroll: 0))
        case .enter:
            guard line.author != me.member else { return say(.ownProposal, [:], .warning) }
            guard me.rights.contains(.approve) else { return say(.notYours) }
            guard case .text = line.body else { return say(.proposalUnreadable, [:], .warning) }
            push(.confirm(.approve(line, seen: conversation?.newest ?? line.position)))
        case .character("b"):
            guard line.author != me.member else { return push(.confirm(.withdraw(line))) }
            guard me.rights.contains(.approve) else { return say(.notYours) }
            pop()
            compose(.giveBack, proposal: line.number)
        default: break
        }
    }

    // MARK: Results and help

    mutating func resultsKey(_ key: Key, _ results: ResultsPage) {
        var page = results
        let count = page.rows?.count ?? 0
        let height = max(Geometry(self).body - 1, 1)
        switch key {
        case .escape, .left, .character("q"), .control("c"):
            pop()
            return
        case .up, .character("k"): page.selected = max(page.selected - 1, 0)
        case .down, .character("j"): page.selected = min(page.selected + 1, max(count - 1, 0))
        case .pageUp: page.selected = max(page.selected - height, 0)
        case .pageDown, .character(" "): page.selected = min(page.selected + height, max(count - 1, 0))
        case .character("/"): return push(.prompt(Prompt(purpose: .search)))
        case .character("?"): return push(.help(scroll: 0))
        case .enter, .right: return open(page)
        default: return
        }
        page.top = min(page.top, page.selected)
        if page.selected >= page.top + height { page.top = page.selected - height + 1 }
        replace(.results(page))
    }

    private mutating func open(_ results: ResultsPage) {
        switch results.rows {
        case .hits(let hits):
            guard hits.indices.contains(results.selected) else { return }
            let hit = hits[results.selected]
            openConversation(row(hit.conversation, hit.shortID, hit.name), at: hit.position)
        case .today(let items):
            guard items.indices.contains(results.selected) else { return }
            let item = items[results.selected]
            openConversation(row(item.conversation, item.shortID, item.name))
        case nil: break
        }
    }

    private func row(_ id: Int64, _ shortID: String, _ name: String) -> ReaderRow {
        list.rows.first { $0.id == id } ?? ReaderRow(id: id, shortID: shortID, name: name)
    }

    mutating func helpKey(_ key: Key, _ scroll: Int) {
        switch key {
        case .up, .character("k"): replace(.help(scroll: max(scroll - 1, 0)))
        case .down, .character("j"): replace(.help(scroll: scroll + 1))
        case .pageUp: replace(.help(scroll: max(scroll - 10, 0)))
        case .pageDown, .character(" "): replace(.help(scroll: scroll + 10))
        default: pop()
        }
    }
}

extension String {
    /// Without white space at either end.
    var trimmed: String {
        var text = self[...]
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
