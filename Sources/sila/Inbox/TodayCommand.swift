import ArgumentParser
import Inbox
import StaffProtocol

/// `sila today`
struct TodayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "today",
        abstract: "What to do now: danger, who waits longest, replies to approve, tasks, what did not arrive.",
        discussion: """
            Danger first. An intern sees what is assigned to them. Replies that wait for a second person stand \
            with their ids, yours apart from those of others; a reply that was given back to you stands there \
            until somebody has answered. Below: drafts of replies on this machine, and what is wrong with the \
            bridge.

            \(Statuses.working)
            """)

    @OptionGroup var shown: DisplayOptions
    @OptionGroup var bridge: BridgeOptions

    func run() async throws {
        try await BridgeSession.run(bridge) { session in
            var today = try await TodayWork.find(session)
            today.member = session.member.rawValue
            today.replies = try await TodayReplies.waiting(in: today.rows, session.finder)
            today.givenBack = try await TodayReplies.givenBack(to: today.member, in: today.rows, session.connection)
            if bridge.json { return try Output.standardOutput(Output.json(TodayReport(today))) }
            let display = shown.display
            try Output.standardOutput(display.text(TodayText(today: today, now: Moments.now, display: display).lines()))
        }
    }
}

/// What is to be done today.
struct TodayWork {
    let rows: [InboxRow]
    let tasks: [ConversationLine]
    /// Conversations with a reply that was not sent.
    let drafts: [Int64]
    let status: BridgeStatus
    /// Whose day it is.
    var member = ""
    /// Replies that wait for a second person.
    var replies: [ConversationLine] = []
    /// Since when the one that waits longest waits, by conversation, where that was asked for.
    var proposedSince: [Int64: Milliseconds] = [:]
    /// Replies of this member that a colleague gave back, and nobody has answered since.
    var givenBack: [SealedItem] = []

    var danger: [InboxRow] { rows.filter { $0.dangerSince > 0 }.sorted { $0.dangerSince < $1.dangerSince } }
    var waiting: [InboxRow] {
        rows.filter { $0.waitsSince > 0 && $0.dangerSince == 0 }.sorted { $0.waitsSince < $1.waitsSince }
    }
    var proposals: [InboxRow] { rows.filter { $0.proposals > 0 } }
    /// Those that this member may send. In practice everybody is their own colleague.
    var toApprove: [ConversationLine] { replies.filter { !isOwn($0) } }
    var own: [ConversationLine] { replies.filter(isOwn) }
    /// Replies of staff that wait for a decision about a device.
    var held: [InboxRow] { rows.filter { $0.held ?? 0 > 0 } }
    var troubled: [InboxRow] { rows.filter { $0.troubled > 0 } }
    var offline: [BridgeStatus.Channel] { status.channels.filter { !$0.isOnline } }

    private func isOwn(_ reply: ConversationLine) -> Bool {
        guard reply.item.author == member else { return false }
        return !rows.contains { $0.conversation == reply.item.conversation && $0.isPractice }
    }
}

struct TodayReport: Encodable {
    let version = 1
    let danger: [RowReport]
    let waiting: [RowReport]
    /// Replies that wait for a second person: of others, and of this member.
    let proposals: [TodayReplies.Report]
    let yours: [TodayReplies.Report]
    let givenBack: [TodayReplies.Returned]
    let tasks: [TaskList.Report.Task]
    let held: [RowReport]
    let notDelivered: [RowReport]
    let drafts: [String]
    let offline: [String]
    /// Times in which messages may be missing.
    let gaps: [ArchiveGap]
    /// There was no backup for too long.
    let backupIsOverdue: Bool

    init(_ today: TodayWork) {
        danger = today.danger.map(RowReport.init)
        waiting = today.waiting.map(RowReport.init)
        proposals = today.toApprove.map(TodayReplies.Report.init)
        yours = today.own.map(TodayReplies.Report.init)
        givenBack = today.givenBack.map(TodayReplies.Returned.init)
        tasks = today.tasks.map {
            .init(conversation: ShortID(.conversation, $0.item.conversation).description, task: ItemReport($0))
        }
        held = today.held.map(RowReport.init)
        notDelivered = today.troubled.map(RowReport.init)
        drafts = today.drafts.map { ShortID(.conversation, $0).description }
        offline = today.offline.map(\.name)
        gaps = today.status.gaps
        backupIsOverdue = !BridgeWarnings.overdue.isDisjoint(with: today.status.warnings)
    }
}

/// Today's work as lines of a terminal.
struct TodayText {
    let today: TodayWork
    let now: Milliseconds
    let display: Display

    /// Rows of one part at most; the rest is counted.
    private static let most = 15

    func lines() -> [Display.Line] {
        var lines: [Display.Line] = []
        lines += part("DANGER", today.danger, .alarm)
        lines += part("Waits longest", today.waiting, .strong)
        lines += part("Given back to you", today.givenBack.flatMap { TodayReplies.lines($0, display) })
        lines += part("Replies to approve", today.toApprove.flatMap { TodayReplies.lines($0, display) })
        lines += part("Yours, waiting for a colleague", today.own.flatMap { TodayReplies.lines($0, display) })
        lines += part("Tasks", today.tasks.flatMap { TaskText.lines($0, display) })
        lines += part("Replies held: a new device", today.held, .alarm)
        lines += part("Not delivered", today.troubled, .alarm)
        lines += BridgeWarnings.lines(today.status.warnings, display)
        if !today.drafts.isEmpty {
            let ids = today.drafts.map { ShortID(.conversation, $0).description }.joined(separator: " ")
            lines += display.wrapped("Drafts on this machine: \(ids). Send one: sila reply CONVERSATION --resume")
        }
        for channel in today.offline {
            lines += display.wrapped(
                "The channel \(Foreign.word(channel.name)) is off line since "
                    + "\(Moments.clockAndSince(channel.since, now: now)).",
                weight: .alarm)
        }
        lines += GapText.warnings(today.status.gaps, display: display)
        for warning in today.status.warnings where BridgeWarnings.overdue.contains(warning) {
            lines += display.wrapped(BridgeWarnings.words(warning), weight: .alarm)
        }
        if lines.isEmpty { lines = ["Nothing waits for you."] }
        return lines
    }

    private func part(_ title: String, _ lines: [Display.Line]) -> [Display.Line] {
        lines.isEmpty ? [] : [Display.Line(title, .strong)] + lines + [""]
    }

    private func part(_ title: String, _ rows: [InboxRow], _ weight: Display.Weight) -> [Display.Line] {
        guard !rows.isEmpty else { return [] }
        let table = InboxTable(rows: Array(rows.prefix(Self.most)), now: now, display: display).lines()
        let more = rows.count > Self.most ? [Display.Line("and \(rows.count - Self.most) more")] : []
        return [Display.Line(title, weight)] + table + more + [""]
    }
}
