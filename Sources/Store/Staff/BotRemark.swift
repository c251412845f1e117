import Foundation
import Sealing
import StaffProtocol

/// What the bot made of a message, as the store keeps it for staff: fixed words and topic names,
/// nothing of the text.
public struct BotRemark: Sendable, Equatable {
    /// The variety the contact wrote, a BCP 47 tag; empty when it was not recognised.
    public var language: String
    /// `nil`: nothing to tell beyond the language.
    public var note: BotNote?

    public init(
        language: String, decision: String, reason: String, target: String, topic: String,
        candidates: [(topic: String, confidence: Double)], at: Date
    ) {
        self.init(
            language: language,
            note: BotNote(
                decision: decision, reason: reason, target: target, topic: topic,
                candidates: candidates.prefix(Self.candidateLimit).map {
                    BotNote.Candidate(topic: $0.topic, confidence: $0.confidence)
                }, at: at.milliseconds))
    }

    init(language: String, note: BotNote?) {
        self.language = language
        self.note = note
    }

    private static let version: UInt8 = 1
    private static let candidateLimit = 3

    private enum Tag: UInt8 {
        case language = 1
        case at, decision, reason, target, topic, candidate
    }

    /// The stored form, short to read: an inbox page opens many.
    func encoded() -> [UInt8] {
        var writer = FieldWriter(version: Self.version)
        writer.add(Tag.language.rawValue, language)
        guard let note else { return writer.bytes }
        writer.add(Tag.at.rawValue, note.at)
        writer.add(Tag.decision.rawValue, note.decision)
        writer.add(Tag.reason.rawValue, note.reason)
        writer.add(Tag.target.rawValue, note.target)
        writer.add(Tag.topic.rawValue, note.topic)
        for (index, candidate) in note.candidates.prefix(Self.candidateLimit).enumerated() {
            let confidence = withUnsafeBytes(of: candidate.confidence.bitPattern.bigEndian) { Array($0) }
            writer.add(Tag.candidate.rawValue + UInt8(index), confidence + Array(candidate.topic.utf8))
        }
        return writer.bytes
    }

    init(bytes: [UInt8]) throws {
        let last = Tag.candidate.rawValue + UInt8(Self.candidateLimit) - 1
        let reader = try FieldReader(
            bytes, version: Self.version, format: "bot remark", known: Tag.language.rawValue...last)
        language = try reader.string(Tag.language.rawValue)
        guard let at = try reader.optionalNumber(Tag.at.rawValue) else { return }
        var candidates: [BotNote.Candidate] = []
        for tag in Tag.candidate.rawValue...last {
            guard let field = reader.fields[tag], field.count >= 8 else { break }
            candidates.append(
                BotNote.Candidate(
                    topic: String(decoding: field.dropFirst(8), as: UTF8.self),
                    confidence: Double(bitPattern: field.prefix(8).reduce(0) { $0 << 8 | UInt64($1) })))
        }
        note = BotNote(
            decision: try reader.string(Tag.decision.rawValue), reason: try reader.string(Tag.reason.rawValue),
            target: try reader.string(Tag.target.rawValue), topic: try reader.string(Tag.topic.rawValue),
            candidates: candidates, at: at)
    }

    static func field(_ conversation: Int64) -> Field {
        Field(table: "conversation", row: conversation, column: "bot")
    }
}
