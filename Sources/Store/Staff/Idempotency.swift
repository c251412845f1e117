import Foundation
import GRDB
import Sealing
import StaffProtocol

/// The answers to calls, so that the same call again changes nothing more.
enum Idempotency {
    /// Days for which an answer is kept; the key of a reply is kept as long as its message (`onceForGood`).
    static let keptDays: Int64 = 7

    static func hash(_ call: Call, key: WorkingKey) -> [UInt8] {
        let member = Array(call.viewer.member.rawValue.utf8)
        return key.lookup(member + [0x0a] + Array(call.key.rawValue.utf8), purpose: "idempotency")
    }

    /// Keyed, because a request may hold words that could be guessed.
    static func request(_ call: Call, target: String, key: WorkingKey) -> [UInt8] {
        let what = call.endpoint.rawValue + "\n" + target + "\n"
        return key.lookup(Array(what.utf8) + call.request, purpose: "idempotency-request")
    }

    static func field(_ hash: [UInt8]) -> Field { Field(table: "idempotency", row: hash, column: "answer") }
}

extension Transaction {
    /// Does `body` once for each idempotency key of a member; the same call again gets the same answer.
    ///
    /// - Parameters:
    ///   - target: what is changed, so that the key is not taken for another thing's.
    ///   - conversation: with whose erasure the answer goes; 0 for none.
    /// - Throws: `APIError.keyReused` when the key came with another request.
    public func once<R: Codable>(
        _ call: Call, target: String, of conversation: Int64 = 0, _ body: () throws -> R
    ) throws -> R {
        let hash = Idempotency.hash(call, key: state.workingKey)
        let request = Idempotency.request(call, target: target, key: state.workingKey)
        let known = try db().row("SELECT request, answer FROM idempotency WHERE hash = ?", [hash.data])
        if let known {
            guard known.bytes("request") == request else { throw Refusal.keyReused }
            let answer = try open(known.bytes("answer"), in: Idempotency.field(hash))
            return try JSONDecoder().decode(R.self, from: Data(answer))
        }
        let result = try body()
        let answer = try seal(Array(JSONEncoder().encode(result)), in: Idempotency.field(hash))
        try db().run(
            "INSERT INTO idempotency (hash, request, answer, at, conversation_id) VALUES (?, ?, ?, ?, ?)",
            [hash.data, request.data, answer.data, now.milliseconds, conversation])
        return result
    }

    /// As `once`, for words to a contact: their key is known for as long as their message is there, whatever
    /// its age and whatever the clock was set to meanwhile.
    func onceForGood(
        _ call: Call, in conversation: Int64, _ body: () throws -> Created
    ) throws -> Created {
        let target = String(conversation)
        return try once(call, target: target, of: conversation) {
            let hash = Idempotency.hash(call, key: state.workingKey)
            let request = Idempotency.request(call, target: target, key: state.workingKey)
            let known = try db().row(
                "SELECT request, message_id, position FROM reply_key WHERE hash = ?", [hash.data])
            if let known {
                guard known.bytes("request") == request else { throw Refusal.keyReused }
                return Created(id: known["message_id"], position: known["position"])
            }
            let created = try body()
            try db().run(
                """
                INSERT INTO reply_key (hash, request, conversation_id, message_id, position) VALUES (?, ?, ?, ?, ?)
                """, [hash.data, request.data, conversation, created.id, created.position])
            return created
        }
    }

    /// What staff see, inside this transaction.
    func reader() throws -> StaffReader {
        StaffReader(db: try db(), key: state.workingKey, now: now.milliseconds)
    }
}

extension Refusal {
    static let keyReused = APIError(
        .keyReused, "this idempotency key was used for another request: make a new key for each change")
}
