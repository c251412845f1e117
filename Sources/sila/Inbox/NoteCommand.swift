import ArgumentParser
import Inbox
import StaffProtocol

/// What was added to a conversation.
struct AddedReport: Encodable {
    let version = 1
    let conversation: String
    /// `n5`, `g5`, `t5`.
    let id: String
    let position: Int64

    static func tell(
        _ kind: ShortID.Kind, _ created: Created, _ conversation: ConversationArgument, json: Bool, _ what: String
    ) throws {
        let id = ShortID(kind, created.id)
        let report = AddedReport(
            conversation: conversation.id.description, id: id.description, position: created.position)
        try Output.standardOutput(json ? Output.json(report) : "\(what) \(id) is in \(conversation.id).\n")
    }
}

/// `sila note`
struct NoteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "note",
        abstract: "Write a note for colleagues.",
        discussion: """
            It is sealed on this machine; the contact never sees it. Interns read notes; with --confidential it \
            is sealed to 'casework', which they cannot open. (An intern can write such a note, and not read it \
            again.)

            \(Statuses.working)
            """)

    @Argument(help: "The conversation: c12.")
    var conversation: ConversationArgument

    @Argument(help: "The note; '-' for standard input; nothing for your editor.")
    var text: String?

    @Flag(help: "Only for coordinators and staff.")
    var confidential = false

    @OptionGroup var bridge: BridgeOptions

    func run() async throws {
        try await BridgeSession.run(bridge) { session in
            let row = try await session.row(conversation)
            let drafts = session.work.drafts.of(confidential ? .confidentialNote : .note)
            let again = "sila note \(conversation.id)" + (confidential ? " --confidential" : "")
            let hint = ["A note in \(conversation.id). Lines above the next one do not belong to it."]
            try await KeptText(drafts: drafts, conversation: conversation, again: again).use(text, hint: hint) {
                words, key in
                let created: Created
                if let key {
                    let notes = DraftedNotes(session.connection, drafts: drafts, sealer: session.work.sealer)
                    created = try await notes.store(words, key: key, on: row)
                } else {
                    created = try await session.work.entries.note(words, on: row, isConfidential: confidential)
                }
                try AddedReport.tell(.note, created, conversation, json: bridge.json, "The note")
            }
        }
    }
}
