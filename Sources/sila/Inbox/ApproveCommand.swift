import ArgumentParser
import Inbox
import StaffProtocol

/// `sila approve`
struct ApproveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve",
        abstract: "Send a reply that a colleague wrote.",
        discussion: """
            Shows it, with the topic's own text where it began as one, and asks. You answer for it together: the \
            contact gets it as your colleague's words. Nobody approves their own.

            If somebody wrote to the contact since your colleague last looked, nothing is sent (exit status 75).

            To a contact who never wrote encrypted every server on the way can read it: you are asked once more, also \
            with --yes. Where nobody can be asked nothing is sent without --in-the-clear.

            \(Statuses.working)
            """)

    @Argument(help: "The reply that waits: p7.")
    var proposal: ProposalArgument

    @Flag(help: "Do not ask.")
    var yes = false

    @Flag(help: "Also if it holds words that are never said to a contact.")
    var anyway = false

    @Flag(help: "Also to a contact who never wrote encrypted: every server on the way can read it.")
    var inTheClear = false

    @OptionGroup var shown: DisplayOptions
    @OptionGroup var bridge: BridgeOptions

    /// Why a reply is not sent that is not what the bridge says it is.
    static func refusal(_ proposal: Int64, _ doubts: Set<ConversationLine.Doubt>) -> CommandFailure {
        CommandFailure(
            .data,
            "The reply \(ShortID(.proposal, proposal)) is not what the bridge says it is. "
                + doubts.map(ShowText.words).sorted().joined(separator: " ")
                + " Nothing was sent. Tell the coordinators.")
    }

    func run() async throws {
        try await BridgeSession.run(bridge) { session in
            let display = shown.display
            let (row, line) = try await session.finder.proposal(proposal.id)
            guard case .proposal(let text, let proposed) = line.content else {
                throw CommandFailure(.data, "The reply \(proposal.id) cannot be opened. It stays as it is.")
            }
            // It may be meant for another contact, or be of somebody else than the bridge says.
            guard line.doubts.isEmpty else { throw Self.refusal(proposal.number, line.doubts) }
            if let outcome = line.item.outcome, !outcome.isEmpty {
                // What was asked and not answered is answered with this.
                let approval = session.work.drafts.of(.approval)
                try await approval.update(row.conversation) { if $0?.proposal == proposal.number { $0 = nil } }
                throw CommandFailure(.again, "The reply \(proposal.id) is closed already (\(Foreign.word(outcome))).")
            }
            if !bridge.json {
                let text = ShowText(row: row, now: Moments.now, display: display)
                try Output.standardOutput(
                    display.text(
                        RowText(row: row, now: Moments.now, display: display).lines() + [""]
                            + text.lines(of: line)))
            }
            try Asking.terminal.require("Send it?", given: yes)
            let draft = Draft(
                conversation: row.conversation, text: text,
                seen: max(proposed.seen, session.seen.position(row.conversation)), topic: proposed.topic,
                variety: proposed.variety, proposal: proposal.number)
            let sending = ReplyWork(
                session: session, asking: bridge.json ? Asking(ask: nil) : .terminal, display: display,
                isJSON: bridge.json, mayPropose: false, anyway: anyway, inTheClear: inTheClear, purpose: .approval)
            do {
                try await sending.send(draft)
            } catch let error as ConnectionError {
                let failure = CommandFailure(error)
                throw CommandFailure(
                    failure.code,
                    "\(failure.description) It may have been sent. Say it again, and it is sent once: "
                        + "sila approve \(proposal.id)")
            } catch {
                // Refused: a colleague's words are no draft of this member's.
                try await sending.replies.forgetProposal(proposal.number, in: row.conversation)
                throw error
            }
        }
    }
}

/// `sila return`
struct ReturnCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "return",
        abstract: "Give a reply that waits back to the colleague who wrote it.",
        discussion: """
            The reason becomes a note in the conversation, which they read. Without it an editor opens: what is \
            typed behind a command stays in the history of the shell.

            \(Statuses.working)
            """)

    @Argument(help: "The reply that waits: p7.")
    var proposal: ProposalArgument

    @Argument(help: "What should be different; '-' for standard input, left out for the editor.")
    var reason: String?

    @OptionGroup var bridge: BridgeOptions

    func run() async throws {
        try await BridgeSession.run(bridge) { session in
            guard reason == nil else {
                return try await giveBack(ComposedText().read(reason).text, session)
            }
            let conversation = try await session.finder.proposal(proposal.id).row.conversation
            let kept = KeptText(
                drafts: session.work.drafts.of(.giveBack), conversation: ConversationArgument(conversation),
                again: "sila return \(proposal.id)")
            try await kept.use(nil, hint: ["Why \(proposal.id) goes back, for its author to read."]) { words, _ in
                try await giveBack(words, session)
            }
        }
    }

    private func giveBack(_ words: String, _ session: BridgeSession) async throws {
        let item = try await session.work.entries.giveBack(proposal: proposal.number)
        let row = try await session.row(ConversationArgument(item.conversation))
        do {
            _ = try await session.work.entries.note("\(proposal.id): \(words)", on: row)
        } catch {
            let failure = CommandFailure(error)
            // Where a note is begun already, the reason stands in the command line only.
            let notes = session.work.drafts.of(.note)
            try? await notes.update(row.conversation) {
                if $0 == nil {
                    $0 = Draft(conversation: row.conversation, text: "\(proposal.id): \(words)", seen: 0)
                }
            }
            throw CommandFailure(
                failure.code,
                "The reply \(proposal.id) went back, but the reason could not be written down: "
                    + "\(failure.description) "
                    + "Write it: sila note \(ShortID(.conversation, row.conversation))")
        }
        try ClosedReport.tell(item, json: bridge.json, "The reply \(proposal.id) went back to its author.")
    }
}

/// `sila withdraw`
struct WithdrawCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "withdraw",
        abstract: "Take back a reply of yours that waits for a colleague.",
        discussion: Statuses.working)

    @Argument(help: "The reply that waits: p7.")
    var proposal: ProposalArgument

    @OptionGroup var bridge: BridgeOptions

    func run() async throws {
        try await BridgeSession.run(bridge) { session in
            let item = try await session.work.entries.withdraw(proposal: proposal.number)
            try ClosedReport.tell(item, json: bridge.json, "The reply \(proposal.id) was taken back.")
        }
    }
}

/// Something that was closed: a task, a tag, a reply that waited.
struct ClosedReport: Encodable {
    let version = 1
    let id: String
    let conversation: String
    let outcome: String

    static func tell(_ item: SealedItem, json: Bool, _ words: String) throws {
        let report = ClosedReport(
            id: item.shortID.description, conversation: ShortID(.conversation, item.conversation).description,
            outcome: item.outcome ?? "")
        try Output.standardOutput(json ? Output.json(report) : words + "\n")
    }
}
