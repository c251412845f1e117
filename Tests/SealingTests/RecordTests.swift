import Foundation
import Messaging
import Testing

@testable import Sealing

@Suite struct RecordTests {
    static let encoded =
        "010100000008d8b3d984d8a7d9850200000001010300000001010400000008000001a1fbe824fa0500000008000001a1fbe82710"
        + "0600000004786d7070070000000a656e642d746f2d656e64080000000800000000000030390900000001010a000000036172790b"
        + "000000107269676874732e646574656e74696f6e"

    @Test func aMessageEncodesToTheKnownBytes() {
        #expect(Hexadecimal.encode(Fixed.message.encoded()) == Self.encoded)
    }

    @Test func aRecordSealsToTheKnownBytes() throws {
        let sealed = try Fixed.segmentKey(randomness: Fixed.randomness).seal(Fixed.message, record: .row(42))
        #expect(
            Hexadecimal.encode(sealed)
                == "01a0a1a2a3a4a5a6a7a8a9aaabd78f0643e3ea9c2d7967994d5038e8513692f7c7ec6f842ce1dcee9ae8c37af85a977a"
                + "43c051855a007e529b5eec27c1e24c06c710113500dc709de575a6b8e0f79eba101efc84f752125a019a7a398fa91ab9"
                + "44025d423bf0fe81615390e481f8b542c47257c8a8a5516b6fcc5e565e2b1badf55bdabd2aa3df016fea25b4ed51da2e"
                + "2cb06ec80d7b2cbd73072822dc")
    }

    @Test func aMessageComesBackWhole() throws {
        var message = Fixed.message
        #expect(try MessageRecord(decoding: message.encoded()) == message)
        message.device = nil
        message.deviceIsNew = false
        message.language = nil
        message.topic = nil
        message.member = "amina"
        message.text = ""
        message.protection = .none
        message.direction = .outgoing
        message.author = .staff
        message.sentAt = Date(milliseconds: -1)
        #expect(try MessageRecord(decoding: message.encoded()) == message)
    }

    @Test(arguments: ReferenceKind.allCases) func whatItDoesToAnotherMessageComesBack(kind: ReferenceKind) throws {
        var message = Fixed.message
        message.reference = MessageReference(kind: kind, message: 4711)
        #expect(try MessageRecord(decoding: message.encoded()) == message)
        // A program that does not know of it reads the rest.
        #expect(message.encoded().starts(with: Fixed.message.encoded()))
        #expect(throws: SealingError.self) {
            try MessageRecord(decoding: Fixed.message.encoded() + [0xA0, 0, 0, 0, 1, 0x78, 0xA1, 0, 0, 0, 1, 1])
        }
    }

    @Test func cutOrLengthenedRecordsAreRefused() {
        let bytes = Fixed.message.encoded()
        // The last fields are optional: a cut at a field's border before them is another valid record.
        let borders = Set([bytes.count - 21, bytes.count - 29, bytes.count - 35, bytes.count - 48])
        for count in bytes.indices where !borders.contains(count) {
            #expect(throws: SealingError.self) { try MessageRecord(decoding: Array(bytes.prefix(count))) }
        }
        #expect(throws: SealingError.self) { try MessageRecord(decoding: bytes + [0x0b, 0, 0, 0, 0]) }
        #expect(throws: SealingError.self) { try MessageRecord(decoding: bytes + [0x0d, 0, 0, 0, 0]) }
    }

    @Test func foreignVersionsTagsAndValuesAreRefused() {
        var bytes = Fixed.message.encoded()
        bytes[0] = 3
        #expect(throws: SealingError.unsupportedVersion(format: "message record", found: 3)) {
            try MessageRecord(decoding: bytes)
        }
        var writer = FieldWriter(version: 1)
        writer.add(1, "text")
        writer.add(2, [9])
        #expect(throws: SealingError.malformed(format: "message record", reason: "its direction is not known")) {
            try MessageRecord(decoding: writer.bytes + [3, 0, 0, 0, 1, 1])
        }
        #expect(throws: SealingError.self) { try MessageRecord(decoding: [1, 1, 0xff, 0xff, 0xff, 0xff]) }
        #expect(throws: SealingError.self) { try MessageRecord(decoding: [1, 1, 0, 0, 0, 1, 0xff]) }
    }

    @Test func aTagThatMayBeSkippedIsSkipped() throws {
        let bytes = Fixed.message.encoded() + [0x80, 0, 0, 0, 2, 1, 2]
        #expect(try MessageRecord(decoding: bytes) == Fixed.message)
    }

    @Test func paddingHidesTheLength() throws {
        let key = try Fixed.segmentKey()
        func length(_ count: Int) throws -> Int {
            try key.seal([UInt8](repeating: 1, count: count), kind: .message, record: .row(1)).count
        }
        #expect(try Set((0...60).map(length)) == [64 + 29])
        #expect(try Set((61...124).map(length)) == [128 + 29])
        #expect(try length(125) == 256 + 29)
        #expect(try length(4092) == 4096 + 29)
        #expect(try length(4093) == 8192 + 29)
        #expect(try length(8189) == 12288 + 29)
    }

    @Test func bucketsAreTheDocumentedOnes() {
        #expect(
            [0, 60, 61, 125, 253, 509, 1021, 2045, 4092, 4093, 8188, 8189].map(Padding.bucket)
                == [64, 64, 128, 256, 512, 1024, 2048, 4096, 4096, 8192, 8192, 12288])
    }

    @Test func whatIsTooLongIsRefused() throws {
        let key = try Fixed.segmentKey()
        let limit = 16 * 1024 * 1024
        let bytes = [UInt8](repeating: 0, count: limit + 1)
        #expect(throws: SealingError.tooLong(format: "sealed record", length: limit + 1, limit: limit)) {
            try key.seal(bytes, kind: .message, record: .row(1))
        }
    }

    @Test func wrongPaddingIsRefused() {
        let format = "sealed record"
        #expect(throws: SealingError.self) { try Padding.unpad([0, 0, 0], format: format) }
        #expect(throws: SealingError.self) {
            try Padding.unpad([0, 0, 0, 61] + [UInt8](repeating: 0, count: 60), format: format)
        }
        #expect(throws: SealingError.self) {
            try Padding.unpad([0, 0, 0, 1] + [UInt8](repeating: 0, count: 124), format: format)
        }
        #expect(throws: SealingError.self) { try Padding.unpad([255, 255, 255, 255], format: format) }
    }

    @Test func daysAreThoseOfUTC() {
        #expect(ArchiveDay(Date(timeIntervalSince1970: 86_399)).daysSince1970 == 0)
        #expect(ArchiveDay(Date(timeIntervalSince1970: 86_400)).daysSince1970 == 1)
        #expect(ArchiveDay(Date(timeIntervalSince1970: -1)).daysSince1970 == -1)
        #expect(ArchiveDay(daysSince1970: 20778).description == "2026-11-21")
        #expect(ArchiveDay(Date(timeIntervalSince1970: .infinity)).daysSince1970 == .max)
        #expect(ArchiveDay(Date(timeIntervalSince1970: .nan)).daysSince1970 == .max)
    }
}
