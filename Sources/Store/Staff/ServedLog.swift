import Sealing
import StaffProtocol
import Synchronization

/// Which conversations were served to whom in this hour, and who logged in, so that each has one line in the audit
/// log.
final class ServedLog: Sendable {
    private struct Reading: Hashable {
        let member: MemberID
        /// 0 for a log-in.
        let conversation: Int64
    }

    private struct Hour {
        var number: Int64 = 0
        var readings: Set<Reading> = []
    }

    private let hour = Mutex(Hour())

    /// Whether a reading is the first of its hour, and to be written down.
    ///
    /// - Parameter now: milliseconds since 1970.
    func isFirst(_ member: MemberID, _ conversation: Int64, now: Int64) -> Bool {
        hour.withLock { hour in
            let number = now / 3_600_000
            if number != hour.number { hour = Hour(number: number) }
            return hour.readings.insert(Reading(member: member, conversation: conversation)).inserted
        }
    }

    /// It could not be written down: the next one is to be.
    func forget(_ member: MemberID, _ conversation: Int64) {
        hour.withLock { _ = $0.readings.remove(Reading(member: member, conversation: conversation)) }
    }
}

extension StoreStaffService {
    /// Once a member and hour: each command logs in anew. Before the answer, so that what they do stands behind it.
    public func noteLogIn(of viewer: Viewer) async {
        guard served.isFirst(viewer.member, 0, now: now) else { return }
        do {
            try await writer.perform { try $0.audit("logged-in", subject: 0, actor: viewer.member.rawValue) }
        } catch {
            // A full disk must not keep out those who would look at it.
            served.forget(viewer.member, 0)
        }
    }

    /// Writes down that somebody read in a conversation: once a member, conversation and hour, beside the answer and
    /// not before it. What a program opens it says itself, if it is honest; this does not hang on that.
    func noteServed(_ conversation: Int64, _ items: Int, to viewer: Viewer) {
        guard items > 0, served.isFirst(viewer.member, conversation, now: now) else { return }
        let writer = writer
        ports.inBackground {
            // A disk that takes nothing stops intake too, and is shown.
            try? await writer.perform {
                try $0.audit(
                    "conversation-served", subject: conversation, actor: viewer.member.rawValue, amount: Int64(items))
            }
        }
    }
}
