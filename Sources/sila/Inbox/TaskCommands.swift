import ArgumentParser
import Foundation
import Inbox
import Sealing
import StaffProtocol

/// `sila task`
struct TaskCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "task",
        abstract: "What is to be done for a contact, by whom and when.",
        subcommands: [TaskAdd.self, TaskDone.self, TaskList.self],
        defaultSubcommand: TaskList.self)
}

/// `sila task add`
struct TaskAdd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Write down something to be done.",
        discussion: """
            Sealed as notes are; for whom and when it is due the bridge can read, so that it can remind.

            \(Statuses.working)
            """)

    @Argument(help: "The conversation: c12.")
    var conversation: ConversationArgument

    @Argument(help: "What is to be done; '-' for standard input; nothing for your editor.")
    var text: String?

    @Option(name: .customLong("for"), help: ArgumentHelp("For whom. Default: whoever takes it.", valueName: "member"))
    var assignee: AssigneeArgument?

    @Option(help: ArgumentHelp("The day: 2026-11-21, today, tomorrow, +3 (days from today).", valueName: "day"))
    var due: String?

    @OptionGroup var bridge: BridgeOptions

    func run() async throws {
        try await BridgeSession.run(bridge) { session in
            var day: ArchiveDay?
            if let due {
                guard let days = Moments.parseDay(due), days > 0 else {
                    throw ValidationError("--due is a day: 2026-11-21, today, tomorrow, +3.")
                }
                day = ArchiveDay(daysSince1970: days)
            }
            let member = assignee.flatMap { MemberID(rawValue: $0.name) }
            let row = try await session.row(conversation)
            let kept = KeptText(
                drafts: session.work.drafts.of(.task), conversation: conversation,
                again: "sila task add \(conversation.id)")
            try await kept.use(text, hint: ["A task in \(conversation.id)."]) { words, _ in
                let created = try await session.work.entries.task(words, on: row, assignee: member, due: day)
                try AddedReport.tell(.task, created, conversation, json: bridge.json, "The task")
            }
        }
    }
}

/// `sila task done`
struct TaskDone: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "done", abstract: "Say that a task is done.", discussion: Statuses.working)

    @Argument(help: "The task: t5.")
    var task: TaskArgument

    @OptionGroup var bridge: BridgeOptions

    func run() async throws {
        try await BridgeSession.run(bridge) { session in
            let item = try await session.work.entries.finish(task: task.number)
            try ClosedReport.tell(item, json: bridge.json, "The task \(task.id) is done.")
        }
    }
}

/// `sila task list`
struct TaskList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Show tasks that are not done.",
        discussion: """
            Of one conversation, or those whose day has come in all that you are served. With --all also those \
            of later days and without a day: for that the whole archive is read, which is written to the audit \
            log.

            \(Statuses.working)
            """)

    @Argument(help: "The conversation: c12. Default: all.")
    var conversation: ConversationArgument?

    @Flag(help: "Only those for you.")
    var mine = false

    @Flag(help: "Also those whose day has not come.")
    var all = false

    @OptionGroup var shown: DisplayOptions
    @OptionGroup var bridge: BridgeOptions

    struct Report: Encodable {
        struct Task: Encodable {
            let conversation: String
            let task: ItemReport
        }

        let version = 1
        let tasks: [Task]
    }

    func run() async throws {
        try await BridgeSession.run(bridge) { session in
            var found = try await Self.tasks(session, in: conversation, all: all)
            if mine { found = found.filter { $0.item.assignee == session.member.rawValue } }
            found.sort { ($0.item.due ?? .max, $0.item.position) < ($1.item.due ?? .max, $1.item.position) }
            if bridge.json {
                let tasks = found.map {
                    Report.Task(
                        conversation: ShortID(.conversation, $0.item.conversation).description, task: ItemReport($0))
                }
                return try Output.standardOutput(Output.json(Report(tasks: tasks)))
            }
            let display = shown.display
            var lines = found.flatMap { TaskText.lines($0, display) }
            if lines.isEmpty { lines = ["Nothing is to be done."] }
            try Output.standardOutput(display.text(lines))
        }
    }

    /// Tasks that are not done.
    static func tasks(
        _ session: BridgeSession, in conversation: ConversationArgument?, all: Bool
    ) async throws -> [ConversationLine] {
        let conversations: [Int64]
        if let conversation {
            conversations = [conversation.number]
        } else if all {
            let found = try await ArchiveScan(work: session.work).items { $0.kind == .task && !$1 }
            conversations = Set(found.map(\.conversation)).sorted()
        } else {
            conversations = try await session.work.inbox.all(.all, limit: EntryFinder.rowLimit).entries
                .filter { $0.row.tasksDue > 0 }.map(\.row.conversation)
        }
        let today = Moments.today()
        var tasks: [ConversationLine] = []
        for number in conversations {
            let _: Bool? = try await session.finder.search(number) { page in
                tasks += page.lines.filter { line in
                    guard line.item.kind == .task, line.item.outcome ?? "" == "" else { return false }
                    return conversation != nil || all || line.item.due.map { $0 > 0 && $0 <= today } ?? false
                }
                return nil
            }
        }
        return tasks
    }
}

/// A task as lines of a terminal.
enum TaskText {
    static func lines(_ line: ConversationLine, _ display: Display, today: Int32 = Moments.today()) -> [Display.Line] {
        let due = line.item.due ?? 0
        let isLate = due > 0 && due < today
        let when = due == 0 ? "no day" : isLate ? "LATE, was due \(Moments.day(due))" : "due \(Moments.day(due))"
        let assignee = line.item.assignee ?? ""
        let heading =
            "\(line.id) in \(ShortID(.conversation, line.item.conversation)) · \(when) · "
            + "for \(assignee.isEmpty ? "whoever takes it" : Foreign.word(assignee))"
            + (line.doubts.isEmpty ? "" : " · DOUBT")
        let words = line.text.map { display.quoted($0) } ?? ["  It cannot be opened."]
        return display.wrapped(heading, weight: isLate ? .alarm : .strong) + words
    }
}
