/// What is asked once more before it is done.
extension ReaderState {
    mutating func confirmKey(_ key: Key, _ confirm: Confirm) {
        switch key {
        case .escape, .character("q"), .left, .control("c"), .character("n"):
            pop()
        // Enter alone: other keys move or mean something elsewhere. What anybody can read on its way has a key of
        // its own, which no Enter that was pressed once more by mistake is, and no letter of a word that somebody
        // was typing when the page came.
        case .enter where !confirm.isInTheClear, .character("o") where confirm.isInTheClear && !isRun: accept(confirm)
        case .character("k"):
            // A colleague is asked to look along, instead of sending.
            switch confirm {
            case .send(let compose, let seen): replace(.confirm(.propose(compose, seen: seen)))
            case .sendAnyway(let compose, let seen, _):
                replace(.confirm(.propose(compose, seen: seen, anyway: true)))
            case .sendInTheClear(let compose, let seen, let anyway):
                replace(.confirm(.propose(compose, seen: seen, anyway: anyway)))
            default: break
            }
        default: break
        }
    }

    private mutating func accept(_ confirm: Confirm) {
        guard let id = conversation?.row.id else { return pop() }
        switch confirm {
        case .send(let compose, let seen): submit(compose, reply(compose, seen: seen))
        case .sendAnyway(let compose, let seen, _): submit(compose, reply(compose, seen: seen, anyway: true))
        case .propose(let compose, let seen, let anyway): propose(compose, seen, anyway: anyway)
        case .proposeAnyway(let compose, let seen, _): propose(compose, seen, anyway: true)
        case .approve(let line, let seen): approve(line, seen, in: id)
        case .approveAnyway(let line, let seen, _): approve(line, seen, in: id, anyway: true)
        case .sendInTheClear(let compose, let seen, let anyway):
            submit(compose, reply(compose, seen: seen, anyway: anyway, inTheClear: true))
        case .approveInTheClear(let line, let seen, let anyway):
            approve(line, seen, in: id, anyway: anyway, inTheClear: true)
        case .withdraw(let line):
            change(.withdraw(proposal: line.number), in: id)
            backToConversation()
        case .takeFrom:
            change(.takeOver(force: true), in: id)
            pop()
        case .hide:
            change(.hide, in: id)
            closeConversation()
        case .dangerRead(let seen):
            change(.attention(waits: false, seen: seen), in: id)
            pop()
        }
    }

    private mutating func propose(_ compose: Compose, _ seen: Int64, anyway: Bool) {
        // Another change than the reply of the same text that was refused.
        var compose = compose
        compose.change = newChange()
        keep(compose)
        submit(compose, proposal(compose, seen: seen, anyway: anyway))
    }

    private mutating func approve(
        _ line: ReaderLine, _ seen: Int64, in id: Int64, anyway: Bool = false, inTheClear: Bool = false
    ) {
        guard case .text(let text) = line.body else { return pop() }
        change(
            .approve(proposal: line.number, text: text, seen: seen, anyway: anyway, inTheClear: inTheClear), in: id)
        backToConversation()
        say(.sending)
    }

    mutating func backToConversation() {
        while pages.count > 1 {
            if case .conversation = page { return }
            pop()
        }
    }
}

extension Confirm {
    /// Whether it asks for words that every server on the way can read.
    fileprivate var isInTheClear: Bool {
        switch self {
        case .sendInTheClear, .approveInTheClear: true
        default: false
        }
    }
}
