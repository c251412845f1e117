import Foundation
import GRDB
import Sealing
import StaffProtocol

/// Members, their settings and what lies open with them.
extension StoreStaffService {
    public func staff(_ roster: VerifiedRoster, for viewer: Viewer) async throws -> [StaffMember] {
        _ = try scope(viewer, .listStaff)
        let members = roster.members.values.sorted { $0.id.rawValue < $1.id.rawValue }
        return try await read { reader in
            try members.map { member in
                let name = member.id.rawValue
                return StaffMember(
                    member: name, role: member.role.rawValue, settings: try reader.settings(of: name),
                    assigned: try reader.assigned(to: name).count, tasks: try reader.tasks(of: name).count)
            }
        }
    }

    public func openWork(of member: MemberID, for viewer: Viewer) async throws -> OpenWork {
        _ = try scope(viewer, .getOpenWork)
        let name = member.rawValue
        return try await read { reader in
            OpenWork(
                conversations: try reader.assigned(to: name), tasks: try reader.tasks(of: name),
                proposals: try reader.proposals(by: name))
        }
    }

    public func setSettings(
        _ settings: MemberSettings, of member: MemberID, _ call: Call
    ) async throws -> MemberSettings {
        _ = try scope(call.viewer, .setMemberSettings)
        guard let role = await ports.roles()[member] else {
            throw APIError(.notFound, "there is no such member: see 'sila staff list'")
        }
        guard role == .intern || !settings.repliesAlone else {
            throw APIError(.refused, "repliesAlone: only interns have it; all others may reply alone")
        }
        let isVariety: (String) -> Bool = { name in
            (1...16).contains(name.utf8.count)
                && name.utf8.allSatisfy { $0 == 0x2d || (0x41...0x5a).contains($0) || (0x61...0x7a).contains($0) }
        }
        guard settings.experiencedIn.count <= 20, settings.experiencedIn.allSatisfy(isVariety) else {
            throw APIError(.malformed, "experiencedIn: give varieties such as nl, fr, ar, ary, ary-Latn")
        }
        // The target is a name: its hash stands in the request already, its place in the path.
        return try await write { transaction in
            try transaction.once(call, target: member.rawValue) {
                let before = try transaction.reader().settings(of: member.rawValue).repliesAlone
                try transaction.db().run(
                    """
                    INSERT INTO member_setting (member, replies_alone, experienced_in) VALUES (?, ?, ?)
                    ON CONFLICT (member) DO UPDATE SET
                        replies_alone = excluded.replies_alone, experienced_in = excluded.experienced_in
                    """, [member.rawValue, settings.repliesAlone, settings.experiencedIn.joined(separator: " ")])
                let kind =
                    before == settings.repliesAlone
                    ? "member-settings" : settings.repliesAlone ? "second-person-lifted" : "second-person-required"
                try transaction.audit(
                    kind, subject: 0, actor: call.viewer.member.rawValue, about: member.rawValue)
                try transaction.addEvent(.roster)
                return settings
            }
        }
    }
}

extension StaffReader {
    func settings(of member: String) throws -> MemberSettings {
        let row = try db.row("SELECT replies_alone, experienced_in FROM member_setting WHERE member = ?", [member])
        guard let row else { return MemberSettings() }
        let varieties: String = row[1]
        return MemberSettings(
            repliesAlone: row[0], experiencedIn: varieties.split(separator: " ").map(String.init))
    }

    func assigned(to member: String) throws -> [Int64] {
        try db.rows(
            "SELECT id FROM conversation WHERE assigned_to = ? AND assigned_to <> '' ORDER BY id", [member]
        ).map { $0[0] }
    }

    func tasks(of member: String) throws -> [Int64] { try open("task", "assignee", member) }

    func proposals(by member: String) throws -> [Int64] { try open("proposal", "author", member) }

    private func open(_ kind: String, _ column: String, _ member: String) throws -> [Int64] {
        try db.rows(
            "SELECT id FROM entry WHERE kind = ? AND closed_at = 0 AND \(column) = ? ORDER BY id", [kind, member]
        ).map { $0[0] }
    }
}
