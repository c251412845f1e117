import Foundation
import GRDB
import Sealing
import StaffProtocol

/// Which conversations a viewer is served.
enum Scope: Equatable {
    case all
    /// Those assigned to the member and not hidden from them, and there the last days.
    case assigned(String)
    case nothing

    init(_ viewer: Viewer, _ endpoint: Endpoint) {
        switch viewer.role.access(to: endpoint) {
        case .all: self = .all
        case .assigned: self = .assigned(viewer.member.rawValue)
        case .none: self = .nothing
        }
    }
}

/// Reads for staff, on a reader connection or inside a transaction of the writer.
struct StaffReader {
    let db: Database
    let key: WorkingKey
    /// Milliseconds since 1970.
    let now: Int64
    /// What was opened for the pages before; a transaction, which reads single rows, has none.
    var remarks: OpenedRemarks?

    /// What stands for "hidden from this member": without the key nobody can tell who it is.
    func hiddenHash(_ member: String, _ conversation: Int64) -> [UInt8] {
        let number = withUnsafeBytes(of: conversation.bigEndian) { Array($0) }
        return key.lookup(number + Array(member.utf8), purpose: "hidden")
    }

    /// Whoever knows a person knows them on all of their addresses.
    func isHidden(_ conversation: Int64, from member: String) throws -> Bool {
        try samePerson(conversation).contains { each in
            let hash = hiddenHash(member, each).data
            return try db.integer("SELECT 1 FROM hidden WHERE hash = ?", [hash]) != nil
        }
    }

    /// The conversations of the person whose this one is, itself among them, oldest first.
    func samePerson(_ conversation: Int64) throws -> [Int64] {
        let person = try db.integer("SELECT person_id FROM conversation WHERE id = ?", [conversation])
        guard let person, person > 0 else { return [conversation] }
        return try db.rows("SELECT id FROM conversation WHERE person_id = ? ORDER BY id", [person]).map { $0[0] }
    }

    /// The conversations of a scope that is not all.
    func visible(_ scope: Scope) throws -> [Int64] {
        guard case .assigned(let member) = scope else { return [] }
        return try db.rows("SELECT id FROM conversation WHERE assigned_to = ? ORDER BY id", [member])
            .map { $0[0] as Int64 }
            .filter { try !isHidden($0, from: member) }
    }

    /// The same as a JSON list, for `json_each`.
    func visibleList(_ scope: Scope) throws -> String {
        "[" + (try visible(scope)).map(String.init).joined(separator: ",") + "]"
    }

    /// Throws `notFound` when there is no such conversation, or none for this viewer.
    func requireVisible(_ conversation: Int64, _ scope: Scope) throws {
        let assigned = try db.row("SELECT assigned_to FROM conversation WHERE id = ?", [conversation])
        guard let assigned else { throw Refusal.noConversation }
        switch scope {
        case .all: return
        case .nothing: throw Refusal.noConversation
        case .assigned(let member):
            guard assigned[0] == member, try !isHidden(conversation, from: member) else {
                throw Refusal.noConversation
            }
        }
    }

    /// Before this, a scope of assigned conversations is served nothing; 0 for no limit.
    func servedSince(_ scope: Scope) -> Int64 {
        scope == .all ? 0 : now - Role.servedDays * 86_400_000
    }
}

/// Refusals that several operations share.
enum Refusal {
    static let noConversation = APIError(
        .notFound, "there is no such conversation, or it is not for you: check its number")
    static let noEntry = APIError(.notFound, "there is no such note, tag, task or proposal: check its number")
    static func noEntry(_ kind: String) -> APIError {
        APIError(.notFound, "there is no \(kind) of this number: check it")
    }
    static let noContact = APIError(.notFound, "there is no such contact: check its number")
    static func role(_ role: Role) -> APIError {
        APIError(.forbidden, "your role (\(role.rawValue)) may not do this: ask a coordinator")
    }
}
