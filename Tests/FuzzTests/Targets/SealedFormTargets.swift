import Foundation
import Messaging

@testable import Sealing
@testable import Unsealing

/// What lies sealed in the archive, once it is opened: on the staff side nothing in it is trusted, as whoever holds the
/// public keys can seal. The first byte says what it is to be.
enum RecordTarget: FuzzTarget {
    static let name = "record"
    static let longest = 1024

    static func seeds() throws -> [[UInt8]] {
        let date = Date(milliseconds: 1_795_227_657_466)
        var message = MessageRecord(
            text: "سلام", direction: .incoming, author: .contact, sentAt: date, receivedAt: date, channel: .xmpp,
            protection: .endToEnd, device: 12345, deviceIsNew: true, language: "ary", topic: "rights.detention")
        let plain = message.encoded()
        message.reference = MessageReference(kind: .correction, message: 5)
        if let secret = AttachmentSecret(key: [UInt8](repeating: 1, count: 32), nonce: [UInt8](repeating: 2, count: 12))
        {
            message.attachment = AttachmentRecord(
                kind: .voice, name: "note.ogg", url: "https://files.example.org/a/note.ogg", secret: secret)
        }
        let unreadable = UnreadableRecord(code: "bad-mac", reason: "altered", sentAt: date, payload: [1, 2, 3])
        var seeds = [[0] + plain, [0] + message.encoded(), [1] + unreadable.encoded()]
        seeds.append([6] + (try Padding.pad(plain, format: "message record")))
        guard let author = MemberID(rawValue: "roos") else { return seeds }
        let entries: [EntryRecord] = [
            .note("called the embassy", by: author, at: date), .task("call again", by: author, at: date),
            .proposal("yes", .init(topic: "t", variety: "nl", original: "no", seen: 4), by: author, at: date),
        ]
        for entry in entries { seeds.append([1 + entry.kind.rawValue] + (try entry.encoded())) }
        return seeds
    }

    static func run(_ input: [UInt8]) throws {
        var reader = InputReader(input)
        let kind = reader.byte() % 7
        let bytes = Array(reader.rest)
        do {
            switch kind {
            case 0:
                let record = try MessageRecord(decoding: bytes)
                guard record.sentAt.isExact, record.receivedAt.isExact else { return }
                try promise(try MessageRecord(decoding: record.encoded()) == record, "another message")
            case 1:
                let record = try UnreadableRecord(decoding: bytes)
                let again = try UnreadableRecord(decoding: record.encoded())
                try promise(again.payload == record.payload && again.reason == record.reason, "another message")
            case 6:
                let record = try Padding.unpad(bytes, format: "record")
                try promise(try Padding.pad(record, format: "record").count == bytes.count, "another padding")
            default:
                guard let kind = EntryRecord.Kind(rawValue: kind - 1) else { return }
                let record = try EntryRecord(decoding: bytes, as: kind)
                guard record.at.isExact else { return }
                try promise(try EntryRecord(decoding: record.encoded(), as: kind) == record, "another entry")
            }
        } catch is SealingError {
            return
        }
    }
}

extension Date {
    /// Whether its milliseconds are written and read again unchanged: all times of some ten thousand years are.
    fileprivate var isExact: Bool { abs(timeIntervalSince1970) < 1e12 }
}

/// Files of keys and members that come from the bridge or from a colleague: roster, keyring, pin, key file, request,
/// recovery words. The first byte says which.
enum KeyFileTarget: FuzzTarget {
    static let name = "key-file"
    static let dictionary: String? = "keys"

    static func run(_ input: [UInt8]) throws {
        var reader = InputReader(input)
        let kind = reader.byte() % 6
        let bytes = Array(reader.rest)
        do {
            switch kind {
            case 0:
                let roster = try Roster(decoding: bytes)
                let isExact = roster.entries.allSatisfy { $0.at.isExact }
                try promise(!isExact || (try Roster(decoding: roster.encoded()) == roster), "another roster")
                guard let first = roster.entries.first else { return }
                // As if it were the pinned one: then its signatures are looked at.
                _ = try roster.verified(by: RosterPin(first: first.hash, seenSequence: 0, seenHash: first.hash))
            case 1:
                let keyring = try KeyringFile(decoding: bytes)
                try promise(try KeyringFile(decoding: keyring.encoded()) == keyring, "another keyring")
            case 2:
                let pin = try RosterPin(decoding: bytes)
                try promise(try RosterPin(decoding: pin.encoded()) == pin, "another pin")
            case 3:
                let file = try StaffKeyFile(decoding: bytes)
                try promise(try StaffKeyFile(decoding: file.encoded()) == file, "another key file")
            case 4:
                let request = try MemberRequest(decoding: bytes)
                try promise(try MemberRequest(decoding: request.encoded()) == request, "another request")
                try promise(request.fingerprint.split(separator: " ").count == 5, "not five words to compare")
            default:
                let key = try RecoveryWords.parse(String(decoding: bytes, as: UTF8.self))
                try promise(key.count == 32, "a recovery key of another length")
            }
        } catch is RosterError {
        } catch is UnsealingError {
        } catch is StaffChangeError {
        } catch is RecoveryWordsError {
        }
    }
}
