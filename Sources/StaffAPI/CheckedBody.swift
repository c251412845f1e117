import Foundation
import Sealing
import StaffProtocol

/// A request body whose values are looked at before anything is done with them.
protocol CheckedBody: Codable, Sendable {
    /// Throws `malformed`, `tooLarge` or `refused`, naming the field.
    func check() throws(APIError)
}

private func require(_ holds: Bool, _ message: @autoclosure () -> String) throws(APIError) {
    guard holds else { throw APIError(.malformed, message()) }
}

private func requireMember(_ name: String, _ field: String, orNobody: Bool = false) throws(APIError) {
    try require(
        MemberID(rawValue: name) != nil || (orNobody && name.isEmpty),
        "'\(field)' must be a member's short name" + (orNobody ? ", or empty for nobody" : ""))
}

private func requireBytes(_ data: Data, _ count: Int, _ field: String) throws(APIError) {
    try require(data.count == count, "'\(field)' must have \(count) bytes, in base64")
}

private func requireText(_ text: String, _ field: String, limit: Int) throws(APIError) {
    guard text.count <= limit else { throw APIError(.tooLarge, "'\(field)' has more than \(limit) characters") }
    try require(text.contains { !$0.isWhitespace }, "'\(field)' is empty")
}

/// Replies go into XML on the way to a contact: only its characters (XML 1.0 §2.2).
private func requireSendable(_ text: String, _ field: String) throws(APIError) {
    let isXML = text.unicodeScalars.allSatisfy {
        switch $0.value {
        case 0x9, 0xA, 0xD, 0x20...0xD7FF, 0xE000...0xFFFD, 0x10000...: true
        default: false
        }
    }
    try require(isXML, "'\(field)' holds a control character, which no message can carry")
}

private func requireName(_ name: String?, _ field: String) throws(APIError) {
    guard let name else { return }
    try require(
        (1...Limits.name).contains(name.unicodeScalars.count), "'\(field)' must have 1 to \(Limits.name) characters")
}

extension ChallengeRequest: CheckedBody {
    func check() throws(APIError) { try requireMember(member, "member") }
}

extension LoginRequest: CheckedBody {
    func check() throws(APIError) {
        try requireMember(member, "member")
        try requireBytes(challenge, 32, "challenge")
        try requireBytes(signature, 64, "signature")
    }
}

extension UnlockRequest: CheckedBody {
    func check() throws(APIError) { try requireBytes(workingKey, 32, "workingKey") }
}

extension ReplyRequest: CheckedBody {
    func check() throws(APIError) {
        try requireText(text, "text", limit: Self.limit)
        try requireSendable(text, "text")
        try require(seen >= 0, "'seen' must be 0 or above")
        try requireName(topic, "topic")
        try requireName(variety, "variety")
        try require(proposal.map { $0 > 0 } ?? true, "'proposal' must be above 0")
    }
}

extension AssignmentRequest: CheckedBody {
    func check() throws(APIError) {
        try requireMember(member, "member", orNobody: true)
        try requireMember(from, "from", orNobody: true)
    }
}

extension TakeoverRequest: CheckedBody {
    func check() throws(APIError) {}
}

extension AttentionRequest: CheckedBody {
    func check() throws(APIError) { try require(seen >= 0, "'seen' must be 0 or above") }
}

extension NewAttachment: CheckedBody {
    func check() throws(APIError) {
        try require(seen >= 0, "'seen' must be 0 or above")
        try require(
            ["voice", "photo", "video", "document"].contains(kind),
            "'kind' must be one of: voice, photo, video, document")
        try require((1...Self.nameLimit).contains(name.count), "'name' must have 1 to \(Self.nameLimit) characters")
        try requireBytes(key, 32, "key")
        try requireBytes(nonce, 12, "nonce")
    }
}

extension HeardRequest: CheckedBody {
    func check() throws(APIError) {}
}

extension DeviceDecision: CheckedBody {
    func check() throws(APIError) {
        try require(
            fingerprint.isEmpty
                || (fingerprint.utf8.count == 64
                    && fingerprint.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }),
            "'fingerprint' must have 64 hexadecimal digits, or be empty for a key that is not known")
    }
}

extension ArrivalWordsRequest: CheckedBody {
    func check() throws(APIError) {
        if let code {
            let isPlain = code.utf8.allSatisfy {
                $0 == 0x2d || (0x30...0x39).contains($0) || (0x61...0x7a).contains($0)
            }
            try require(isPlain && (1...64).contains(code.utf8.count), "'code' is not what stands on a card")
        }
        guard (code != nil) == (action == .give) else {
            throw APIError(.refused, "'code' belongs to the action 'give', and to no other")
        }
    }
}

extension PersonRequest: CheckedBody {
    func check() throws(APIError) {
        try require(of.map { $0 > 0 } ?? true, "'of' must be above 0")
        guard (of != nil) == (action == .link) else {
            throw APIError(.refused, "'of' belongs to the action 'link', and to no other")
        }
    }
}

extension NewEntry: CheckedBody {
    func check() throws(APIError) {
        try require(
            kind != .message && kind != .unreadable, "'kind' must be one of: note, tag, task, proposal")
        try requireBytes(segment.token, 16, "segment.token")
        try requireBytes(segment.wrapped, 97, "segment.wrapped")
        try require(segment.contact > 0, "'segment.contact' must be above 0")
        try requireBytes(token, 16, "token")
        try require(!sealed.isEmpty, "'sealed' is empty")
        if let assignee { try requireMember(assignee, "assignee") }
    }
}

extension CloseEntry: CheckedBody {
    static let outcomes = ["done", "removed", "returned", "withdrawn"]

    func check() throws(APIError) {
        try require(
            Self.outcomes.contains(outcome), "'outcome' must be one of: \(Self.outcomes.joined(separator: ", "))")
    }
}

extension SuggestionRequest: CheckedBody {
    func check() throws(APIError) { try requireText(text, "text", limit: Limits.question) }
}

extension MemberSettings: CheckedBody {
    func check() throws(APIError) {
        try require(experiencedIn.count <= 20, "'experiencedIn' names more than 20 varieties")
        for variety in experiencedIn { try requireName(variety, "experiencedIn") }
    }
}

extension StaffChange: CheckedBody {
    func check() throws(APIError) {
        try require(after >= 0, "'after' must be 0 or above")
        try require(!roster.isEmpty && !keyring.isEmpty, "'roster' and 'keyring' must be their stored forms")
        if let reassign {
            try requireMember(reassign.from, "reassign.from")
            try requireMember(reassign.to, "reassign.to", orNobody: true)
        }
    }
}

extension OpenedReport: CheckedBody {
    func check() throws(APIError) {
        try require(conversation > 0, "'conversation' must be above 0")
        try require(items > 0, "'items' must be above 0")
    }
}

extension EraseRequest: CheckedBody {
    func check() throws(APIError) { try require(confirm > 0, "'confirm' must be above 0") }
}

extension AcknowledgeGaps: CheckedBody {
    func check() throws(APIError) { try require(upTo > 0, "'upTo' must be above 0") }
}

extension PracticeRequest: CheckedBody {
    func check() throws(APIError) {
        try require(story.unicodeScalars.count <= Limits.name, "'story' must have at most \(Limits.name) characters")
        try requireName(language, "language")
    }
}
