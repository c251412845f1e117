import ArgumentParser
import InvitationCard
import StaffProtocol

/// `sila invite`
struct InviteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "invite",
        abstract: "A place on our server for somebody new: a QR code, and a card to take along.",
        discussion: """
            Sit beside the person, before they travel. Their phone scans the code and makes an account; the helpline \
            is in its list then, with its key. Where the server makes no such invitations, an account with a password \
            is made instead, and a second code leads to the helpline.

            The code is shown once and kept nowhere: whoever has it first has the account. Print the card (A6), then \
            delete the file; one that is there already is left alone (73). Words to find a conversation again are \
            given apart, by heart or on another card: sila arrival-words give.

            \(Statuses.working)
            """)

    @Option(
        help: ArgumentHelp(
            "Write the card there, in the language of --language. The ending says how: .pdf to print, .png.",
            valueName: "file"), completion: .file(extensions: ["pdf", "png"]))
    var card: String?

    @Option(
        help: ArgumentHelp("The language of the card: ar, ary, ary-Latn, en, fr, nl.", valueName: "tag"),
        completion: .list(CardLanguage.allCases.map(\.rawValue)))
    var language: String?

    @Option(
        help: ArgumentHelp("Write the code alone there, as a picture (.png).", valueName: "file"),
        completion: .file(extensions: ["png"]))
    var qr: String?

    @OptionGroup var shown: DisplayOptions
    @OptionGroup var bridge: BridgeOptions

    func validate() throws {
        let known = CardLanguage.allCases.map(\.rawValue).joined(separator: ", ")
        if let language, CardLanguage(rawValue: language) == nil {
            throw ValidationError("--language is one of: \(known).")
        }
        if card != nil, language == nil { throw ValidationError("--card needs --language: \(known).") }
        if card == nil, language != nil { throw ValidationError("--language is that of a card: add --card FILE.") }
        if let card, InvitationFiles.Form(card) == nil {
            throw ValidationError("--card: the file's name ends with .pdf or .png.")
        }
        if let qr, InvitationFiles.Form(qr) != .png { throw ValidationError("--qr: the file's name ends with .png.") }
        if let card, card == qr { throw ValidationError("--card and --qr name the same file.") }
    }

    func run() async throws {
        try await BridgeSession.run(bridge) { session in
            let files = InvitationFiles(card: card, language: language.flatMap(CardLanguage.init), picture: qr)
            // Before there is an invitation that nobody could be given.
            try files.check()
            let codes = try InvitationCodes(try await session.connection.makeInvitation())
            // What is on the screen is not lost with a disk that refuses.
            if bridge.json {
                try Output.standardOutput(Output.json(InvitationReport(codes)))
            } else {
                let display = shown.display
                try Output.standardOutput(display.text(InvitationText(codes, display).lines()))
            }
            for path in try files.write(codes) where !bridge.json {
                try Output.standardOutput("Written: \(path). Print it, then delete it.\n")
            }
        }
    }
}
