import Foundation
import GRDB
import Sealing
import StaffProtocol

/// What the staff API serves, from the store: reads beside the writer, changes in one transaction
/// with their event, audit line and answer.
public struct StoreStaffService: StaffService {
    let writer: Writer
    let ports: StaffPorts
    let remarks = OpenedRemarks()
    let served = ServedLog()

    public init(writer: Writer, ports: StaffPorts) {
        self.writer = writer
        self.ports = ports
    }

    public func eventNumbers() -> AsyncStream<Int64> { writer.events.listen() }

    var now: Int64 { writer.clock().milliseconds }

    /// Throws `forbidden` when the role may not use the operation at all.
    func scope(_ viewer: Viewer, _ endpoint: Endpoint) throws -> Scope {
        let scope = Scope(viewer, endpoint)
        guard scope != .nothing else { throw Refusal.role(viewer.role) }
        return scope
    }

    /// Reads a page in a snapshot, on this thread: changing to another and back takes longer than SQLite does.
    /// Only for reads of few rows, as others wait for the thread.
    func readPage<R>(_ body: (StaffReader) throws -> R) throws -> R {
        do {
            return try writer.readPage {
                try body(StaffReader(db: $0, key: writer.workingKey, now: now, remarks: remarks))
            }
        } catch StoreError.closed {
            throw Self.ending
        }
    }

    /// Reads in a snapshot.
    func read<R: Sendable>(_ body: @escaping @Sendable (StaffReader) throws -> R) async throws -> R {
        let (key, now, remarks) = (writer.workingKey, now, remarks)
        return try await reportingErrors {
            try await writer.read { try body(StaffReader(db: $0, key: key, now: now, remarks: remarks)) }
        }
    }

    func write<R: Sendable>(_ body: @escaping @Sendable (Transaction) throws -> R) async throws -> R {
        try await reportingErrors { try await writer.perform(body) }
    }

    /// One change, done once for each key, of a viewer whose role may use the operation.
    ///
    /// - Parameter conversation: throws unless the target may be seen now, also when the answer to the same call
    ///   is known: what it tells may be for others by then. Gives the conversation, with whose erasure the answer
    ///   goes; 0 for none.
    func change<R: Codable & Sendable>(
        _ call: Call, _ endpoint: Endpoint, target: Int64,
        of conversation: @escaping @Sendable (StaffReader, Scope) throws -> Int64 = { _, _ in 0 },
        _ body: @escaping @Sendable (Transaction, StaffReader, Scope) throws -> R
    ) async throws -> R {
        let scope = try scope(call.viewer, endpoint)
        return try await write { transaction in
            let reader = try transaction.reader()
            return try transaction.once(call, target: String(target), of: conversation(reader, scope)) {
                try body(transaction, reader, scope)
            }
        }
    }

    /// What the disk refuses passes; a client may try again.
    private func reportingErrors<R: Sendable>(_ body: () async throws -> R) async throws -> R {
        do {
            return try await body()
        } catch StoreError.notWritable {
            throw APIError(.unavailable, "the bridge's disk takes nothing now: try again, and see 'sila doctor'")
        } catch StoreError.closed {
            throw Self.ending
        }
    }

    private static let ending = APIError(.unavailable, "the bridge is ending: try again in a moment")

    /// A whole number between bounds. Throws `malformed`.
    static func check(_ limit: Int, _ name: String, _ range: ClosedRange<Int>) throws {
        guard range.contains(limit) else {
            throw APIError(.malformed, "\(name): \(limit) is not between \(range.lowerBound) and \(range.upperBound)")
        }
    }
}
