/// What each key does on each page.
extension ReaderState {
    mutating func take(_ key: Key) {
        if let notice, notice.until == .max { self.notice = nil }
        isRun = false
        if case .character = key {
            isRun = now >= typedAt && now < typedAt + Self.runPause
            typedAt = now
        }
        switch key {
        case .control("l"):
            effects.append(.redraw)
            return refreshAll()
        case .control("z"):
            keepCompose()
            effects.append(.suspend)
            return
        case .control("g") where alarm != nil:
            alarm = nil
            return
        default: break
        }
        let before = (pages: pages.count, notice: notice)
        defer {
            // What was said on one page is not said on the next.
            if pages.count != before.pages, notice == before.notice, notice?.tone != .danger { notice = nil }
        }
        switch page {
        case .list: listKey(key)
        case .conversation: conversationKey(key)
        case .help(let scroll): helpKey(key, scroll)
        case .compose(let compose): composeKey(key, compose)
        case .confirm(let confirm): confirmKey(key, confirm)
        case .prompt(let prompt): promptKey(key, prompt)
        case .pick(let pick): pickKey(key, pick)
        case .suggestions(let suggestions): suggestionsKey(key, suggestions)
        case .proposal(let line, let scroll): proposalKey(key, line, scroll)
        case .results(let results): resultsKey(key, results)
        }
    }

    // MARK: Pages

    mutating func push(_ page: Page) { pages.append(page) }
    mutating func pop() { if pages.count > 1 { pages.removeLast() } }
    mutating func replace(_ page: Page) { pages[pages.count - 1] = page }

    mutating func openConversation(_ row: ReaderRow, at position: Int64? = nil) {
        var model = ConversationModel(row: row)
        model.target = position
        conversation = model
        if list.rows.contains(where: { $0.id == row.id }) { list.selected = row.id }
        // From a search one goes back to what it found.
        pages.removeAll { if case .conversation = $0 { true } else { false } }
        push(.conversation)
        // Another window may have sent or forgotten one meanwhile.
        ask(.drafts)
        ask(.open(row.id, before: ""))
    }

    mutating func closeConversation() {
        pages.removeAll { if case .list = $0 { false } else if case .results = $0 { false } else { true } }
        if pages.isEmpty { pages = [.list] }
        conversation = nil
    }

    // MARK: The list

    private mutating func listKey(_ key: Key) {
        let height = Geometry(self).listHeight
        switch key {
        case .up, .character("k"): list.move(by: -1)
        case .down, .character("j"):
            list.move(by: 1)
            fetchMoreRows()
        case .pageUp: list.move(by: -max(height - 1, 1))
        case .pageDown, .character(" "):
            list.move(by: max(height - 1, 1))
            fetchMoreRows()
        case .home: list.move(by: -list.rows.count)
        case .end:
            list.move(by: list.rows.count)
            fetchMoreRows()
        case .enter, .right: if let row = list.selectedRow { openConversation(row) }
        case .character("n"): next()
        case .character("!"): openDanger()
        case .character("f"): turnFilter(by: 1)
        case .character("F"): turnFilter(by: -1)
        case .character("/"): push(.prompt(Prompt(purpose: .search)))
        case .character("d"): openToday()
        case .character("a"): if let row = list.selectedRow { beginAssigning(row) }
        case .character("?"): push(.help(scroll: 0))
        case .character("q"), .control("c"): end()
        default: break
        }
    }

    private mutating func fetchMoreRows() {
        guard list.hasMore, let index = list.selectedIndex, index >= list.rows.count - 2 else { return }
        list.limit = list.rows.count + ListModel.step
        refreshList()
    }

    private mutating func turnFilter(by step: Int) {
        let all = ReaderFilter.allCases
        let index = all.firstIndex(of: list.filter) ?? 0
        list.filter = all[(index + step + all.count) % all.count]
        list.limit = ListModel.step
        list.isLoaded = false
        list.rows = []
        list.hasMore = false
        refreshList()
    }

    /// Who waits longest and is nobody else's.
    mutating func next() {
        let current = conversation?.row.id
        let candidates = list.rows.filter { row in
            row.id != current && (row.waitsSince > 0 || row.dangerSince > 0)
                && (row.assigned.isEmpty || row.assigned == me.member || row.dangerSince > 0)
        }
        guard let row = candidates.first else { return say(.nothingNext) }
        openConversation(row)
    }

