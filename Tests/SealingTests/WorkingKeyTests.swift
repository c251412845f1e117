import Foundation
import Messaging
import Testing

@testable import Sealing

@Suite struct WorkingKeyTests {
    let key: WorkingKey
    let field = Field(table: "outbox", row: 9, column: "text")

    init() throws {
        key = try WorkingKey(root: Fixed.secret(from: 0x80), randomness: Fixed.randomness)
    }

    @Test func sealsToTheKnownBytes() throws {
        let sealed = try key.seal(Array("hello".utf8), in: field)
        #expect(
            Hexadecimal.encode(sealed)
                == "01a0a1a2a3a4a5a6a7a8a9aaaba2bc2eddf8c98d9eef5a7a5265579fd7b8b48591cb")
        #expect(try key.open(sealed, in: field) == Array("hello".utf8))
    }

    @Test func hashesAreTheKnownOnes() {
        let address = Address(channel: .xmpp, value: "contact@example.org")
        #expect(
            Hexadecimal.encode(key.lookup(address))
                == "b3f5fb849f349ddc23455b1eb17726d93d80491331388f19424ef885e0e253ee")
        #expect(
            Hexadecimal.encode(key.dedup(.archive(id: "archive-1"), channel: .xmpp))
                == "bbbbc4ecbeb6f0815e17c9acbc1b2dddb791d4ffa9f4ec6f46645ab4b391237f")
    }

    @Test func hashesDifferByPurposeChannelAndKey() throws {
        let value = Array("same".utf8)
        let other = try WorkingKey(root: Fixed.secret(from: 0x81))
        #expect(key.lookup(value, purpose: "a") != key.lookup(value, purpose: "b"))
        #expect(key.lookup(value, purpose: "a") != other.lookup(value, purpose: "a"))
        #expect(
            key.dedup(.archive(id: "1"), channel: .xmpp)
                != key.dedup(.archive(id: "1"), channel: ChannelID(rawValue: "signal")))
        #expect(key.dedup(.archive(id: "1"), channel: .xmpp) != key.dedup(.content(hash: [0x31]), channel: .xmpp))
        // A shifted border between purpose and value must not give the same hash.
        #expect(key.lookup(Array("bc".utf8), purpose: "a") != key.lookup(Array("c".utf8), purpose: "ab"))
    }

    @Test(arguments: [
        Field(table: "inbox", row: 9, column: "text"), Field(table: "outbox", row: 10, column: "text"),
        Field(table: "outbox", row: 9, column: "cause"), Field(table: "outbox", row: [9], column: "text"),
    ])
    func doesNotOpenInAnotherPlace(_ other: Field) throws {
        let sealed = try key.seal([1, 2, 3], in: field)
        #expect(throws: SealingError.notAuthentic(format: "sealed field")) { try key.open(sealed, in: other) }
    }

    @Test func doesNotOpenWithAnotherKey() throws {
        let sealed = try key.seal([1, 2, 3], in: field)
        let other = try WorkingKey(root: Fixed.secret(from: 0x81))
        #expect(throws: SealingError.notAuthentic(format: "sealed field")) { try other.open(sealed, in: field) }
    }

    @Test func everyFlippedByteIsFound() throws {
        let sealed = try key.seal(Array("hello".utf8), in: field)
        for index in sealed.indices {
            var altered = sealed
            altered[index] ^= 0x01
            let expected: SealingError =
                index == 0
                ? .unsupportedVersion(format: "sealed field", found: 0) : .notAuthentic(format: "sealed field")
            #expect(throws: expected) { try key.open(altered, in: field) }
        }
    }

    @Test func everyCutIsFound() throws {
        let sealed = try key.seal(Array("hello".utf8), in: field)
        for count in sealed.indices {
            #expect(throws: SealingError.self) { try key.open(Array(sealed.prefix(count)), in: field) }
        }
    }

    @Test func sealingTwiceGivesDifferentBytes() throws {
        let key = try WorkingKey(root: SecretBytes(randomCount: 32))
        #expect(try key.seal([1], in: field) != key.seal([1], in: field))
    }

    @Test func anEmptyValueCanBeSealed() throws {
        #expect(try key.open(try key.seal([], in: field), in: field) == [])
    }

    @Test func theRootMustHave32Bytes() {
        #expect(throws: SealingError.self) { try WorkingKey(root: SecretBytes(randomCount: 16)) }
    }

    @Test func printingSecretsShowsNothing() throws {
        let secret = Fixed.secret(from: 0x80)
        var dumped = ""
        dump(secret, to: &dumped)
        for text in ["\(secret)", String(reflecting: secret), dumped, "\(key)", "\(try Fixed.segmentKey())"] {
            #expect(!text.contains("80"), "\(text)")
            #expect(!text.contains("129"), "\(text)")
        }
    }

    @Test func wipingClearsTheOriginal() {
        var bytes = Fixed.bytes(from: 1)
        let secret = SecretBytes(wiping: &bytes)
        #expect(bytes == [UInt8](repeating: 0, count: 32))
        #expect(secret.withUnsafeBytes { Array($0) } == Fixed.bytes(from: 1))
    }
}
