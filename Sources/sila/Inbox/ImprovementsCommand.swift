import ArgumentParser
import Inbox
import Sealing
import StaffProtocol

/// `sila improvements`
struct ImprovementsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "improvements",
        abstract: "List what colleagues changed in the bot's answers: what the FAQ could say better.",
        discussion: """
            From replies that a second person approved and whose words are not the topic's own; practice is left \
            out. The whole archive that you are served is read, which is written to the audit log.

            \(Statuses.working)
            """)

    @Option(help: ArgumentHelp("Only this topic.", valueName: "topic"))
    var topic: String?

    @OptionGroup var shown: DisplayOptions
    @OptionGroup var bridge: BridgeOptions

    struct Improvement: Encodable, Equatable {
        let id: String
        let conversation: String
        let at: String
        let topic: String
        let variety: String
        let original: String
        let edited: String
        let author: String
        let approvedBy: String
    }

    struct Report: Encodable {
        let version = 1
        let improvements: [Improvement]
    }

    func run() async throws {
        try await BridgeSession.run(bridge) { session in
            let items = try await ArchiveScan(work: session.work).items { $0.kind == .proposal && $1 }
            var found: [Improvement] = []
            for conversation in Set(items.map(\.conversation)).sorted() {
                let _: Bool? = try await session.finder.search(conversation) { page in
                    found += Self.improvements(of: page)
                    return nil
                }
            }
            if let topic { found = found.filter { $0.topic == topic } }
            found.sort { ($0.topic, $0.variety, $0.at) < ($1.topic, $1.variety, $1.at) }
            let display = shown.display
            try Output.standardOutput(
                bridge.json
                    ? Output.json(Report(improvements: found)) : display.text(Self.lines(found, display)))
        }
    }

    /// What is said in practice improves nobody's answers.
    static func improvements(of page: OpenedConversation) -> [Improvement] {
        page.row.isPractice ? [] : page.lines.compactMap(improvement)
    }

    /// `nil` unless a line is an approved reply that changed a topic's text.
    static func improvement(_ line: ConversationLine) -> Improvement? {
        guard case .proposal(let text, let proposal) = line.content, line.item.outcome == "approved",
            line.doubts.isEmpty,
            let topic = proposal.topic, let original = proposal.original, original != text
        else { return nil }
        let report = ItemReport(line)
        return Improvement(
            id: report.id, conversation: ShortID(.conversation, line.item.conversation).description, at: report.at,
            topic: topic, variety: proposal.variety ?? "", original: original, edited: text, author: report.member,
            approvedBy: report.closedBy)
    }

    static func lines(_ found: [Improvement], _ display: Display) -> [Display.Line] {
        guard !found.isEmpty else { return ["No answer was changed."] }
        return found.flatMap { Self.lines($0, display) }
    }

    private static func lines(_ one: Improvement, _ display: Display) -> [Display.Line] {
        let facts = [one.topic, one.variety, one.id, one.conversation, one.author].filter { !$0.isEmpty }
        var lines = display.wrapped(facts.map(Foreign.word).joined(separator: " · "), weight: .strong)
        lines.append("  The bot's text:")
        lines += display.quoted(one.original, margin: "  ┆ ", weight: .faint)
        lines.append("  What was sent:")
        lines += display.quoted(one.edited)
        lines.append("")
        return lines
    }
}
