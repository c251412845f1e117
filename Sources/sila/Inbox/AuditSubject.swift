import StaffProtocol

/// What an audit line is about. The log holds a number; its kind says of what.
enum AuditSubject {
    /// As it is typed for a command; `nil` when it has no such id.
    static func id(of line: AuditLine) -> ShortID? {
        guard line.subject > 0, let kind = kind(of: line.kind) else { return nil }
        return ShortID(kind, line.subject)
    }

    /// `nil` when the line is about no single thing.
    static func words(_ line: AuditLine) -> String? {
        guard line.subject > 0 else { return nil }
        if let id = id(of: line) { return id.description }
        return switch line.kind {
        case "contact-exported", "contact-erased": "contact-\(line.subject)"
        case "archive-served": "behind \(line.subject)"
        default: "\(line.subject)"
        }
    }

    private static func kind(of kind: String) -> ShortID.Kind? {
        switch kind {
        case "assigned", "reassigned", "unassigned", "taken-over", "handed-back", "takeover-lapsed", "read",
            "to-be-read", "opened", "danger",
            "practice-begun", "conversation-started", "conversation-served":
            .conversation
        case "arrival-words-given", "arrival-words-revoked", "arrival-words-right", "arrival-words-wrong",
            "arrival-words-too-often", "arrival-words-repeated", "arrival-words-elsewhere", "arrival-words-exposed",
            "arrival-tries-reset", "person-linked", "person-unlinked", "person-recognised":
            .conversation
        case "message-in", "message-out", "reply", "reply-approved", "reply-in-the-clear",
            "reply-approved-in-the-clear":
            .message
        case "set-aside": .unreadable
        default:
            // `note-added`, `tag-removed`, `task-done`, `task-reassigned`, `proposal-returned`, …
            kind.split(separator: "-").first.flatMap { entryKinds[$0] }
        }
    }

    private static let entryKinds: [Substring: ShortID.Kind] = [
        "attachment": .attachment, "note": .note, "tag": .tag, "task": .task, "proposal": .proposal,
    ]
}
