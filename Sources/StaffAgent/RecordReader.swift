import Messaging
import Sealing
import StaffProtocol
import Unsealing

/// What a person wrote in a record, and what was sealed beside it.
struct RecordText: Sendable, Equatable {
    var text: String
    /// The contact of its segment.
    var contact: Int64
    var isOutgoing: Bool
    /// Milliseconds since 1970.
    var at: Milliseconds
    /// The bridge says otherwise.
    var isDoubtful: Bool
}

/// Opens items one after another, with the segments that came before them.
struct RecordReader: Sendable {
    /// What became of an item.
    enum Outcome: Sendable {
        case text(RecordText)
        /// It opens, and holds no text to be found.
        case nothing
        /// Its compartment is not open to this member.
        case closed
        /// The key of its segment was deleted.
        case erased
        case damaged
    }

    private enum SegmentState: Sendable {
        case opened(OpenedSegment)
        case closed, erased, damaged
    }

    private let opener: ArchiveOpener
    private var segments: [UInt32: SegmentState] = [:]

    init(opener: ArchiveOpener) { self.opener = opener }

    /// Takes a segment under its number in the stream.
    mutating func take(_ segment: SealedSegment, number: UInt32) { segments[number] = open(segment) }

    /// Forgets the segments: the numbers of another stream are others.
    mutating func beginStream() { segments = [:] }

    private func open(_ segment: SealedSegment) -> SegmentState {
        if segment.wrapped.isEmpty { return .erased }
        do {
            return .opened(
                try opener.open(WrappedSegment(bytes: Array(segment.wrapped)), segment: segment.description()))
        } catch UnsealingError.archiveKeyMissing {
            return .closed
        } catch {
            return .damaged
        }
    }

    /// Opens an item.
    ///
    /// - Parameter number: of its segment.
    func read(_ item: SealedItem, segment number: UInt32) -> Outcome {
        if item.kind == .unreadable { return .nothing }
        switch segments[number] {
        case .opened(let segment):
            do {
                let bytes = try segment.open(Array(item.sealed), kind: item.recordKind, record: item.record)
                let text = try Self.text(of: bytes, item, contact: segment.segment.contact.rawValue)
                return text.text.isEmpty ? .nothing : .text(text)
            } catch {
                return .damaged
            }
        case .closed: return .closed
        case .erased: return .erased
        case .damaged, nil: return .damaged
        }
    }

    private static func text(
        of bytes: [UInt8], _ item: SealedItem, contact: Int64
    ) throws(SealingError) -> RecordText {
        let kind: EntryRecord.Kind
        switch item.kind {
        case .message:
            let record = try MessageRecord(decoding: bytes)
            let isOutgoing = record.direction == .outgoing
            return RecordText(
                text: record.text, contact: contact, isOutgoing: isOutgoing, at: record.sentAt.milliseconds,
                isDoubtful: item.direction.map { ($0 == "out") != isOutgoing } ?? false)
        case .unreadable:
            return RecordText(text: "", contact: contact, isOutgoing: false, at: item.storedAt, isDoubtful: false)
        case .note: kind = .note
        case .tag: kind = .tag
        case .task: kind = .task
        case .proposal: kind = .proposal
        }
        let record = try EntryRecord(decoding: bytes, as: kind)
        return RecordText(
            text: record.text, contact: contact, isOutgoing: false, at: record.at.milliseconds,
            isDoubtful: item.author.map { $0 != record.author.rawValue } ?? false)
    }
}