    mutating func openDanger() {
        let current = conversation?.row.id
        guard let row = list.rows.first(where: { $0.dangerSince > 0 && $0.id != current }) else {
            return say(.noDanger)
        }
        openConversation(row)
    }

    mutating func openToday() {
        push(.results(ResultsPage()))
        askToday()
    }

    // MARK: A conversation

    private mutating func conversationKey(_ key: Key) {
        guard let model = conversation else { return closeConversation() }
        let height = Geometry(self).messagesHeight
        switch key {
        case .up, .character("k"): scroll(1, height)
        case .down, .character("j"): scroll(-1, height)
        case .pageUp: scroll(max(height - 1, 1), height)
        case .pageDown, .character(" "): scroll(-max(height - 1, 1), height)
        case .home: scroll(model.rows.count, height)
        case .end: conversation?.scroll = 0
        case .left, .escape, .character("q"), .control("c"): closeConversation()
        case .character("?"): push(.help(scroll: 0))
        case .character("n"): next()
        case .character("!"): openDanger()
        case .character("/"): push(.prompt(Prompt(purpose: .search)))
        case .character("d"): openToday()
        default: if model.isLoaded { conversationAction(key, model) }
        }
    }

    private mutating func scroll(_ rows: Int, _ height: Int) {
        guard let model = conversation else { return }
        let before = model.scroll
        conversation?.scroll(by: rows, height: height)
        // At the upper edge older lines are fetched.
        let request = ReaderRequest.open(model.row.id, before: model.older)
        if rows > 0, conversation?.scroll == before || (conversation?.scroll ?? 0) >= model.rows.count - height,
            !model.older.isEmpty, !isPending({ $0 == request })
        {
            ask(request)
        }
    }

    private mutating func conversationAction(_ key: Key, _ model: ConversationModel) {
        switch key {
        // Words that are typed without 'r' mark nobody as read and take nobody over.
        case .character("e") where isRun, .character("t") where isRun: say(.pressToWrite, [:], .warning)
        case .character("r"): beginReply()
        case .character("c"): compose(.note)
        case .character("C"): compose(.confidentialNote)
        case .character("s"): beginSuggestions(model)
        case .character("a"): beginAssigning(model.row)
        case .character("t"): turnTakeover(model)
        case .character("e"): markRead(model)
        case .character("u"): change(.attention(waits: true, seen: model.newest), in: model.row.id)
        case .character("g"): push(.prompt(Prompt(purpose: .tag)))
        case .character("w"): push(.prompt(Prompt(purpose: .task)))
        case .character("i"): beginItems(model)
        case .character("p"): openProposal(model)
        case .character("x"): if me.rights.contains(.hide) { push(.confirm(.hide)) } else { say(.notYours) }
        default: break
        }
    }

    private mutating func turnTakeover(_ model: ConversationModel) {
        let row = model.row
        if row.takenOverBy == me.member {
            change(.handBack, in: row.id)
        } else if row.takenOverBy.isEmpty {
            change(.takeOver(force: false), in: row.id)
        } else {
            push(.confirm(.takeFrom(member: row.takenOverBy)))
        }
    }

    private mutating func markRead(_ model: ConversationModel) {
        if model.row.dangerSince > 0 { return push(.confirm(.dangerRead(seen: model.newest))) }
        change(.attention(waits: false, seen: model.newest), in: model.row.id)
    }

    mutating func beginAssigning(_ row: ReaderRow) {
        guard me.rights.contains(.assign) else { return say(.notYours) }
        guard !members.isEmpty else {
            ask(.members)
            return say(.membersLoading)
        }
        var choices: [Pick.Choice] = colleagues.map { .member($0) }
        if !row.assigned.isEmpty { choices.append(.nobody) }
        push(.pick(Pick(purpose: .assignee, row: row, choices: choices)))
    }

    /// Oneself first.
    var colleagues: [ReaderMember] {
        members.filter { $0.name == me.member } + members.filter { $0.name != me.member }
    }

    private mutating func beginItems(_ model: ConversationModel) {
        let items = model.lines.filter(\.isOpenItem)
        guard !items.isEmpty else { return say(.noItems) }
        push(.pick(Pick(purpose: .item, row: model.row, choices: items.map { .item($0) })))
    }

    private mutating func openProposal(_ model: ConversationModel) {
        guard let first = model.openProposals.first else { return say(.noProposals) }
        push(.proposal(first, scroll: 0))
    }
}
