/// Writing: drafts, sending, and what may come between.
extension ReaderState {
    /// Characters of one reply at most.
    static let replyLimit = 4_000

    mutating func beginReply() { compose(.reply) }

    /// Opens the pane in which is written, with the draft that lies there.
    mutating func compose(_ purpose: ReaderDraft.Purpose, proposal: Int64 = 0) {
        guard let model = conversation else { return }
        let key = DraftKey(conversation: model.row.id, purpose: purpose)
        guard sending[key] == nil else { return say(.stillSending, [:], .warning) }
        let draft = drafts[key]
        var compose = Compose(
            key: key, editor: TextEditor(draft?.text ?? ""), change: draft?.change ?? newChange(),
            begunAt: model.newest)
        compose.topic = draft?.topic ?? ""
        compose.variety = draft?.variety ?? ""
        compose.original = draft?.original ?? ""
        compose.proposal = proposal
        conversation?.scroll = 0
        push(.compose(compose))
        if let draft, !draft.text.isEmpty { say(.draftRestored, ["time": "\(draft.at)"]) }
    }

    mutating func composeKey(_ key: Key, _ compose: Compose) {
        var compose = compose
        switch key {
        case .escape, .control("c"):
            keepCompose()
            pop()
            if !compose.editor.isEmpty { say(.draftKept) }
        case .control("d"), .control("s"): finish(compose)
        case .pageUp, .pageDown:
            let height = Geometry(self).messagesHeight
            let step = max(height - 1, 1)
            conversation?.scroll(by: key == .pageUp ? step : -step, height: height)
        default:
            let text = compose.editor.text
            _ = compose.editor.take(key, columns: Geometry(self).editorColumns)
            if compose.editor.text != text {
                if compose.dirtySince == 0 { compose.dirtySince = now } else { compose.dirtySince = max(now, 1) }
                // What may have arrived keeps its id only as long as it is the same text.
                if drafts[compose.key]?.change == compose.change { compose.change = newChange() }
                if compose.editor.isEmpty { (compose.topic, compose.variety, compose.original) = ("", "", "") }
            } else if case .paste(let pasted) = key, !pasted.isEmpty {
                say(.pasteTooLong, ["n": "\(TextEditor.limit)"], .warning)
            }
            replace(.compose(compose))
        }
    }

    /// Gives what is being written to the backend.
    mutating func keepCompose() {
        guard let index = pages.lastIndex(where: { if case .compose = $0 { true } else { false } }),
            case .compose(var compose) = pages[index], compose.dirtySince > 0
        else { return }
        compose.dirtySince = 0
        pages[index] = .compose(compose)
        keep(compose)
    }

    mutating func keep(_ compose: Compose) {
        let text = compose.editor.isEmpty ? "" : compose.editor.text
        let draft = ReaderDraft(
            conversation: compose.key.conversation, purpose: compose.key.purpose, text: text,
            change: compose.change, topic: compose.topic, variety: compose.variety, original: compose.original, at: now)
        drafts[compose.key] = text.isEmpty ? nil : draft
        ask(.keep(draft))
    }

    mutating func forget(_ key: DraftKey) {
        guard drafts.removeValue(forKey: key) != nil else { return }
        ask(
            .keep(
                ReaderDraft(
                    conversation: key.conversation, purpose: key.purpose, text: "", change: "", at: now)))
    }

    /// The text is written: notes are kept at once, words to the contact are asked once more.
    private mutating func finish(_ compose: Compose) {
        guard !compose.editor.isEmpty else { return say(.nothingWritten) }
        let length = compose.editor.text.count
        guard length <= Self.replyLimit else {
            return say(.tooLong, ["n": "\(length)", "limit": "\(Self.replyLimit)"], .warning)
        }
        var compose = compose
        compose.dirtySince = 0
        replace(.compose(compose))
        keep(compose)
        switch compose.key.purpose {
        case .reply:
            let seen = conversation?.newest ?? compose.begunAt
            push(.confirm(needsSecond(compose) ? .propose(compose, seen: seen) : .send(compose, seen: seen)))
        case .note, .confidentialNote:
            let change = ReaderChange.note(
                text: compose.editor.text, confidential: compose.key.purpose == .confidentialNote)
            submit(compose, change)
        case .giveBack:
            submit(compose, .giveBack(proposal: compose.proposal, reason: compose.editor.text))
        }
    }

    /// Sends what was written, and goes back to the conversation: the draft stays until the answer is there.
    mutating func submit(_ compose: Compose, _ change: ReaderChange) {
        if drafts[compose.key] == nil { keep(compose) }
        sending[compose.key] = ask(.change(change, conversation: compose.key.conversation, id: compose.change))
        pages.removeAll {
            switch $0 {
            case .list, .results, .conversation: false
            default: true
            }
        }
        conversation?.markRead()
        say(.sending)
    }

    func reply(_ compose: Compose, seen: Int64, anyway: Bool = false, inTheClear: Bool = false) -> ReaderChange {
        .reply(
            text: compose.editor.text, seen: seen, topic: compose.topic, variety: compose.variety, anyway: anyway,
            inTheClear: inTheClear)
    }

    func proposal(_ compose: Compose, seen: Int64, anyway: Bool) -> ReaderChange {
        .propose(
            text: compose.editor.text, seen: seen, topic: compose.topic, variety: compose.variety,
            original: compose.original, anyway: anyway)
    }

    /// Whether somebody else reads these words before they go: those that an intern wrote or changed. Nothing of
    /// practice leaves, so there nobody needs to.
    func needsSecond(_ compose: Compose) -> Bool {
        guard !me.rights.contains(.replyAlone), conversation?.row.isPractice != true else { return false }
        return compose.topic.isEmpty || compose.editor.text != compose.original
    }
}
