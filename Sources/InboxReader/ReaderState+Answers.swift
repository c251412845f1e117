/// What the backend answered.
extension ReaderState {
    mutating func answer(_ number: Int, _ result: Result<ReaderAnswer, ReaderFailure>) {
        guard let request = settle(number) else { return }
        switch (request, result) {
        case (.change(let change, let conversation, _), _):
            changed(change, in: conversation, number, result)
        case (_, .success(let answer)):
            if !isUp { isUp = true }
            take(answer, to: request, number)
        case (.keep(let draft), .failure): notKept(draft)
        case (_, .failure(let failure)): failed(request, failure)
        }
        switch request {
        case .list where list.isStale:
            list.isStale = false
            refreshList()
        case .open(conversation?.row.id, before: "") where conversation?.isStale == true:
            conversation?.isStale = false
            refreshConversation()
        default: break
        }
    }

    private mutating func take(_ answer: ReaderAnswer, to request: ReaderRequest, _ number: Int) {
        switch (answer, request) {
        case (.page(let page), .list(let filter, _)):
            guard filter == list.filter else { return list.isStale = true }
            if page.danger > list.danger {
                effects.append(.ring)
                say(.dangerCame, ["n": "\(page.danger)"], .danger)
            }
            list.take(page)
        case (.conversation(let page), .open(let id, let before)):
            guard conversation?.row.id == id else { return }
            if before.isEmpty { takeNewest(page) } else { conversation?.prepend(page) }
        case (.suggestions(let found), .suggestions(let id, _)):
            update { page in
                guard case .suggestions(var suggestions) = page, suggestions.conversation == id else { return false }
                suggestions.suggestions = found
                page = .suggestions(suggestions)
                return true
            }
        case (.hits(let hits), .search(let words)): take(.hits(hits), words: words)
        case (.today(let items), _): take(.today(items), words: nil)
        case (.members(let members), _): self.members = members
        case (.drafts(let drafts), _): take(drafts, askedAs: number)
        case (_, .keep(let draft)): if unkept[DraftKey(draft)] != nil { unkept[DraftKey(draft)] = nil }
        default: break
        }
    }

    private mutating func takeNewest(_ page: ReaderConversation) {
        let before = conversation
        conversation?.take(page)
        guard let before, before.isLoaded else { return }
        let new = page.lines.filter { $0.position > before.newest }
        // Whoever writes is told who wrote meanwhile; what they write stays as it is.
        guard case .compose = self.page else { return }
        if let colleague = new.last(where: { $0.isOfStaff && $0.author != me.member }) {
            say(.colleagueWrote, ["name": colleague.author], .danger)
        } else if new.contains(where: { $0.kind == .contact }) {
            say(.contactWrote, [:], .warning)
        }
    }

    private mutating func take(_ rows: ResultsPage.Rows, words: String?) {
        let height = max(Geometry(self).body - 1, 1)
        update { page in
            guard case .results(var results) = page, results.words == words else { return false }
            results.take(rows, height: height)
            page = .results(results)
            return true
        }
    }

    /// Changes the uppermost page that `change` knows.
    private mutating func update(_ change: (inout Page) -> Bool) {
        for index in pages.indices.reversed() {
            var page = pages[index]
            guard change(&page) else { continue }
            pages[index] = page
            return
        }
    }

    private mutating func failed(_ request: ReaderRequest, _ failure: ReaderFailure) {
        switch failure.kind {
        case .offline: isUp = false
        case .locked: alarm = alarm ?? failure.message
        case .gone:
            if case .open(let id, _) = request, conversation?.row.id == id {
                keepCompose()
                closeConversation()
                say(.gone, [:], .warning)
                refreshList()
            }
        default: say(.failed, ["why": failure.message], .danger)
        }
        switch request {
        case .suggestions, .search, .today:
            // A page that waits for it would wait for ever; one that only was to be fresher stays.
            switch page {
            case .results(let results) where results.rows != nil: return
            case .suggestions, .results: pop()
            default: break
            }
            say(.failed, ["why": failure.message], .danger)
        default: break
        }
    }

    // MARK: Changes

    private mutating func changed(
        _ change: ReaderChange, in id: Int64, _ number: Int, _ result: Result<ReaderAnswer, ReaderFailure>
    ) {
        let key = sending.first { $0.value == number }?.key
        if let key { sending[key] = nil }
        switch result {
        case .success:
            isUp = true
            if case .attention = change, conversation?.row.id == id {
                conversation?.markRead()
            }
            if let key { forget(key) }
            say(change.doneKey, [:], .good)
        case .failure(let failure):
            refused(change, in: id, key, failure)
        }
        refreshList()
        if conversation?.row.id == id { refreshConversation() }
    }

