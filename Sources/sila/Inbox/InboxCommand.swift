import ArgumentParser
import Inbox
import StaffProtocol

/// `sila inbox`
struct InboxCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inbox",
        abstract: "Show who waits: danger first, then who waits longest.",
        discussion: """
            For each conversation: its id, how long a person has waited, whether somebody may be in danger, for \
            whom it is, the language, the channel and where its encryption ends, what the bot did last, and what \
            is open. Nothing is opened for this list.

            With -i the interactive reader starts: the whole day's work on one page, with single keys.

            \(Statuses.working)
            """)

    @Flag(exclusivity: .exclusive, help: "Which conversations.")
    var filter: Filter = .waiting

    enum Filter: String, EnumerableFlag {
        case waiting, mine, unassigned, voice, all

        static func help(for value: Filter) -> ArgumentHelp? {
            switch value {
            case .waiting: "Those that a person must read. The default."
            case .mine: "Those assigned to you."
            case .unassigned: "Those that wait and are assigned to nobody."
            case .voice: "Those with a voice note nobody has heard, oldest first."
            case .all: "All."
            }
        }

        var wire: InboxFilter {
            switch self {
            case .waiting: .waiting
            case .mine: .mine
            case .unassigned: .unassigned
            case .voice: .voice
            case .all: .all
            }
        }
    }

    @Option(help: ArgumentHelp("How many at most, 1 to 10000.", valueName: "number"))
    var limit = 50

    @Flag(name: .shortAndLong, help: "Start the interactive reader.")
    var interactive = false

    @OptionGroup var reader: ReaderOptions
    @OptionGroup var shown: DisplayOptions
    @OptionGroup var bridge: BridgeOptions

    func validate() throws {
        guard (1...10_000).contains(limit) else { throw ValidationError("--limit is 1 to 10000.") }
        if interactive, bridge.json { throw ValidationError("-i and --json do not go together.") }
    }

    struct Report: Encodable {
        let version = 1
        let waiting: Int
        let danger: Int
        /// Whether there are more than these.
        let hasMore: Bool
        let conversations: [RowReport]
        /// Fixed words: what nobody may overlook of the bridge itself.
        let alarms: [String]
        /// Times in which messages may be missing.
        let gaps: [ArchiveGap]

        init(_ listing: InboxListing, _ warnings: [String] = [], gaps: [ArchiveGap] = []) {
            alarms = warnings.filter(BridgeWarnings.alarms.contains)
            self.gaps = gaps
            waiting = listing.waiting
            danger = listing.danger
            hasMore = !listing.next.isEmpty
            conversations = listing.entries.map { RowReport($0.row) }
        }
    }

    func run() async throws {
        // Before anybody is asked for a passphrase.
        if interactive { try ReaderLauncher.requireTerminal() }
        try await BridgeSession.run(bridge) { session in
            if interactive { return try await ReaderLauncher.run(session, reader, reorders: shown.bidi) }
            let listing = try await session.work.inbox.all(filter.wire, limit: limit)
            let status = try await session.connection.status()
            if bridge.json {
                return try Output.standardOutput(Output.json(Report(listing, status.warnings, gaps: status.gaps)))
            }
            let display = shown.display
            try Output.standardOutput(
                display.text(
                    BridgeWarnings.lines(status.warnings, display)
                        + Self.lines(listing, now: Moments.now, display: display)
                        + GapText.warnings(status.gaps, display: display)))
        }
    }

    static func lines(_ listing: InboxListing, now: Milliseconds, display: Display) -> [Display.Line] {
        let danger = listing.danger == 0 ? "" : ", \(listing.danger) IN DANGER"
        let waiting =
            listing.waiting == 0 ? "Nobody waits" : "\(listing.waiting) wait\(listing.waiting == 1 ? "s" : "")"
        var lines = InboxTable(rows: listing.entries.map(\.row), now: now, display: display).lines()
        if !lines.isEmpty { lines.append("") }
        lines.append(Display.Line("\(waiting)\(danger).", listing.danger == 0 ? .plain : .alarm))
        if !listing.next.isEmpty { lines.append("There are more: --limit.") }
        return lines
    }
}
