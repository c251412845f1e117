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

            \(Statuses.working)
            """)

    @Argument(help: "The reply that waits: p7.")
    var proposal: ProposalArgument

    @Flag(help: "Do not ask.")
    var yes = false

    @OptionGroup var shown: DisplayOptions
    @OptionGroup var bridge: BridgeOptions

    func run() async throws {
        try await BridgeSession.run(bridge) { session in
            let display = shown.display
            let (row, line) = try await session.finder.proposal(proposal.id)
            guard case .proposal(let text, let proposed) = line.content else {
                throw CommandFailure(.data, "The reply \(proposal.id) cannot be opened. It stays as it is.")
            }
            if let outcome = line.item.outcome, !outcome.isEmpty {
                throw CommandFailure(.again, "The reply \(proposal.id) is closed already (\(Foreign.word(outcome))).")
            }
            if let own = try await session.work.drafts.load(row.conversation), own.proposal != proposal.number {
                let id = ShortID(.conversation, row.conversation)
                throw CommandFailure(
                    .again,
                    "You have a draft in \(id). First send it (sila reply \(id) --resume) or forget it (--discard).")
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
                session: session, asking: Asking(ask: nil), display: display, isJSON: bridge.json, mayPropose: false)
            do {
                try await sending.send(draft)
            } catch let error as APIError {
                // Refused: a colleague's words are no draft of this member's.
                try session.work.replies.discard(row.conversation)
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
            The reason becomes a note in the conversation, which they read.

            \(Statuses.working)
            """)

    @Argument(help: "The reply that waits: p7.")
    var proposal: ProposalArgument

    @Argument(help: "What should be different; '-' for standard input.")
    var reason: String

    @OptionGroup var bridge: BridgeOptions

    func run() async throws {
        try await BridgeSession.run(bridge) { session in
            let words = try ComposedText().read(reason)
            let item = try await session.work.entries.giveBack(proposal: proposal.number)
            let row = try await session.row(ConversationArgument(item.conversation))
            do {
                _ = try await session.work.entries.note("\(proposal.id): \(words)", on: row)
            } catch {
                let failure = CommandFailure(error)
                throw CommandFailure(
                    failure.code,
                    "The reply \(proposal.id) went back, but the reason could not be written down: "
                        + "\(failure.description) "
                        + "Write it: sila note \(ShortID(.conversation, row.conversation))")
            }
            try ClosedReport.tell(item, json: bridge.json, "The reply \(proposal.id) went back to its author.")
        }
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
