import Foundation
import Sealing
import StaffProtocol

/// Notes, tags and tasks: sealed here, stored by the bridge, which cannot read them.
public struct EntryWriting: Sendable {
    private let connection: StaffConnection
    private let sealer: StaffSealer
    private let now: @Sendable () -> Date

    public init(
        _ connection: StaffConnection, sealer: StaffSealer, now: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.connection = connection
        self.sealer = sealer
        self.now = now
    }

    /// - Parameter isConfidential: sealed to `casework`, which interns cannot read; else to `desk`.
    public func note(_ text: String, on row: InboxRow, isConfidential: Bool = false) async throws -> Created {
        try Self.requireText(text)
        return try await add(
            .note(text, by: connection.member, at: now()), row, isConfidential ? .casework : .desk)
    }

    /// Throws `APIError.refused` unless the tag is one line of 1 to 40 characters.
    public func tag(_ tag: String, on row: InboxRow) async throws -> Created {
        guard let record = EntryRecord.tag(tag, by: connection.member, at: now()) else {
            throw APIError(.refused, "A tag is one line of 1 to \(EntryRecord.tagLimit) characters.")
        }
        return try await add(record, row, .desk)
    }

    /// - Parameters:
    ///   - assignee: for whom; `nil` for whoever takes it.
    ///   - due: the day it is due.
    public func task(
        _ text: String, on row: InboxRow, assignee: MemberID? = nil, due: ArchiveDay? = nil
    ) async throws -> Created {
        try Self.requireText(text)
        return try await add(.task(text, by: connection.member, at: now()), row, .desk, assignee: assignee, due: due)
    }

    /// A task is done.
    public func finish(task: Int64) async throws -> SealedItem { try await close(task, "done") }
    /// A tag is taken off.
    public func remove(tag: Int64) async throws -> SealedItem { try await close(tag, "removed") }
    /// A proposal goes back to its author.
    public func giveBack(proposal: Int64) async throws -> SealedItem { try await close(proposal, "returned") }
    /// The author takes a proposal back.
    public func withdraw(proposal: Int64) async throws -> SealedItem { try await close(proposal, "withdrawn") }

    private func close(_ entry: Int64, _ outcome: String) async throws -> SealedItem {
        try await connection.closeEntry(entry, CloseEntry(outcome: outcome))
    }

    private func add(
        _ record: EntryRecord, _ row: InboxRow, _ compartment: Compartment, assignee: MemberID? = nil,
        due: ArchiveDay? = nil
    ) async throws -> Created {
        // Sealed once: a repetition after a lost connection carries the same bytes under the same key.
        let entry = try await sealer.seal(
            record, contact: row.contact, compartment: compartment, assignee: assignee, due: due)
        return try await connection.addEntry(row.conversation, entry)
    }

    private static func requireText(_ text: String) throws {
        guard !text.allSatisfy(\.isWhitespace) else { throw APIError(.refused, "There is no text.") }
    }
}
