import ArgumentParser
import Foundation
import Inbox
import StaffProtocol

/// `sila attachment`
struct AttachmentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "attachment",
        abstract: "Listen to, look at and keep what contacts send.",
        discussion: """
            The bridge keeps files sealed, as they came. They are fetched, verified and opened on this machine.
            """,
        subcommands: [AttachmentOpen.self, AttachmentSave.self, AttachmentHeard.self])
}

/// An attachment as a person types it: `a5`, or `5`.
struct AttachmentArgument: ExpressibleByArgument, Hashable {
    let number: Int64

    init?(argument: String) {
        guard let id = ShortID(argument, assuming: .attachment), id.kind == .attachment else { return nil }
        number = id.number
    }

    var id: ShortID { ShortID(.attachment, number) }
}

/// `sila attachment open`
struct AttachmentOpen: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "open",
        abstract: "Open a file with the program for it; a voice note counts as heard then.",
        discussion: """
            The file lies in a private folder, in memory where the system has such a folder, while the program \
            runs, and is removed after. A program that hands the file to another one and ends at once, as many \
            do, is given until Enter is pressed. The program may keep copies of its own. Files of others can do \
            harm: open what you expect.

            EXIT STATUS beside those below: 66 the file is not here, or cannot be had any more; 75 not yet.

            \(Statuses.working)
            """)

    @Argument(help: "The attachment: a5, as 'sila show' prints it.")
    var attachment: AttachmentArgument

    @Option(help: ArgumentHelp("The program. The default is $SILA_OPENER, else xdg-open.", valueName: "program"))
    var with: String?

    @Flag(help: "Leave a voice note unheard.")
    var unheard = false

    @OptionGroup var bridge: BridgeOptions

    func run() async throws {
        try await BridgeSession.run(bridge) { session in
            let opened = try await AttachmentReading(session.connection).open(attachment.number)
            let program = with ?? ProcessInfo.processInfo.environment["SILA_OPENER"] ?? "xdg-open"
            try AttachmentOpener(program: program).show(opened)
            let isVoice = opened.kind == .voice && opened.info.kind == "voice"
            if isVoice, !unheard { try await session.connection.setHeard(attachment.number, true) }
            try AttachmentReports.tell("opened", opened, bridge.json, "\(attachment.id) was opened.")
        }
    }
}

/// `sila attachment save`
struct AttachmentSave: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "save",
        abstract: "Keep a file in the clear on this machine.",
        discussion: """
            The file is made with mode 0600; one that is there is never replaced (exit status 73). Nobody \
            removes it but you. A voice note stays unheard.

            \(Statuses.working)
            """)

    @Argument(help: "The attachment: a5, as 'sila show' prints it.")
    var attachment: AttachmentArgument

    @Argument(help: "Where to.", completion: .file())
    var path: String

    @OptionGroup var bridge: BridgeOptions

    func run() async throws {
        try await BridgeSession.run(bridge) { session in
            guard !NewFiles.exists(path) else {
                throw CommandFailure(.exists, "'\(path)' is there already: name a file that is not.")
            }
            let opened = try await AttachmentReading(session.connection).open(attachment.number)
            try NewFiles.write(Array(opened.content), to: path, mode: 0o600)
            try AttachmentReports.tell(
                "saved", opened, bridge.json,
                "\(attachment.id), \(AttachmentWords.size(Int64(opened.content.count))), is in '\(path)', in the clear."
            )
        }
    }
}

/// `sila attachment heard`
struct AttachmentHeard: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "heard",
        abstract: "Mark a voice note heard, or to be heard again.",
        discussion: Statuses.working)

    @Argument(help: "The attachment: a5, as 'sila show' prints it.")
    var attachment: AttachmentArgument

    @Flag(help: "It is to be heard again.")
    var undo = false

    @OptionGroup var bridge: BridgeOptions

    func run() async throws {
        try await BridgeSession.run(bridge) { session in
            let info = try await session.connection.setHeard(attachment.number, !undo)
            let done = undo ? "to-be-heard" : "heard"
            try Output.standardOutput(
                bridge.json
                    ? Output.json(AttachmentReports.Done(done: done, attachment: info.shortID.description))
                    : "\(info.shortID) \(undo ? "is to be heard again" : "was heard").\n")
        }
    }
}

enum AttachmentReports {
    struct Done: Encodable {
        let version = 1
        let done: String
        let attachment: String
        var conversation = ""
        var size = 0
    }

    static func tell(_ done: String, _ opened: OpenedAttachment, _ json: Bool, _ words: String) throws {
        let report = Done(
            done: done, attachment: opened.info.shortID.description,
            conversation: ShortID(.conversation, opened.conversation).description, size: opened.content.count)
        try Output.standardOutput(json ? Output.json(report) : words + "\n")
    }
}
