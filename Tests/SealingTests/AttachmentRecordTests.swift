import Messaging
import Testing

@testable import Sealing

/// Version 2 of a message's record, beside version 1.
@Suite struct AttachmentRecordTests {
    private func message() throws -> MessageRecord {
        let secret = try #require(
            AttachmentSecret(key: Array(1...32), nonce: [UInt8](repeating: 9, count: 12)))
        var message = Fixed.message
        message.text = ""
        message.attachment = AttachmentRecord(
            kind: .voice, name: "memo.ogg", url: "https://files.example.org/a", secret: secret)
        return message
    }

    @Test func itComesBackWhole() throws {
        let message = try message()
        #expect(message.encoded().first == 2)
        #expect(try MessageRecord(decoding: message.encoded()) == message)
        #expect(!"\(message)".contains("1, 2, 3"), "printing it shows no key")
    }

    @Test func itMayBeAboutAnEarlierMessage() throws {
        var message = try message()
        message.reference = MessageReference(kind: .correction, message: 7)
        #expect(try MessageRecord(decoding: message.encoded()) == message)
    }

    @Test func aMessageWithoutStaysOfVersion1() {
        #expect(Fixed.message.encoded().first == 1)
    }

    @Test func theFieldsOfVersion2AreRefusedInVersion1AndMissingOnesInVersion2() throws {
        var bytes = try message().encoded()
        bytes[0] = 1
        #expect(throws: SealingError.self) { try MessageRecord(decoding: bytes) }
        var plain = Fixed.message.encoded()
        plain[0] = 2
        #expect(throws: SealingError.self) { try MessageRecord(decoding: plain) }
    }

    @Test func keysOfOtherLengthsAreNone() {
        let key = [UInt8](repeating: 1, count: 32)
        #expect(AttachmentSecret(key: Array(key.dropLast()), nonce: Array(key.prefix(12))) == nil)
        #expect(AttachmentSecret(key: key, nonce: Array(key.prefix(13))) == nil)
    }
}
