import Foundation
import Sealing
import StaffProtocol

/// Notes of which a draft is kept: written down before they are given to the bridge, stored once.
///
/// What the bridge does not answer throws `ConnectionError` and stays in the draft with its sealed form:
/// the same words under the same id are asked again byte for byte, also after a restart.
public struct DraftedNotes: Sendable {
    private let connection: StaffConnection
    private let drafts: DraftStore
    private let sealer: StaffSealer
    private let now: @Sendable () -> Date

    /// - Parameter drafts: of the purpose `note`, `confidentialNote` or `giveBack`.
    public init(
        _ connection: StaffConnection, drafts: DraftStore, sealer: StaffSealer,
        now: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.connection = connection
        self.drafts = drafts
        self.sealer = sealer
        self.now = now
    }

    /// Stores a note; its draft is gone then.
    ///
    /// - Parameters:
    ///   - text: as it is stored.
    ///   - key: the draft's `change`.
    ///   - row: of the conversation.
    /// - Throws: `ConnectionError` when there was no answer, `APIError` when the bridge refuses, `FileError`,
    ///   `SealingError`. The draft is kept.
    public func store(_ text: String, key: IdempotencyKey, on row: InboxRow) async throws -> Created {
        guard !text.allSatisfy(\.isWhitespace) else { throw APIError(.refused, "There is no text.") }
        let conversation = row.conversation
        let known = try await drafts.load(conversation)
        var draft = known ?? Draft(conversation: conversation, text: text, seen: row.newestItem)
        let body: Data
        if let entry = draft.entry, draft.change == key.rawValue {
            body = entry
        } else {
            let record = EntryRecord.note(text, by: connection.member, at: now())
            let compartment: Compartment = drafts.purpose == .confidentialNote ? .casework : .desk
            body = Data(
                try StaffRequest.encode(
                    try await sealer.seal(record, contact: row.contact, compartment: compartment)))
            draft.change = key.rawValue
            draft.entry = body
            // On the disk before the first byte goes out.
            try await drafts.save(draft)
        }
        var request = StaffRequest(.addEntry, ["conversation": "\(conversation)"])
        request.body = Array(body)
        request.key = key
        do {
            let created: Created = try await connection.answer(request)
            // Words that another window kept meanwhile stay.
            try await drafts.update(conversation) { if $0?.change == key.rawValue { $0 = nil } }
            return created
        } catch let error as APIError where !error.isPassing && error.code != .unauthenticated {
            // Surely not stored: sealed anew next time.
            draft.entry = nil
            try await drafts.save(draft)
            throw error
        }
    }
}
