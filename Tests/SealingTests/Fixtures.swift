import Foundation
import Messaging

@testable import Sealing

/// Fixed values for known-answer tests. The expected results beside them were computed by another
/// program, in another language, from Documentation/formats.md.
enum Fixed {
    /// `count` bytes that count upwards.
    static func bytes(from first: UInt8, count: Int = 32) -> [UInt8] { (0..<count).map { first + UInt8($0) } }

    static func secret(from first: UInt8) -> SecretBytes {
        var bytes = bytes(from: first)
        return SecretBytes(wiping: &bytes)
    }

    /// Gives the bytes of the fixed nonce wherever random ones are wanted.
    static let randomness = Randomness { bytes(from: 0xa0, count: $0) }

    static func hex(_ text: String) -> [UInt8] { Hexadecimal.decode(text) ?? [] }

    static let archivePublicKey = "07a37cbc142093c8b755dc1b10e86cb426374ad16aa853ed0bdfc0b2b86d1c7c"

    static func segment(
        id: UInt8 = 0x10, contact: Int64 = 7, day: Int32 = 20778, compartment: Compartment = .conversation
    ) throws -> SegmentDescription {
        SegmentDescription(
            id: try SegmentID(bytes: bytes(from: id, count: 16)), contact: ContactID(contact),
            day: ArchiveDay(daysSince1970: day), compartment: compartment)
    }

    static let wrapped =
        "0176e74845bb3987e225d90a19b8df8bbc675dd574ed7789310b3d2e7681f3790b466c773b1521fecf36577958371ea52f"
        + "71f2e781c0275c088556864d825f0c2e0a2f29e7ebe613c1118e98df4cd8845de7617060d0abc8c76f4b3e9e86d85afa"

    static func segmentKey(randomness: Randomness = .system) throws -> SegmentKey {
        SegmentKey(
            segment: try segment(), wrapped: try WrappedSegment(bytes: hex(wrapped)), secret: secret(from: 0x40),
            randomness: randomness)
    }

    static let message = MessageRecord(
        text: "سلام", direction: .incoming, author: .contact, sentAt: Date(milliseconds: 1_795_227_657_466),
        receivedAt: Date(milliseconds: 1_795_227_658_000), channel: .xmpp, protection: .endToEnd, device: 12345,
        deviceIsNew: true, language: "ary", topic: "rights.detention")
}
