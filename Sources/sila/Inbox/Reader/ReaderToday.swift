import Foundation
import Inbox
import InboxReader
import StaffProtocol

extension ReaderTodayItem {
    /// Today's work in the order in which it is done.
    static func items(of today: TodayWork) -> [ReaderTodayItem] {
        var items = today.danger.map { ReaderTodayItem(.danger, $0, since: $0.dangerSince) }
        items += today.waiting.map { ReaderTodayItem(.waiting, $0, since: $0.waitsSince) }
        items += today.proposals.map { row in
            ReaderTodayItem(.proposal, row, since: today.proposedSince[row.conversation] ?? row.lastInAt)
        }
        let tasks = today.tasks.sorted { one, other in
            let left = (one.item.due ?? 0, one.item.position)
            let right = (other.item.due ?? 0, other.item.position)
            return left < right
        }
        items += tasks.map { ReaderTodayItem($0, of: today.rows) }
        items += today.troubled.map { ReaderTodayItem(.troubled, $0, since: $0.lastOutAt) }
        return items
    }

    private init(_ task: ConversationLine, of rows: [InboxRow]) {
        let number = task.item.conversation
        self.init(
            kind: .task, conversation: number, shortID: ShortID(.conversation, number).description,
            name: rows.first { $0.conversation == number }?.label ?? "",
            since: ReaderTime(task.item.due ?? 0) * 86_400_000, text: task.text ?? task.id.description)
    }

    private init(_ kind: Kind, _ row: InboxRow, since: Milliseconds) {
        self.init(
            kind: kind, conversation: row.conversation,
            shortID: ShortID(.conversation, row.conversation).description, name: row.label,
            since: since, text: row.assigned)
    }
}

extension TodayWork {
    /// Asks the bridge for it.
    static func find(_ session: BridgeSession) async throws -> TodayWork {
        let rows = try await session.work.inbox.all(.all, limit: EntryFinder.rowLimit).entries.map(\.row)
        return TodayWork(
            rows: rows, tasks: try await TaskList.tasks(session, in: nil, all: false),
            drafts: session.work.drafts.conversations(), status: try await session.connection.status())
    }
}
