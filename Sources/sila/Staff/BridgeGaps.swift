import ArgumentParser
import Inbox
import StaffProtocol

/// `sila bridge gaps`
struct BridgeGaps: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gaps",
        abstract: "Show in which times messages may be missing.",
        discussion: """
            When the server's archive no longer reaches back to the last message stored, what contacts wrote \
            between may be lost. Each such time is shown here, and by inbox, today and doctor, until a \
            coordinator or staff say with --acknowledge that it was dealt with.

            \(Statuses.working)
            """)

    @Flag(help: "They were dealt with: show these no more, to anybody.")
    var acknowledge = false

    @OptionGroup var shown: DisplayOptions
    @OptionGroup var bridge: BridgeOptions

    struct Report: Encodable {
        let version = 1
        let acknowledged: Bool
        let gaps: [ArchiveGap]
    }

    func run() async throws {
        try await BridgeSession.run(bridge) { session in
            let gaps = try await session.connection.status().gaps
            // What was not shown stays.
            if acknowledge, let last = gaps.map(\.id).max() { try await session.connection.acknowledgeGaps(upTo: last) }
            if bridge.json {
                return try Output.standardOutput(
                    Output.json(Report(acknowledged: acknowledge && !gaps.isEmpty, gaps: gaps)))
            }
            let display = shown.display
            try Output.standardOutput(
                display.text(GapText.lines(gaps, acknowledged: acknowledge, display: display)))
        }
    }
}

/// Gaps in words.
enum GapText {
    /// One line a gap, for the other commands.
    static func warnings(_ gaps: [ArchiveGap], display: Display) -> [Display.Line] {
        gaps.flatMap { gap in
            display.wrapped("MESSAGES MAY BE MISSING, \(span(gap)). What to do: sila bridge gaps", weight: .alarm)
        }
    }

    static func lines(_ gaps: [ArchiveGap], acknowledged: Bool, display: Display) -> [Display.Line] {
        if gaps.isEmpty { return ["No time is known in which messages are missing."] }
        var lines = gaps.flatMap { gap in
            display.wrapped(
                "Messages may be missing, \(span(gap)) (found \(Moments.clock(gap.foundAt))).", weight: .alarm)
        }
        lines.append("")
        if acknowledged {
            lines += display.wrapped("Acknowledged: nobody is shown this any more.")
            return lines
        }
        lines += display.wrapped(
            "The server's archive no longer reached back to the last message stored. What contacts wrote in that time "
                + "may be lost; nobody can say whether they wrote. Replies that were under way are shown as uncertain: "
                + "look at them with sila today.")
        lines += display.wrapped(
            "Write to those from whom you expected word, and ask them to send it again. Let whoever runs the server "
                + "look at its archive: it should keep messages for 30 days at least.")
        lines += display.wrapped("When that is done: sila bridge gaps --acknowledge")
        return lines
    }

    static func span(_ gap: ArchiveGap) -> String {
        let from = gap.from == 0 ? "until" : "between \(Moments.clock(gap.from)) and"
        return "\(Foreign.word(gap.channel)) \(from) \(Moments.clock(gap.until))"
    }
}
