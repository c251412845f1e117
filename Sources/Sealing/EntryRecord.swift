import FoundationEssentials

/// What a staff program seals into the archive: a note, a tag, a task, or a reply that waits for a
/// second person.
public struct EntryRecord: Hashable, Sendable {
    /// What it is. `recordKind` is what it is sealed as.
    public enum Kind: UInt8, CaseIterable, Sendable {
        case note = 1
        case tag = 2
        case task = 3
        case proposal = 4

        public var recordKind: RecordKind {
            switch self {
            case .note: RecordKind(rawValue: "note")
            case .tag: RecordKind(rawValue: "tag")
            case .task: RecordKind(rawValue: "task")
            case .proposal: RecordKind(rawValue: "proposal")
            }
        }
    }

    /// What belongs to a proposal beside its text.
    public struct Proposal: Hashable, Sendable {
        /// The topic whose text was the start, if one was.
        public var topic: String?
        /// The variety of the text, a BCP 47 tag.
        public var variety: String?
        /// The topic's own text, so that the second person sees what was changed.
        public var original: String?
        /// The position of the newest item that the author saw.
        public var seen: Int64

        public init(topic: String? = nil, variety: String? = nil, original: String? = nil, seen: Int64) {
            self.topic = topic
            self.variety = variety
            self.original = original
            self.seen = seen
        }
    }

    /// Characters of a tag at most.
    public static let tagLimit = 40
    /// Bytes of any text at most.
    public static let textLimit = 64 * 1024

    public let kind: Kind
    /// The note; the task; the reply as it would go out; the tag itself.
    public var text: String
    /// Who wrote it.
    public var author: MemberID
    /// When, by the author's clock. Kept in milliseconds.
    public var at: Date
    /// Proposals only.
    public let proposal: Proposal?

    private init(kind: Kind, text: String, author: MemberID, at: Date, proposal: Proposal?) {
        self.kind = kind
        self.text = text
        self.author = author
        self.at = at
        self.proposal = proposal
    }

    public static func note(_ text: String, by author: MemberID, at date: Date) -> EntryRecord {
        EntryRecord(kind: .note, text: text, author: author, at: date, proposal: nil)
    }

    /// `nil` unless the tag is one line of 1 to 40 characters.
    public static func tag(_ tag: String, by author: MemberID, at date: Date) -> EntryRecord? {
        isTag(tag) ? EntryRecord(kind: .tag, text: tag, author: author, at: date, proposal: nil) : nil
    }

    public static func task(_ text: String, by author: MemberID, at date: Date) -> EntryRecord {
        EntryRecord(kind: .task, text: text, author: author, at: date, proposal: nil)
    }

    public static func proposal(
        _ text: String, _ proposal: Proposal, by author: MemberID, at date: Date
    ) -> EntryRecord {
        EntryRecord(kind: .proposal, text: text, author: author, at: date, proposal: proposal)
    }

    private static func isTag(_ text: String) -> Bool {
        (1...tagLimit).contains(text.count) && !text.contains(where: \.isNewline)
            && text.first?.isWhitespace == false && text.last?.isWhitespace == false
    }
}

extension EntryRecord {
    package static let version: UInt8 = 1
    package static let format = "entry record"

    private enum Tag: UInt8 {
        case kind = 1
        case text, author, at, topic, variety, original, seen
    }

    /// The stored form: a version byte, then fields in ascending order of their tags.
    ///
    /// Throws `SealingError.tooLong` when a text is longer than `textLimit` bytes.
    public func encoded() throws(SealingError) -> [UInt8] {
        for text in [text, proposal?.original].compactMap({ $0 }) where text.utf8.count > Self.textLimit {
            throw .tooLong(format: Self.format, length: text.utf8.count, limit: Self.textLimit)
        }
        var writer = FieldWriter(version: Self.version)
        writer.add(Tag.kind.rawValue, [kind.rawValue])
        writer.add(Tag.text.rawValue, text)
        writer.add(Tag.author.rawValue, author.rawValue)
        writer.add(Tag.at.rawValue, at.milliseconds)
        guard let proposal else { return writer.bytes }
        if let topic = proposal.topic { writer.add(Tag.topic.rawValue, topic) }
        if let variety = proposal.variety { writer.add(Tag.variety.rawValue, variety) }
        if let original = proposal.original { writer.add(Tag.original.rawValue, original) }
        writer.add(Tag.seen.rawValue, proposal.seen)
        return writer.bytes
    }

    /// Reads the stored form.
    ///
    /// - Parameter expected: the kind it was sealed as; another one inside is refused.
    /// - Throws: `SealingError` naming what is wrong.
    public init(decoding bytes: [UInt8], as expected: Kind) throws(SealingError) {
        let reader = try FieldReader(
            bytes, version: Self.version, format: Self.format, known: Tag.kind.rawValue...Tag.seen.rawValue)
        guard let kind = Kind(rawValue: try reader.byte(Tag.kind.rawValue)), kind == expected else {
            throw .malformed(format: Self.format, reason: "it is of another kind than it was stored as")
        }
        guard let author = MemberID(rawValue: try reader.string(Tag.author.rawValue)) else {
            throw .malformed(format: Self.format, reason: "its author is not a short name")
        }
        let text = try reader.string(Tag.text.rawValue)
        guard kind != .tag || Self.isTag(text) else {
            throw .malformed(format: Self.format, reason: "its tag is not one short line")
        }
        var proposal: Proposal?
        if kind == .proposal {
            proposal = Proposal(
                topic: try reader.optionalString(Tag.topic.rawValue),
                variety: try reader.optionalString(Tag.variety.rawValue),
                original: try reader.optionalString(Tag.original.rawValue),
                seen: try reader.number(Tag.seen.rawValue))
        } else if reader.fields.keys.contains(where: { (Tag.topic.rawValue...Tag.seen.rawValue).contains($0) }) {
            throw .malformed(format: Self.format, reason: "it has fields of a proposal, and is none")
        }
        self.init(
            kind: kind, text: text, author: author, at: Date(milliseconds: try reader.number(Tag.at.rawValue)),
            proposal: proposal)
    }
}
