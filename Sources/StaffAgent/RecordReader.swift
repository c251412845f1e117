import Messaging
import Sealing
import StaffProtocol
import Unsealing

/// Opens items one after another, with the segments that came before them.
struct RecordReader: Sendable {
    /// What became of an item.
    enum Outcome: Sendable {
        case text(String, contact: Int64)
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
                guard let text = try Self.text(of: bytes, kind: item.kind) else { return .nothing }
                return .text(text, contact: segment.segment.contact.rawValue)
            } catch {
                return .damaged
            }
        case .closed: return .closed
        case .erased: return .erased
        case .damaged, nil: return .damaged
        }
    }

    /// What a person wrote in a record; `nil` when there is nothing to be found by a search.
    private static func text(of bytes: [UInt8], kind: SealedItem.Kind) throws(SealingError) -> String? {
        let text: String
        switch kind {
        case .message: text = try MessageRecord(decoding: bytes).text
        case .unreadable: return nil
        case .note: text = try EntryRecord(decoding: bytes, as: .note).text
        case .tag: text = try EntryRecord(decoding: bytes, as: .tag).text
        case .task: text = try EntryRecord(decoding: bytes, as: .task).text
        case .proposal: text = try EntryRecord(decoding: bytes, as: .proposal).text
        }
        return text.isEmpty ? nil : text
    }
}
