import Crypto
import Foundation
import Messaging
import Sealing
import Testing

@testable import Unsealing

@Suite struct ArchiveTests {
    static let wrapped =
        "0176e74845bb3987e225d90a19b8df8bbc675dd574ed7789310b3d2e7681f3790b466c773b1521fecf36577958371ea52f"
        + "71f2e781c0275c088556864d825f0c2e0a2f29e7ebe613c1118e98df4cd8845de7617060d0abc8c76f4b3e9e86d85afa"
    static let sealed =
        "01a0a1a2a3a4a5a6a7a8a9aaabd78f0643e3ea9c2d7967994d5038e8513692f7c7ec6f842ce1dcee9ae8c37af85a977a"
        + "43c051855a007e529b5eec27c1e24c06c710113500dc709de575a6b8e0f79eba101efc84f752125a019a7a398fa91ab9"
        + "44025d423bf0fe81615390e481f8b542c47257c8a8a5516b6fcc5e565e2b1badf55bdabd2aa3df016fea25b4ed51da2e"
        + "2cb06ec80d7b2cbd73072822dc"

    private func opener() throws -> ArchiveOpener { ArchiveOpener(keys: [try Fixed.archiveKey()]) }

    private func openedSegment() throws -> OpenedSegment {
        try opener().open(WrappedSegment(bytes: Fixed.hex(Self.wrapped)), segment: Fixed.segment())
    }

    /// Bytes that another program made open here: the format is the documented one.
    @Test func knownBytesOpen() throws {
        let message = try openedSegment().openMessage(Fixed.hex(Self.sealed), record: .row(42))
        #expect(message.text == "سلام")
        #expect(message.topic == "rights.detention")
        #expect(message.device == 12345)
    }

    @Test(arguments: [RecordID.row(42), .token([UInt8](repeating: 3, count: 16))])
    func whatTheDaemonSealsOpensHere(_ record: RecordID) throws {
        let founding = try Fixed.founding()
        let sealer = ArchiveSealer(roster: founding.verified)
        let opener = try founding.keyring.unlock(
            try founding.keyFile.unlock(Passphrase("a passphrase for tests")), roster: founding.verified)
        for compartment in Compartment.allCases {
            let key = try sealer.makeSegment(
                contact: ContactID(3), day: ArchiveDay(daysSince1970: 20_000), compartment: compartment)
            let sealed = try key.seal(Array("wach n9der nchki".utf8), kind: .message, record: record)
            let opened = try opener.open(key.wrapped, segment: key.segment)
            #expect(try opened.open(sealed, kind: .message, record: record) == Array("wach n9der nchki".utf8))
        }
    }

    @Test func everyFlippedByteOfARecordIsFound() throws {
        let segment = try openedSegment()
        let sealed = Fixed.hex(Self.sealed)
        for index in sealed.indices {
            var altered = sealed
            altered[index] ^= 0x80
            let expected: SealingError =
                index == 0
                ? .unsupportedVersion(format: "sealed record", found: 0x81) : .notAuthentic(format: "sealed record")
            #expect(throws: UnsealingError.sealing(expected)) {
                try segment.open(altered, kind: .message, record: .row(42))
            }
        }
    }

    @Test func everyFlippedByteOfAWrappedKeyIsFound() throws {
        let wrapped = Fixed.hex(Self.wrapped)
        for index in wrapped.indices {
            var altered = wrapped
            altered[index] ^= 0x80
            #expect(throws: (any Error).self) {
                try opener().open(try WrappedSegment(bytes: altered), segment: try Fixed.segment())
            }
        }
    }

    @Test func aRecordDoesNotOpenInAnotherPlace() throws {
        let segment = try openedSegment()
        let sealed = Fixed.hex(Self.sealed)
        let places: [(RecordKind, RecordID)] = [
            (.unreadable, .row(42)), (.message, .row(43)), (.message, .token([0, 0, 0, 0, 0, 0, 0, 42])),
        ]
        for (kind, record) in places {
            #expect(throws: UnsealingError.sealing(.notAuthentic(format: "sealed record"))) {
                try segment.open(sealed, kind: kind, record: record)
            }
        }
    }

    @Test func aSegmentDoesNotOpenForAnotherContactOrDay() throws {
        let wrapped = try WrappedSegment(bytes: Fixed.hex(Self.wrapped))
        for other in [try Fixed.segment(id: 0x11), try Fixed.segment(contact: 8), try Fixed.segment(day: 20779)] {
            #expect(throws: UnsealingError.sealing(.notAuthentic(format: "wrapped segment key"))) {
                try opener().open(wrapped, segment: other)
            }
        }
        #expect(throws: UnsealingError.sealing(.wrongCompartment(expected: .conversation, found: .payments))) {
            try opener().open(wrapped, segment: try Fixed.segment(compartment: .payments))
        }
    }

    /// The same segment key on another contact: the record itself is bound as well.
    @Test func aRecordIsBoundToContactDayAndCompartment() throws {
        let secret = SecretBytes(randomCount: 32)
        let wrapped = try WrappedSegment(bytes: Fixed.hex(Self.wrapped))
        let key = SegmentKey(segment: try Fixed.segment(), wrapped: wrapped, secret: secret)
        let sealed = try key.seal([1, 2, 3], kind: .message, record: .row(1))
        let others = [
            try Fixed.segment(id: 0x11), try Fixed.segment(contact: 8), try Fixed.segment(day: 1),
            try Fixed.segment(compartment: .desk),
        ]
        for other in others {
            #expect(throws: UnsealingError.sealing(.notAuthentic(format: "sealed record"))) {
                try OpenedSegment(segment: other, secret: secret).open(sealed, kind: .message, record: .row(1))
            }
        }
    }

    @Test func anotherKeyOpensNothing() throws {
        let other = ArchiveOpener(keys: [try ArchivePrivateKey(compartment: .conversation, generation: 1)])
        let wrapped = try WrappedSegment(bytes: Fixed.hex(Self.wrapped))
        #expect(throws: UnsealingError.archiveKeyMissing(wrapped.archiveKey)) {
            try other.open(wrapped, segment: try Fixed.segment())
        }
    }

    /// Without the row of the segment key, the records are lost: this is what erasing means.
    @Test func recordsOpenUnderTheirOwnSegmentOnly() throws {
        let founding = try Fixed.founding()
        let sealer = ArchiveSealer(roster: founding.verified)
        let opener = try founding.keyring.unlock(founding.recoveryKey, roster: founding.verified)
        let keys = try (0..<2).map { _ in
            try sealer.makeSegment(
                contact: ContactID(1), day: ArchiveDay(daysSince1970: 5), compartment: .conversation)
        }
        let sealed = try keys[0].seal([1], kind: .message, record: .row(1))
        let other = try opener.open(keys[1].wrapped, segment: keys[1].segment)
        #expect(throws: UnsealingError.sealing(.notAuthentic(format: "sealed record"))) {
            try other.open(sealed, kind: .message, record: .row(1))
        }
    }
}
