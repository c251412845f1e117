import Inbox
import StaffProtocol

/// What became of a reply, for `--json`.
struct ReplyReport: Encodable, Equatable {
    let version = 1
    let conversation: String
    /// `sent`, `held` (until staff decide about a new device), `proposed`, `earlier-sent`, `earlier-proposed`.
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
    /// `--anyway`: also words that are never said.
    var anyway = false
    /// `--in-the-clear`: also to a contact who never wrote encrypted.
    var inTheClear = false
    /// A colleague's words have a place of their own (`approval`): own drafts of the conversation stay.
    var purpose = Draft.Purpose.reply

    var replies: ReplyFlow {
        ReplyFlow(session.connection, drafts: session.work.drafts.of(purpose), sealer: session.work.sealer)
    }

    /// Keeps the words, then sends them. Own words are kept whatever ends the command.
    ///
    /// - Throws: `CommandFailure` with an exit status for everything but `sent` and `proposed`; `APIError`
    ///   `notFound` for a conversation that is not there any more; `DraftConflict`.
    func send(_ draft: Draft) async throws {
        guard draft.proposal == nil else { return try await submit(draft) }
        let draft = try await replies.save(draft)
        try await naming(draft) { try await submit(draft) }
    }

    private func submit(_ draft: Draft) async throws {
        try await confirmNeverSaid(draft)
        if mayPropose, draft.proposal == nil,
            try await session.row(ConversationArgument(draft.conversation)).isPractice
        {
            return try await ask(draft)
        }
        var outcome = try await replies.send(draft, inTheClear: inTheClear)
        if case .notEncrypted = outcome {
            try confirmInTheClear(draft)
            outcome = try await replies.send(draft, inTheClear: true)
        }
        if case .needsSecondPerson(let error) = outcome {
            guard draft.proposal == nil else {
                throw error
            }
            return try await askColleague(draft, error)
        }
        try await finish(outcome, draft)
    }

    /// Says of what goes wrong that the words are kept, when they are.
    private func naming(_ draft: Draft, _ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch let error as APIError where error.code == .notFound {
            throw error
        } catch let error where !(error is CommandFailure || error is DraftConflict) {
            guard session.work.drafts.conversations().contains(draft.conversation) else { throw error }
            throw Self.kept(error, draft)
        }
    }

    /// Words that are never said go out only when that is meant.
    private func confirmNeverSaid(_ draft: Draft) async throws {
        guard !anyway else { return }
        let found = try await replies.neverSaid(in: draft)
        guard !found.isEmpty else { return }
        let warning = Self.warning(found)
        if try question("\(warning)\nSend it anyway?", draft) == true { return }
        throw CommandFailure(
            .data,
            draft.proposal == nil
                ? "\(warning) Nothing was sent; the reply is kept as a draft. If it is meant: sila reply "
                    + "\(ShortID(.conversation, draft.conversation)) --resume --anyway"
                : "\(warning) Nothing was sent. If it is meant: --anyway")
    }

    /// What every server on the way can read goes out only when that is meant.
    private func confirmInTheClear(_ draft: Draft) throws {
        let why = "This contact never wrote encrypted: every server on the way can read your reply."
        let id = ShortID(.conversation, draft.conversation)
        let words = display.text(display.quoted(draft.text))
        let isMeant = try question("\(id): \(why)\n\(words)Send it readable?", draft)
        guard isMeant != true else { return }
        // Who was asked has just read why.
        let nothing = isMeant == nil ? "\(why) Nothing was sent" : "Nothing was sent"
        throw CommandFailure(
            .data,
            draft.proposal.map {
                "\(nothing); your colleague's reply waits as before. If it may be read: sila approve "
                    + "\(ShortID(.proposal, $0)) --in-the-clear"
            } ?? "\(nothing); the reply is kept as a draft. If it may be read: sila reply \(id) --resume --in-the-clear"
        )
    }

    /// Who ends the command at a question is told where the words are.
    private func question(_ text: String, _ draft: Draft) throws -> Bool? {
        do {
            return try asking.isYes(text)
        } catch let error where draft.proposal == nil {
            throw Self.kept(error, draft)
        }
    }

