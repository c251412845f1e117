import Foundation
import GRDB
import Messaging
import Sealing
import StaffProtocol

/// Conversations for learning. They stand in the inbox beside the others, marked.
extension StoreStaffService {
    public func addPracticeContact(_ request: PracticeRequest, _ call: Call) async throws -> InboxRow {
        _ = try scope(call.viewer, .addPracticeContact)
        guard let practice = ports.practice, !practice.stories.isEmpty else {
            throw APIError(.refused, "this deployment has no practice stories: see content.practice in sila.yaml")
        }
        guard request.story.isEmpty || practice.stories.contains(request.story) else {
            throw APIError(
                .refused, "there is no such story: choose one of " + practice.stories.joined(separator: ", "))
        }
        guard request.language.map(practice.languages.contains) ?? true else {
            throw APIError(.refused, "language: choose one of " + practice.languages.joined(separator: ", "))
        }
        let (stories, channel) = (practice.stories, practice.channel)
        let (row, address) = try await write { transaction -> (InboxRow, Address?) in
            var address: Address?
            let row = try transaction.once(call, target: "practice") {
                let story =
                    try request.story.isEmpty
                    ? transaction.leastHad(of: stories, by: call.viewer, on: channel) : request.story
                let made = Address(channel: channel, value: "\(story)/\(UUID().uuidString.lowercased())")
                address = made
                return try transaction.addPractice(made, for: call.viewer)
            }
            return (row, address)
        }
        // The same call again begins nothing anew.
        if let address { await practice.begin(address, language: request.language) }
        return row
    }
}

extension Transaction {
    fileprivate func addPractice(_ address: Address, for viewer: Viewer) throws -> InboxRow {
        let conversation = try conversation(for: address).id.rawValue
        let member = viewer.member.rawValue
        try db().run(
            "UPDATE conversation SET is_practice = 1, assigned_to = ? WHERE id = ?", [member, conversation])
        try addEvent(.conversation, conversation: conversation)
        try audit("practice-begun", subject: conversation, actor: member)
        return try reader().row(of: conversation)
    }

    /// The story that this member practised least; the first of several.
    fileprivate func leastHad(of stories: [String], by viewer: Viewer, on channel: ChannelID) throws -> String {
        let rows = try db().rows(
            """
            SELECT address.lookup, address.routing FROM conversation
            JOIN address ON address.id = conversation.address_id
            WHERE conversation.assigned_to = ? AND conversation.is_practice = 1 AND address.channel = ?
            """, [viewer.member.rawValue, channel.rawValue])
        var had: [String: Int] = [:]
        for row in rows {
            let field = Field(table: "address", row: row.bytes("lookup"), column: "routing")
            guard let bytes = try? open(row.bytes("routing"), in: field) else { continue }
            had[String(String(decoding: bytes, as: UTF8.self).prefix { $0 != "/" }), default: 0] += 1
        }
        return stories.min { had[$0, default: 0] < had[$1, default: 0] } ?? ""
    }
}
