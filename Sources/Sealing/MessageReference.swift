import Messaging

/// What a stored message does to an earlier one.
public struct MessageReference: Hashable, Sendable {
    public var kind: ReferenceKind
    /// The row number of that message; 0 when it is not known here.
    public var message: Int64

    public init(kind: ReferenceKind, message: Int64) {
        self.kind = kind
        self.message = message
    }

    /// The tags of its fields in a message record. A reader that does not know them passes them over, and shows the
    /// words alone.
    private enum Tag: UInt8 {
        case kind = 0xA0
        case message
    }

    func write(to writer: inout FieldWriter) {
        writer.add(Tag.kind.rawValue, kind.rawValue)
        writer.add(Tag.message.rawValue, message)
    }

    /// - Returns: `nil` when the record is about no other message.
    init?(reading reader: FieldReader) throws(SealingError) {
        if reader.fields[Tag.kind.rawValue] == nil { return nil }
        guard let kind = ReferenceKind(rawValue: try reader.string(Tag.kind.rawValue)) else {
            throw .malformed(format: MessageRecord.format, reason: "what it does to another message is not known")
        }
        self.init(kind: kind, message: try reader.number(Tag.message.rawValue))
    }
}
