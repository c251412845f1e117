import ArgumentParser
import Inbox
import StaffProtocol

/// `sila reply`
struct ReplyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reply",
        abstract: "Answer a contact.",
        discussion: """
            The text is the argument, standard input with '-', or what you write in $VISUAL or $EDITOR. With \
            --topic it is the bot's text on that topic in the contact's language (--variety for another one), \
            which you can change with --edit.

            The reply is written down, sealed, before it is sent. If the connection is lost it stays as a \
            draft, and goes out once at the next 'sila reply CONVERSATION --resume'; 'sila reply --resume' \
            sends all that were on their way.

            If a colleague wrote since you last looked ('sila show'), nothing is sent, what they wrote is \
            shown, and the exit status is 75. --seen names a place instead of what was last shown here.

            An intern's own words wait for a second person: with --propose, or a yes at the question, they are \
            put before a colleague. A released text of the bot, unchanged, goes out at once.

            \(Statuses.working)
            """)

    @Argument(help: "The conversation: c12.")
    var conversation: ConversationArgument?

    @Argument(help: "The text; '-' for standard input; nothing for your editor.")
    var text: String?

    @Flag(help: "Send the draft that is kept.")
    var resume = false

    @Flag(help: "Forget the draft that is kept.")
    var discard = false

    @Option(help: ArgumentHelp("Send the text of this topic.", valueName: "topic"))
    var topic: String?

    @Option(help: ArgumentHelp("The language of the text: nl, en, fr, ar, ary, ary-Latn.", valueName: "tag"))
    var variety: String?

    @Flag(help: "Change the topic's text, or the draft, in your editor first.")
    var edit = false

    @Flag(help: "Put the words before a colleague, if a second person is needed.")
    var propose = false

    @Option(help: ArgumentHelp("The place up to which you have read ('newest' in JSON).", valueName: "place"))
    var seen: Int64?

    @OptionGroup var shown: DisplayOptions
    @OptionGroup var bridge: BridgeOptions

    func validate() throws {
        guard conversation != nil || resume else { throw ValidationError("Which conversation? sila reply c12") }
        guard !(resume && discard) else { throw ValidationError("Give --resume or --discard, not both.") }
        guard text == nil || !(resume || discard || topic != nil) else {
            throw ValidationError("A text does not go together with --resume, --discard and --topic; there is --edit.")
        }
        guard !(resume && topic != nil) else { throw ValidationError("--topic does not go together with --resume.") }
        guard seen ?? 0 >= 0 else { throw ValidationError("--seen is a place, 0 or more.") }
    }

    func run() async throws {
        try await CommandFailure.reporting {
            let machine = try StaffMachine(bridge)
            let holder = try BridgeSession.holder(of: machine, passphraseFile: bridge.passphraseFile)
            if discard, let conversation {
                try DraftStore(machine.profileFolder, keys: holder.keys).remove(conversation.number)
                return try Output.standardOutput(bridge.json ? "{}\n" : "The draft of \(conversation.id) is gone.\n")
            }
            let session: BridgeSession
            do {
                session = try await BridgeSession.open(machine, holder: holder)
            } catch let error as ConnectionError {
                throw try await keepOffline(machine, holder, error)
            }
            do {
                try await work(session)
            } catch {
                await session.work.close()
                throw error
            }
            await session.work.close()
        }
    }

    /// Without a bridge: words that were given stay as a draft.
    private func keepOffline(
        _ machine: StaffMachine, _ holder: BridgeSession.Holder, _ error: ConnectionError
    ) async throws -> any Error {
        guard let conversation, let text, !resume else { return error }
        let drafts = DraftStore(machine.profileFolder, keys: holder.keys)
        // What waits there, or is on its way, is not lost for it.
        guard try await drafts.load(conversation.number) == nil else {
            return CommandFailure(
                .unavailable,
                "\(CommandFailure(error).description) There is a draft of \(conversation.id) already: these words were "
                    + "not kept beside it.")
        }
        let draft = Draft(
            conversation: conversation.number, text: try ComposedText().read(text),
            seen: seen ?? SeenMarks(folder: machine.folder).position(conversation.number), variety: variety)
        try await drafts.save(draft)
        return ReplyWork.kept(error, draft)
    }

    private func work(_ session: BridgeSession) async throws {
        let sending = ReplyWork(
            session: session, asking: bridge.json ? Asking(ask: nil) : .terminal, display: shown.display,
            isJSON: bridge.json, mayPropose: propose)
        if resume, conversation == nil { return try await resumeAll(session, sending) }
        guard let conversation else { return }
        let draft = resume ? try await kept(session, conversation) : try await written(session, conversation)
        try await sending.send(draft)
    }

    /// All of which it is not known whether they were sent. What somebody only began to write stays.
    private func resumeAll(_ session: BridgeSession, _ sending: ReplyWork) async throws {
        var count = 0
        for conversation in session.work.drafts.conversations() {
            guard let draft = try await session.work.drafts.load(conversation), let attempt = draft.attempt else {
                continue
            }
            count += 1
            switch attempt.kind {
            case .reply: try await sending.send(draft)
            case .proposal: try await sending.propose(draft)
            }
        }
        guard count == 0, !bridge.json else { return }
        let others = session.work.drafts.conversations().map { ShortID(.conversation, $0).description }
        try Output.standardOutput(
            others.isEmpty
                ? "No reply was on its way.\n"
                : "No reply was on its way. Kept as drafts: \(others.joined(separator: " ")). Send one: sila reply "
                    + "\(others[0]) --resume\n")
    }

    private func kept(_ session: BridgeSession, _ conversation: ConversationArgument) async throws -> Draft {
        guard var draft = try await session.work.drafts.load(conversation.number) else {
            throw CommandFailure(.missing, "There is no draft of \(conversation.id).")
        }
        draft.seen = seen ?? max(draft.seen, session.seen.position(conversation.number))
        if edit { draft.text = try ComposedText().read(nil, start: draft.text) }
        return draft
    }

    private func written(_ session: BridgeSession, _ conversation: ConversationArgument) async throws -> Draft {
        let seen = seen ?? session.seen.position(conversation.number)
        if let topic {
            let found = try await TopicText.find(topic, variety: variety, for: conversation, in: session)
            var draft = Draft(
                conversation: conversation.number, text: found.text, seen: seen, topic: topic, variety: found.variety,
                original: found.text)
            if edit { draft.text = try ComposedText().read(nil, start: found.text) }
            return draft
        }
        let draft = try await session.work.drafts.load(conversation.number)
        let text = try ComposedText().read(
            text, start: draft?.text ?? "", hint: ["To \(conversation.id). Lines above the next one are not sent."])
        // Words that came from a topic stay known as such, so that the second person sees what was changed.
        let isFromDraft = self.text == nil
        if !isFromDraft, let draft, draft.text != text {
            Output.standardError("sila: this replaces the draft that was kept here:\n")
            Output.standardError(Display().text(Display().quoted(draft.text)))
        }
        return Draft(
            conversation: conversation.number, text: text, seen: seen, topic: isFromDraft ? draft?.topic : nil,
            variety: variety ?? (isFromDraft ? draft?.variety : nil), original: isFromDraft ? draft?.original : nil)
    }
}