    static func warning(_ found: [NeverSaid]) -> String {
        let phrases = found.map { "\"\(Foreign.word($0.phrase))\" (\(Foreign.word($0.variety)))" }
        return
            "WARNING: this is never said to a contact: \(phrases.joined(separator: ", ")). It promises what we cannot "
            + "keep, asks for what we may not know, or can harm."
    }

    private func askColleague(_ draft: Draft, _ error: APIError) async throws {
        let id = ShortID(.conversation, draft.conversation)
        let isWanted = mayPropose ? true : try question("\(error.sentence)\nAsk a colleague?", draft)
        guard isWanted == true else {
            // Who was asked has just read why.
            let why = isWanted == nil ? error.sentence : "Nothing was sent."
            throw CommandFailure(
                .permission,
                "\(why) The reply is kept as a draft. Ask a colleague: sila reply \(id) --resume --propose")
        }
        try await ask(draft)
    }

    /// Has the words wait for a second person.
    func propose(_ draft: Draft) async throws {
        let draft = try await replies.save(draft)
        try await naming(draft) { try await ask(draft) }
    }

    private func ask(_ draft: Draft) async throws {
        let row = try await session.row(ConversationArgument(draft.conversation))
        try await finish(try await replies.propose(draft, in: row), draft, isPractice: row.isPractice)
    }

    private func finish(_ outcome: ReplyOutcome, _ draft: Draft, isPractice: Bool = false) async throws {
        let id = ShortID(.conversation, draft.conversation)
        switch outcome {
        case .sent(let created):
            let message = ShortID(.message, created.id)
            if created.held != nil {
                let id = ShortID(.conversation, draft.conversation)
                return try tell(
                    "held", message, created, draft,
                    "HELD as \(message): the contact has a new device. It goes out once you have confirmed or refused "
                        + "the device: sila device list \(id)")
            }
            try tell("sent", message, created, draft, "Sent as \(message).")
        case .proposed(let created):
            let proposal = ShortID(.proposal, created.id)
            try tell(
                "proposed", proposal, created, draft,
                isPractice
                    ? "It waits as \(proposal). In practice you are your own colleague: sila approve \(proposal)"
                    : "It waits as \(proposal) for a colleague, who sends it with: sila approve \(proposal)")
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
        case .notEncrypted(let error):
            throw CommandFailure(.data, "\(error.sentence) The reply is kept as a draft of \(id).")
        case .needsSecondPerson(let error):
            throw CommandFailure(
                .permission, "\(error.sentence) The reply is kept as a draft of \(id).")
        case .conflict(let error):
            try await showWhatCame(since: draft.seen, in: draft.conversation)
            throw CommandFailure(
                .again,
                draft.proposal != nil
                    ? "\(error.sentence) Nothing was sent; your colleague's reply waits as before."
                    : "\(error.sentence) Nothing was sent; your reply is kept as a draft. Send it all the same: "
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

    static func kept(_ error: any Error, _ draft: Draft) -> CommandFailure {
        let failure = CommandFailure(error)
        let sentence = [".", "!", "?"].contains(where: failure.description.hasSuffix) ? "" : "."
        return CommandFailure(
            failure.code,
            "\(failure.description)\(sentence) Your reply is kept as a draft. Send it, once: sila reply "
                + "\(ShortID(.conversation, draft.conversation)) --resume")
    }
}

extension APIError {
    /// Words with which no message names a member: those are written as they are typed.
    private static let beginnings: Set<Substring> = [
        "a", "an", "another", "it", "log", "no", "nobody", "nothing", "only", "somebody", "the", "there", "this", "too",
        "you", "your",
    ]

    /// What the bridge says, with a capital: it answers programs, and this is read by a person.
    var words: String {
        // The bridge is not trusted to be kind to a terminal.
        let text = Foreign.word(message)
        guard Self.beginnings.contains(text.prefix { $0 != " " }) else { return text }
        return text.prefix(1).uppercased() + text.dropFirst()
    }

    /// What the bridge says, as a sentence.
    var sentence: String {
        let text = words
        return [".", "!", "?"].contains(where: text.hasSuffix) ? text : text + "."
    }
}
