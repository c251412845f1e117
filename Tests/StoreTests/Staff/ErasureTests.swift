import Foundation
import GRDB
import Messaging
import OMEMO
import Sealing
import SignalProtocol
import StaffProtocol
import Store
import Testing

/// Erasing a contact, on the disk.
@Suite(.timeLimit(.minutes(1)), .scratchFolder) struct ErasureTests {
    /// What identifies a contact's rows in the file.
    private static func traces(of contact: Int64, in path: String) throws -> [Data] {
        try DatabaseQueue(path: path).read { db in
            try Data.fetchAll(
                db,
                sql: """
                    SELECT sealed FROM message JOIN conversation ON conversation.id = conversation_id
                        WHERE contact_id = :contact
                    UNION ALL SELECT sealed FROM set_aside JOIN conversation ON conversation.id = conversation_id
                        WHERE contact_id = :contact
                    UNION ALL SELECT sealed FROM entry JOIN conversation ON conversation.id = conversation_id
                        WHERE contact_id = :contact
                    UNION ALL SELECT text FROM outbox JOIN conversation ON conversation.id = conversation_id
                        WHERE contact_id = :contact
                    UNION ALL SELECT wrapped FROM segment WHERE contact_id = :contact
                    UNION ALL SELECT token FROM segment WHERE contact_id = :contact
                    UNION ALL SELECT lookup FROM address WHERE contact_id = :contact
                    UNION ALL SELECT routing FROM address WHERE contact_id = :contact
                    UNION ALL SELECT dialogue FROM conversation WHERE contact_id = :contact
                    UNION ALL SELECT bot FROM conversation WHERE contact_id = :contact
                    UNION ALL SELECT device FROM device JOIN address ON lookup = account
                        WHERE contact_id = :contact
                    UNION ALL SELECT identity FROM device JOIN address ON lookup = account
                        WHERE contact_id = :contact
                    UNION ALL SELECT record FROM session JOIN device USING (device) JOIN address ON lookup = account
                        WHERE contact_id = :contact
                    """, arguments: ["contact": contact])
        }
    }

    /// A contact with a row in every table that can hold something of theirs.
    private static func full(_ name: String, _ desk: StaffDesk) async throws -> Int64 {
        let conversation = try await desk.contact(name, "canary words")
        for kind in [SealedItem.Kind.note, .tag, .task, .proposal] {
            _ = try await desk.service.addEntry(
                conversation, desk.entry(kind, in: conversation), call("sam", .addEntry))
        }
        _ = try await desk.service.reply(
            conversation, ReplyRequest(text: "canary reply", seen: .max), call("sam", .reply))
        try await desk.writer.perform { transaction in
            let known = try transaction.conversation(for: StaffDesk.address(name))
            let raw = UnreadableRecord(code: "bad-mac", reason: "x", sentAt: Date(), payload: [1, 2, 3])
            try transaction.setAside(raw, in: known)
            try transaction.setDialogue(Array(repeating: 7, count: 60), of: known)
            try transaction.setRemark(
                BotRemark(
                    language: "ary", decision: "answer", reason: "", target: "", topic: "complaint", candidates: [],
                    at: transaction.now), of: known)
            guard let devices = try transaction.codec(for: .xmpp) as? DeviceCodec else { throw StoreError.closed }
            try devices.meet(StaffDesk.address(name).value)
        }
        return try await desk.row(conversation).contact
    }

    @Test func nothingOfAnErasedContactIsInTheFile() async throws {
        let desk = try StaffDesk()
        try await desk.writer.addCodec(for: .xmpp) { DeviceCodec($0) }
        let contact = try await Self.full("rachid", desk)
        let other = try await Self.full("fatima", desk)
        try await desk.writer.checkpoint()
        let (gone, kept) = (
            try Self.traces(of: contact, in: desk.store.path), try Self.traces(of: other, in: desk.store.path)
        )
        #expect(gone.count == kept.count && gone.count >= 17)
        let erase = call("noor", .eraseContact)
        let report = try await desk.service.erase(contact, EraseRequest(confirm: contact), erase)
        #expect(try await desk.service.erase(contact, EraseRequest(confirm: contact), erase) == report)
        #expect(report.records == 7 && report.addresses == 1 && report.segmentKeys == 5)
        #expect(report.remains == ["audit-lines", "dedup-hashes", "key-backups-30-days", "server-archive"])
        for disk in [try desk.store.bytesOnDisk(), try await Self.closed(desk)] {
            for trace in gone { #expect(disk.range(of: trace) == nil) }
            for trace in kept { #expect(disk.range(of: trace) != nil) }
        }
        let inspector = try Inspector(path: desk.store.path)
        #expect(try inspector.auditChainHolds())
        #expect(try inspector.integrity() == "ok")
        let broken = try await DatabaseQueue(path: desk.store.path).read {
            try Row.fetchAll($0, sql: "PRAGMA foreign_key_check").count
        }
        #expect(broken == 0)
    }

    private static func closed(_ desk: StaffDesk) async throws -> Data {
        await desk.writer.close()
        return try desk.store.bytesOnDisk()
    }

    @Test func numbersOfAnErasedContactNeverComeAgain() async throws {
        let desk = try StaffDesk()
        let first = try await desk.contact("rachid")
        let before = try await desk.service.conversation(first, before: "", limit: 10, for: StaffDesk.viewer("noor"))
        let note = try await desk.service.addEntry(first, desk.entry(.note, in: first), call("sam", .addEntry))
        let contact = before.row.contact
        _ = try await desk.service.erase(contact, EraseRequest(confirm: contact), call("noor", .eraseContact))
        let second = try await desk.contact("rachid")
        let after = try await desk.service.conversation(second, before: "", limit: 10, for: StaffDesk.viewer("noor"))
        #expect(second > first && after.row.contact > contact)
        let (old, new) = (try #require(before.items.first), try #require(after.items.first))
        #expect(new.id > old.id && new.position > note.position && new.segment != old.segment)
        let next = try await desk.service.addEntry(second, desk.entry(.note, in: second), call("sam", .addEntry))
        #expect(next.id > note.id)
        await desk.writer.close()
    }

    @Test func whoeverHadTheContactIsTold() async throws {
        let desk = try StaffDesk()
        let conversation = try await desk.contact("rachid")
        try await desk.assign(conversation, to: "amal")
        let contact = try await desk.row(conversation).contact
        let before = try await desk.service.inbox(.all, limit: 1, after: "", for: StaffDesk.viewer("noor")).event
        _ = try await desk.service.erase(contact, EraseRequest(confirm: contact), call("noor", .eraseContact))
        for (member, kinds) in [("noor", [StaffEvent.Kind.erased]), ("amal", [.erased]), ("badr", []), ("fin", [])] {
            let events = try await desk.service.events(after: before, limit: 10, for: StaffDesk.viewer(member))
            #expect(events.map(\.kind) == kinds, "\(member)")
        }
        await desk.writer.close()
    }

    @Test func aSlipErasesNothing() async throws {
        let desk = try StaffDesk()
        let contact = try await desk.row(desk.contact("rachid")).contact
        let cases = [(contact, contact + 1, APIError.Code.refused), (contact + 5, contact + 5, .notFound)]
        for (number, confirm, code) in cases {
            let refused = try await refusal {
                try await desk.service.erase(number, EraseRequest(confirm: confirm), call("noor", .eraseContact))
            }
            #expect(refused == code)
        }
        #expect(try Inspector(path: desk.store.path).counts().messagesIn == 1)
        await desk.writer.close()
    }

    @Test func theCopyForThePersonHasEverything() async throws {
        let desk = try StaffDesk()
        try await desk.writer.addCodec(for: .xmpp) { DeviceCodec($0) }
        let contact = try await Self.full("rachid", desk)
        _ = try await Self.full("fatima", desk)
        let records = try await desk.service.contactRecords(contact, for: StaffDesk.viewer("sam"))
        #expect(records.addresses == [StaffDesk.address("rachid").value])
        #expect(records.items.count == 7 && records.conversations.count == 1)
        #expect(Set(records.segments.map(\.contact)) == [contact])
        #expect(Set(records.items.map(\.segment)) == Set(records.segments.map(\.token)))
        let line = try await desk.service.audit(after: 0, limit: 1000, for: StaffDesk.viewer("audit")).lines.last
        #expect(line?.kind == "contact-exported" && line?.actor == "sam" && line?.amount == 7)
        await desk.writer.close()
    }
}

/// Knows a device and a session of each address it meets.
private final class DeviceCodec: ChannelCodec {
    private let store: SQLiteOMEMOStore

    init(_ store: SQLiteOMEMOStore) { self.store = store }

    func meet(_ jid: String) throws {
        let address = SignalAddress(name: jid, deviceID: 77)
        try store.saveDevice(
            OMEMODevice(
                address: address, identityKey: nil, isActive: true, firstSeen: Date(), firstHeard: nil,
                trust: .undecided))
        try store.storeSession(Array(repeating: 9, count: 200), for: address)
    }

    func open(_ envelope: Envelope) throws -> Opened { .silent(reason: "not used here") }
    func readiness(for draft: Draft) throws -> Readiness { .ready }
    func prepare(_ draft: Draft, material: (any PreparationMaterial)?) throws -> Prepared { Prepared(bytes: []) }
}
