/// `GET /v1/archive?after={position}`: sealed records as a binary stream, oldest first.
///
/// The stream begins with `magic`. Frames follow: length of the rest (4 bytes, most significant
/// first), kind (1 byte), payload. The last frame is `end`; a stream without it was cut off, and is
/// gone on with at the position of the last item that came whole. A segment comes before its first item.
public enum BulkStream {
    public static let contentType = "application/vnd.sila.archive"
    /// "SILA", format version 1.
    public static let magic: [UInt8] = [0x53, 0x49, 0x4c, 0x41, 1]
    /// Bytes of one frame at most.
    public static let frameLimit = 24 << 20

    public enum FrameKind: UInt8, Sendable {
        /// A `SealedSegment`: number within this stream (4), token (16), contact (8), day (4),
        /// compartment (1: 0 conversation, 1 desk, 2 casework, 3 payments), wrapped (97, or none).
        case segment = 1
        /// An item: kind (1: index in `SealedItem.Kind.allCases`), flags (1: bit 0 direction out, bit 1
        /// not encrypted, bit 2 a token follows, bit 3 closed), id (8), position (8), conversation (8),
        /// number of its segment (4), stored at (8), token (16, if said), sealed (the rest).
        case item = 2
        /// The stream is whole: position of the last item (8), number of items (8), event number (8).
        case end = 3
    }
}
