import ArgumentParser
import Foundation
import Inbox
import StaffProtocol

/// `sila contact`
struct ContactCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "contact",
        abstract: "A person's rights, a copy of what is kept and erasure; and who is one person.",
        subcommands: [
            ContactExportCommand.self, ContactEraseCommand.self, ContactRecogniseCommand.self, ContactLinkCommand.self,
            ContactUnlinkCommand.self,
        ])
}

/// A contact as a person types it: the conversation (`c12`, `12`), or the contact (`contact-3`).
struct ContactArgument: ExpressibleByArgument, Equatable {
    enum Kind: Equatable {
        case conversation(Int64)
        case contact(Int64)
    }

    let kind: Kind

    init?(argument: String) {
        let text = argument.lowercased()
        if let id = ShortID(text), id.kind == .conversation {
            kind = .conversation(id.number)
            return
        }
        // A bare number is a conversation, as everywhere: an erasure must not mean somebody else by it.
        let prefix = ["contact-", "practice-"].first { text.hasPrefix($0) }
        let digits = prefix.map { text.dropFirst($0.count) } ?? text[...]
        guard !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber }), let number = Int64(digits), number > 0
        else { return nil }
        kind = prefix == nil ? .conversation(number) : .contact(number)
    }

    func number(_ session: BridgeSession) async throws -> Int64 {
        switch kind {
        case .conversation(let id): try await session.row(ConversationArgument(id)).contact
        case .contact(let number): number
        }
    }
}

/// `sila contact export`
struct ContactExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Make a copy of what is kept about a person, for that person.",
        discussion: """
            With --output it writes contact-N.html, contact-N.md and contact-N.json into that folder, readable \
            for this user only; without it the text is printed. Messages are in it; --notes adds notes, tags \
            and tasks, when whoever answers the request has decided that they belong to it. Staff are not \
            named. What the person wrote from another address is in it once a member knew their voice there \
            (sila contact recognise). Give it by a way on which nobody else reads, and remove the files here afterwards.

            \(Statuses.working)
            """)

    @Argument(help: "The conversation (c12), or the contact (contact-7).")
    var contact: ContactArgument

    @Option(help: ArgumentHelp("The folder for the files; made if it is not there.", valueName: "folder"))
    var output: String?

    @Flag(help: "Also notes, tags and tasks.")
    var notes = false

    @OptionGroup var shown: DisplayOptions
    @OptionGroup var bridge: BridgeOptions

    private struct Report: Encodable {
        let version = 1
        let contact: Int64
        let files: [String]
    }

    func run() async throws {
        try await BridgeSession.run(bridge) { session in
            let number = try await contact.number(session)
            let copy = try await session.work.export.fetch(number, including: notes ? [.note, .tag, .task] : [])
            for other in copy.leftOut {
                Output.standardError(
                    "sila: contact \(other) may be the same person, and nobody knew their voice yet: left out. "
                        + "See: sila contact recognise\n")
            }
            guard let output else {
                let display = shown.display
                return try Output.standardOutput(
                    bridge.json
                        ? Output.harmless(json: copy.json()) : display.text(display.quoted(copy.markdown(), margin: ""))
                )
            }
            let folder = URL(fileURLWithPath: output).standardizedFileURL.path
            try NewFiles.folder(folder, mode: 0o700)
            var files: [String] = []
            for (suffix, text) in [
                ("html", copy.html()), ("md", copy.markdown()), ("json", Output.harmless(json: try copy.json())),
            ] {
                let path = "\(folder)/contact-\(number).\(suffix)"
                try NewFiles.write(Array(text.utf8), to: path, mode: 0o600)
                files.append(path)
            }
            try NewFiles.synchronize(folder: folder)
            try Output.standardOutput(
                bridge.json
                    ? Output.json(Report(contact: number, files: files)) : files.map { $0 + "\n" }.joined())
        }
    }
}

/// `sila contact erase`
struct ContactEraseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "erase",
        abstract: "Erase everything about a person. This cannot be undone.",
        discussion: """
            Coordinators only. The keys of everything that was sealed about this person are deleted, and with \
            them messages, notes, tags, tasks, addresses and settings. Nobody can open them again, also not \
            with the recovery words. It asks for the contact's number, typed once more; for scripts, --confirm.

            Printed is what is gone, and what remains and why.

            \(Statuses.working)
            """)

    @Argument(help: "The conversation (c12), or the contact (contact-7).")
    var contact: ContactArgument

    @Option(help: ArgumentHelp("The contact's number once more, instead of typing it.", valueName: "number"))
    var confirm: Int64?

    @OptionGroup var bridge: BridgeOptions

    struct Report: Encodable {
        let version = 1
        let contact: Int64
        let segmentKeys: Int
        let records: Int
        let addresses: Int
        let remains: [String]
        /// Contacts who were the same person, and who stay.
        let linked: [Int64]
    }

    func run() async throws {
        try await BridgeSession.run(bridge) { session in
            let number = try await contact.number(session)
            if let confirm {
                guard confirm == number else {
                    throw CommandFailure(
                        .data, "--confirm \(confirm) is not this contact's number. Nothing was erased.")
                }
            } else {
                try Asking.terminal.requireTyped(
                    "\(number)",
                    "This erases everything about contact \(number), for good. A copy for them: sila contact export.\n"
                        + "Type the contact's number to erase: ")
            }
            let conversations = try await session.work.inbox.all(.all, limit: EntryFinder.rowLimit).entries
                .filter { $0.row.contact == number }.map(\.row.conversation)
            let report = try await session.connection.erase(number, confirm: number)
            try await Self.forget(number, conversations, session)
            try Output.standardOutput(
                bridge.json
                    ? Output.json(
                        Report(
                            contact: number, segmentKeys: report.segmentKeys, records: report.records,
                            addresses: report.addresses, remains: report.remains,
                            linked: report.linked ?? []))
                    : Self.text(number, report))
        }
    }

    /// What lies on this machine: drafts, and the agent's index.
    private static func forget(_ contact: Int64, _ conversations: [Int64], _ session: BridgeSession) async throws {
        for conversation in conversations { try session.work.drafts.removeAll(conversation) }
        // The agent hears of it from the bridge as well.
        try? await session.agent?.remove(conversations: conversations, contacts: [contact])
    }

    static func text(_ contact: Int64, _ report: ErasureReport) -> String {
        var lines = [
            "Contact \(contact) is erased.",
            "Gone: \(Counted.words(report.segmentKeys, "key")), \(Counted.words(report.records, "record")), "
                + "\(Counted.words(report.addresses, "address", "addresses")).",
        ]
        for other in report.linked ?? [] {
            lines.append(
                "Contact \(other) was joined to it as the same person, and stays: sila contact erase \(other)")
        }
        if !report.remains.isEmpty { lines.append("What remains, and why:") }
        lines += report.remains.map { "  - \(Self.words(remains: $0))" }
        return lines.map { $0 + "\n" }.joined()
    }

    static func words(remains: String) -> String {
        switch remains {
        case "audit-lines":
            "lines of the audit log: numbers and times, no words, so that it shows what was done"
        case "dedup-hashes":
            "keyed hashes of message ids, so that what was delivered once is not taken for new"
        case "key-backups-30-days":
            "the deleted keys in backups of the key table, which are kept 30 days; after that nobody can open anything"
        case "server-archive":
            "what the XMPP server and the person's own devices keep: encrypted messages, and that there were some"
        default: Foreign.word(remains)
        }
    }
}