    private mutating func refused(
        _ change: ReaderChange, in id: Int64, _ key: DraftKey?, _ failure: ReaderFailure
    ) {
        switch failure.kind {
        case .offline:
            isUp = false
            say(key == nil ? .offlineChange : .offlineDraft, [:], .danger)
        // It was no colleague: the contact wrote what nobody has read.
        case .conflict(by: "") where change.isAttention: say(.contactWrote, [:], .danger)
        case .conflict(let by):
            let who = by.isEmpty ? "?" : by
            say(key == nil ? .conflictChange : .conflictReply, ["name": who], .danger)
        case .needsSecondPerson:
            if let key, case .reply(_, let seen, _, _, let anyway, _) = change, case .conversation = page,
                conversation?.row.id == id
            {
                compose(.reply)
                if case .compose(let compose) = page, compose.key == key {
                    push(.confirm(.propose(compose, seen: seen, anyway: anyway)))
                }
            } else {
                say(.needsSecond, [:], .warning)
            }
        case .neverSaid(let never): askAnyway(change, in: id, key, never)
        case .notEncrypted: askInTheClear(change, in: id, key)
        case .earlierSent: say(.earlierSent, [:], .danger)
        case .notAllowed: say(.notYours, [:], .warning)
        case .gone: say(.gone, [:], .warning)
        case .locked: alarm = alarm ?? failure.message
        case .other: say(key == nil ? .failed : .failedDraft, ["why": failure.message], .danger)
        }
    }
}

extension ReaderState {
    /// Words that are never said were not sent: who stands where they wrote them is asked, the others are told.
    private mutating func askAnyway(_ change: ReaderChange, in id: Int64, _ key: DraftKey?, _ never: [String]) {
        say(.neverSaid, [:], .danger)
        let isProposal = if case .propose = change { true } else { false }
        askOnceMore(change, in: id, key) { compose, seen, _ in
            isProposal
                ? .proposeAnyway(compose, seen: seen, never: never) : .sendAnyway(compose, seen: seen, never: never)
        } approval: { line, seen, _ in
            .approveAnyway(line, seen: seen, never: never)
        }
    }

    /// The contact never wrote encrypted: nothing was sent, and whoever sends says that it may be read.
    private mutating func askInTheClear(_ change: ReaderChange, in id: Int64, _ key: DraftKey?) {
        say(.notEncrypted, [:], .danger)
        askOnceMore(change, in: id, key) { compose, seen, anyway in
            .sendInTheClear(compose, seen: seen, anyway: anyway)
        } approval: { line, seen, anyway in
            .approveInTheClear(line, seen: seen, anyway: anyway)
        }
    }

    /// Asks who still stands where they sent or approved something.
    private mutating func askOnceMore(
        _ change: ReaderChange, in id: Int64, _ key: DraftKey?, reply: (Compose, Int64, Bool) -> Confirm,
        approval: (ReaderLine, Int64, Bool) -> Confirm
    ) {
        guard case .conversation = page, let model = conversation, model.row.id == id else { return }
        switch change {
        case .reply(_, let seen, _, _, let anyway, _), .propose(_, let seen, _, _, _, let anyway):
            compose(.reply)
            if case .compose(let compose) = page, compose.key == key {
                push(.confirm(reply(compose, seen, anyway)))
            }
        case .approve(let proposal, _, let seen, let anyway, _):
            guard let line = model.openProposals.first(where: { $0.number == proposal }) else { return }
            push(.confirm(approval(line, seen, anyway)))
        default: break
        }
    }
}

extension ReaderChange {
    fileprivate var isAttention: Bool { if case .attention = self { true } else { false } }

    /// What is said when it was done.
    var doneKey: TextKey {
        switch self {
        case .reply, .approve: .doneSent
        case .propose: .doneProposed
        case .giveBack: .doneGivenBack
        case .withdraw: .doneWithdrawn
        case .note: .doneNote
        case .tag: .doneTag
        case .removeTag: .doneTagRemoved
        case .task: .doneTask
        case .finishTask: .doneTaskFinished
        case .assign: .doneAssigned
        case .takeOver: .doneTakenOver
        case .handBack: .doneHandedBack
        case .attention(let waits, _): waits ? .doneWaits : .doneRead
        case .hide: .doneHidden
        }
    }
}
