import Inbox
import StaffProtocol

/// What became of a reply, for `--json`.
struct ReplyReport: Encodable, Equatable {
    let version = 1
    let conversation: String
    /// `sent`, `proposed`, `earlier-sent`, `earlier-proposed`.
    let outcome: String
    /// `m345`, or `p7` for what waits.
    let id: String
    let position: Int64
}

/// Sends a reply and says what became of it.
struct ReplyWork {
    let session: BridgeSession
    let asking: Asking
    let display: Display
    let isJSON: Bool
    /// `--propose`: ask a second person where one is needed.
    let mayPropose: Bool

    /// - Throws: `CommandFailure` with an exit status for everything but `sent` and `proposed`.
    func send(_ draft: Draft) async throws {
        let outcome: ReplyOutcome
        do {
            outcome = try await session.work.replies.send(draft)
        } catch let error as ConnectionError {
            throw Self.kept(error, draft)
        }
        if case .needsSecondPerson(let error) = outcome {
            guard draft.proposal == nil else {
                // A colleague's words are no draft of this member's.
                try session.work.replies.discard(draft.conversation)
                throw error
            }
            return try await askColleague(draft, error)
        }
        try await finish(outcome, draft)
    }

    private func askColleague(_ draft: Draft, _ error: APIError) async throws {
        let id = ShortID(.conversation, draft.conversation)
        let isWanted = mayPropose ? true : try asking.isYes("\(error.sentence)\nAsk a colleague?")
        guard isWanted == true else {
            throw CommandFailure(
                .permission,
                "\(error.sentence) The reply is kept as a draft. Ask a colleague: sila reply \(id) --resume "
                    + "--propose")
        }
        try await propose(draft)
    }

    /// Has the words wait for a second person.
    func propose(_ draft: Draft) async throws {
        do {
            let row = try await session.row(ConversationArgument(draft.conversation))
            try await finish(try await session.work.replies.propose(draft, in: row), draft)
        } catch let error as ConnectionError {
            throw Self.kept(error, draft)
        }
    }

    private func finish(_ outcome: ReplyOutcome, _ draft: Draft) async throws {
        let id = ShortID(.conversation, draft.conversation)
        switch outcome {
        case .sent(let created):
            let message = ShortID(.message, created.id)
            try tell("sent", message, created, draft, "Sent as \(message).")
        case .proposed(let created):
            let proposal = ShortID(.proposal, created.id)
            try tell(
                "proposed", proposal, created, draft,
                "It waits as \(proposal) for a colleague, who sends it with: sila approve \(proposal)")
        case .earlierWentOut(let created, let text, let kind):
            let isReply = kind == .reply
            let earlier = ShortID(isReply ? .message : .proposal, created.id)
            try tell(
                isReply ? "earlier-sent" : "earlier-proposed", earlier, created, draft,
                "What you wrote before, of which no answer had come, \(isReply ? "was sent" : "waits for a colleague") "
                    + "as \(earlier):")
            if !isJSON { try Output.standardOutput(display.text(display.quoted(text))) }
            throw CommandFailure(
                .again,
                "What you wrote now was not sent, and is kept as a draft. Send it too: sila reply \(id) --resume")
        case .needsSecondPerson(let error):
            throw CommandFailure(
                .permission, "\(error.sentence) The reply is kept as a draft of \(id).")
        case .conflict(let error):
            try await showWhatCame(since: draft.seen, in: draft.conversation)
            throw CommandFailure(
                .again,
                "\(error.sentence) Nothing was sent; your reply is kept as a draft. Send it all the same: "
                    + "sila reply \(id) --resume")
        }
    }

    private func tell(_ outcome: String, _ id: ShortID, _ created: Created, _ draft: Draft, _ words: String) throws {
        let report = ReplyReport(
            conversation: ShortID(.conversation, draft.conversation).description, outcome: outcome,
            id: id.description, position: created.position)
        try Output.standardOutput(isJSON ? Output.json(report) : words + "\n")
    }

    /// What others wrote that this reply did not know of: shown at once, so that it counts as seen.
    private func showWhatCame(since seen: Int64, in conversation: Int64) async throws {
        guard !isJSON else { return }
        let page = try await session.work.conversations.page(conversation, limit: 50)
        let text = ShowText(page, now: Moments.now, display: display)
        let lines = page.lines.filter { $0.item.position > seen }.flatMap(text.lines(of:))
        try Output.standardOutput(display.text(lines))
        session.seen.note(conversation, page.newest)
    }

    static func kept(_ error: ConnectionError, _ draft: Draft) -> CommandFailure {
        let failure = CommandFailure(error)
        return CommandFailure(
            failure.code,
            "\(failure.description) Your reply is kept as a draft. Send it, once: sila reply "
                + "\(ShortID(.conversation, draft.conversation)) --resume")
    }
}

extension APIError {
    /// What the bridge says, as a sentence.
    var sentence: String {
        let text = Foreign.word(message)
        return [".", "!", "?"].contains(where: text.hasSuffix) ? text : text + "."
    }
}
