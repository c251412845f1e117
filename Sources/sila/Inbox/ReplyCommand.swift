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
            sends all that were on their way. Other words than those of a draft that is kept are not sent: \
            first send or forget it, or say --instead.

            If a colleague wrote since you last looked ('sila show'), nothing is sent, what they wrote is \
            shown, and the exit status is 75. --seen names a place instead of what was last shown here.

            An intern's own words wait for a second person: with --propose, or a yes at the question, they are \
            put before a colleague. A released text of the bot, unchanged, goes out at once.

            With --attach a file is sealed here and sent alone; words are another reply. Photos lose what the \
            camera wrote into them (place, time, device) if they are JPEG or PNG; of others that is said. It is \
            not kept as a draft: if the connection is lost, look with 'sila show' whether it went.

            Words that are never said to a contact (a promise, a six-digit code asked for, …) are named before \
            they go out; --anyway sends them.

            To a contact who never wrote encrypted every server on the way can read what you write. You are asked \
            before it goes; where nobody can be asked it stays as a draft, and --in-the-clear sends it. To a contact \
            who once wrote encrypted nothing goes in the clear.

            \(Statuses.working)
            """)

    @Argument(help: "The conversation: c12.")
    var conversation: ConversationArgument?

    @Argument(help: "The text; '-' for standard input; nothing for your editor.")
    var text: String?

    @Option(
        help: ArgumentHelp("Send a file instead of words.", valueName: "file"), completion: .file())
    var attach: String?

    @Flag(help: "Send the draft that is kept.")
    var resume = false

    @Flag(help: "Forget the draft that is kept.")
    var discard = false

    @Option(help: ArgumentHelp("Send the text of this topic.", valueName: "topic"))
    var topic: String?

    @Option(
        help: ArgumentHelp("The language of the text: nl, en, fr, ar, ary, ary-Latn.", valueName: "tag"),
        completion: .list(["nl", "en", "fr", "ar", "ary", "ary-Latn"]))
    var variety: String?

    @Flag(help: "Send these words and forget the draft that is kept.")
    var instead = false

    @Flag(help: "Change the topic's text, or the draft, in your editor first.")
    var edit = false

    @Flag(help: "Put the words before a colleague, if a second person is needed.")
    var propose = false

    @Flag(help: "Also if it holds words that are never said to a contact.")
    var anyway = false

    @Flag(help: "Also to a contact who never wrote encrypted: every server on the way can read it.")
    var inTheClear = false

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
        guard attach == nil || (conversation != nil && text == nil && topic == nil && !resume && !discard) else {
            throw ValidationError("--attach sends the file alone: give the words in another reply.")
        }
        guard !(resume && topic != nil) else { throw ValidationError("--topic does not go together with --resume.") }
        guard conversation != nil || !inTheClear else {
            throw ValidationError("--in-the-clear is said of one conversation: sila reply c12 --resume --in-the-clear")
        }
        guard seen ?? 0 >= 0 else { throw ValidationError("--seen is a place, 0 or more.") }
    }

    func run() async throws {
        try await CommandFailure.reporting {
            let machine = try StaffMachine(bridge)
            let holder = try BridgeSession.holder(of: machine, passphraseFile: bridge.passphraseFile)
            if discard, let conversation {
                let drafts = DraftStore(machine.profileFolder, keys: holder.keys)
                let wasOpen = (try? await drafts.load(conversation.number))?.attempt != nil
                try Self.forget(conversation, drafts)
                let words =
                    "The draft of \(conversation.id) is gone.\n"
                    + (wasOpen ? "It was on its way: it may have been sent. Look: sila show \(conversation.id)\n" : "")
                return try Output.standardOutput(bridge.json ? "{}\n" : words)
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
            conversation: conversation.number, text: try ComposedText().read(text).text,
            seen: seen ?? SeenMarks(folder: machine.folder).position(conversation.number), variety: variety)
        try await drafts.save(draft)
        return ReplyWork.kept(error, draft)
    }

    /// Throws `CommandFailure` (66) when there is none.
    static func forget(_ conversation: ConversationArgument, _ drafts: DraftStore) throws {
        guard drafts.conversations().contains(conversation.number) else {
            throw CommandFailure(.missing, "There is no draft of \(conversation.id).")
        }
        try drafts.remove(conversation.number)
    }

    func work(_ session: BridgeSession) async throws {
        let sending = ReplyWork(
            session: session, asking: bridge.json ? Asking(ask: nil) : .terminal, display: shown.display,
            isJSON: bridge.json, mayPropose: propose, anyway: anyway, inTheClear: inTheClear)
        if resume, conversation == nil { return try await resumeAll(session, sending) }
        guard let conversation else { return }
        if let attach {
            return try await AttachmentSending(session: session, isJSON: bridge.json).send(
                attach, to: conversation, seen: seen ?? session.seen.position(conversation.number))
        }
        try await Self.namingDraft(of: conversation, session) {
            // Before anybody writes for ten minutes to a conversation that is not there.
            _ = try await session.row(conversation)
            let draft = resume ? try await kept(session, conversation) : try await written(session, conversation)
            try await sending.send(draft)
        }
    }

    /// Does the work, and if the conversation is not there, or not for this member any more, says that words
    /// of theirs are kept for it.
    private static func namingDraft(
        of conversation: ConversationArgument, _ session: BridgeSession, _ body: () async throws -> Void
    ) async throws {
        do {
            try await body()
        } catch let conflict as DraftConflict {
            throw other(conflict)
        } catch let error as APIError where error.code == .notFound {
            let id = conversation.id
            guard session.work.drafts.conversations().contains(conversation.number) else { throw error }
            throw CommandFailure(
                .missing, "\(error.sentence) A draft of \(id) is kept here. Forget it: sila reply \(id) --discard")
        }
    }

    /// All of which it is not known whether they were sent. What somebody only began to write stays.
    private func resumeAll(_ session: BridgeSession, _ sending: ReplyWork) async throws {
        var count = 0
        var refused: CommandFailure?
        for conversation in session.work.drafts.conversations() {
            guard let draft = try await session.work.drafts.load(conversation), let attempt = draft.attempt else {
                continue
            }
            count += 1
            do {
                try await Self.namingDraft(of: ConversationArgument(conversation), session) {
                    switch attempt.kind {
                    case .reply: try await sending.send(draft)
                    case .proposal: try await sending.propose(draft)
                    }
                }
            } catch let failure as CommandFailure where failure.code != .unavailable {
                // What is refused of one holds up no other.
                if let before = refused { Output.standardError("sila: \(before.description)\n") }
                refused = failure
            }
        }
        if let refused { throw refused }
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
        guard edit else { return draft }
        return try await keeping(ComposedText().read(nil, start: draft.text), of: draft, session)
    }

    /// Keeps what came out of the editor before anything else is done.
    private func keeping(_ composed: Composed, of draft: Draft, _ session: BridgeSession) async throws -> Draft {
        let again = "What you wrote is kept as a draft: sila reply \(ShortID(.conversation, draft.conversation))"
        do {
            return try await composed.keeping(again) { words in
                try await session.work.replies.save(draft.with(text: words), replacing: instead)
            }
        } catch let conflict as DraftConflict {
            throw Self.other(conflict)
        }
    }

    /// Other words wait already: they are shown, and stay.
    private static func other(_ conflict: DraftConflict) -> any Error {
        guard let kept = conflict.kept else { return conflict }
        let id = ShortID(.conversation, conflict.conversation)
        Output.standardError("sila: this is kept as a draft of \(id):\n")
        Output.standardError(Display().text(Display().quoted(kept.text)))
        return CommandFailure(
            .again,
            "\(conflict.description) Send the draft: sila reply \(id) --resume. Forget it: sila reply \(id) --discard. "
                + "Send the new words in its place: --instead")
    }

    private func written(_ session: BridgeSession, _ conversation: ConversationArgument) async throws -> Draft {
        let seen = seen ?? session.seen.position(conversation.number)
        if let topic {
            let found = try await TopicText.find(topic, variety: variety, for: conversation, in: session)
            let draft = Draft(
                conversation: conversation.number, text: found.text, seen: seen, topic: topic, variety: found.variety,
                original: found.text)
            let composed = edit ? try ComposedText().read(nil, start: found.text) : Composed(text: found.text)
            return try await keeping(composed, of: draft, session)
        }
        let before = try await session.work.drafts.load(conversation.number)
        // Words of the editor begin as the draft. Those that came from a topic stay known as such, so that the
        // second person sees what was changed.
        var draft = (text == nil ? before : nil) ?? Draft(conversation: conversation.number, seen: seen)
        draft.seen = seen
        draft.proposal = nil
        draft.variety = variety ?? draft.variety
        let composed = try ComposedText().read(
            text, start: draft.text, hint: ["To \(conversation.id). Lines above the next one are not sent."])
        return try await keeping(composed, of: draft, session)
    }
}
