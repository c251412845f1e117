import ArgumentParser
import StaffProtocol

/// `sila practice`
struct PracticeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "practice",
        abstract: "Begin a practice conversation with a contact who follows a script.",
        discussion: """
            It is assigned to you, and marked as practice wherever it is shown. Nothing leaves the bridge. \
            Without a story you get one that you had least.

            \(Statuses.working)
            """)

    @Argument(help: "The story's id.")
    var story: String?

    @Option(
        help: ArgumentHelp("In which you are coached: nl, en. Default: the deployment's.", valueName: "tag"),
        completion: .list(["nl", "en"]))
    var language: String?

    @OptionGroup var bridge: BridgeOptions

    func run() async throws {
        try await BridgeSession.run(bridge) { session in
            let row = try await session.connection.addPracticeContact(story: story ?? "", language: language)
            let id = ShortID(.conversation, row.conversation)
            try HandlingReport.tell(
                "practice", row, json: bridge.json,
                "\(id) is a practice contact. They write in a moment: sila show \(id)")
        }
    }
}
