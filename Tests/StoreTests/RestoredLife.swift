import Backup
import Foundation
import GRDB
import Messaging
import OMEMO
import Sealing
import SignalProtocol
import StaffProtocol
import Testing

@testable import Store

/// The rows of a backup, as `sila` hands them on.
struct Made {
    var headers: [BackupKind: BackupHeader] = [:]
    var frames: [BackupKind: [BackupFrame]] = [:]
    /// The end is missing.
    var isCut = false
}

/// A store with two contacts, ratchets, and messages of ours in every stage; and the place where it is made anew.
struct Life {
    let store: TestStore
    let desk: StaffDesk
    let device: UInt32 = 4711
    let lastPreKey: UInt32
    let sealedSessions: [Data]
    let restored: String
    var rows: String { (restored as NSString).deletingLastPathComponent + "/" + RestoredRows.fileName }
    var writer: Writer { desk.writer }

    init() async throws {
        store = try TestStore()
        desk = try StaffDesk(store: store, clock: TestClock(Date()))
        let folder = try ScratchFolder.path("restored")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        restored = folder.appending(path: "sila.sqlite").path
        let device = device
        lastPreKey = try await Self.makeRatchets(desk.writer, device: device)
        try await desk.writer.perform { transaction in
            let conversation = try transaction.conversation(for: rachid)
            try transaction.remember(.archive(id: "a1"), on: .xmpp)
            try transaction.setPosition(ArchivePosition("a1"), of: .xmpp)
            _ = try transaction.store(message("the first"), in: conversation)
            let other = try transaction.conversation(for: Address(channel: .xmpp, value: "b@example.org"))
            _ = try transaction.store(message("of another"), in: other)
            let stream = try transaction.beginStream(
                StreamKey(id: "s", account: "bridge@example.org/sila", server: "s:5223"), on: .xmpp)
            for _ in 0..<4 { try transaction.addIntent(Self.reply, cause: 0, in: conversation) }
            let due = try transaction.due(on: .xmpp, limit: 10)
            for row in due.prefix(3) { try transaction.setPrepared(row, bytes: Array("ciphertext".utf8)) }
            for row in due.prefix(2) {
                try transaction.setHandedOver(row.id, as: StanzaNumber(stream: stream, stanza: row.id.rawValue))
            }
            try transaction.confirm(try #require(due.first).id)
        }
        sealedSessions = try await desk.writer.read { try $0.rows("SELECT record FROM session").map { $0[0] as Data } }
        try #require(sealedSessions.count == 1)
    }

    private static var reply: MessageRecord {
        MessageRecord(
            text: "a reply", direction: .outgoing, author: .bot, sentAt: Date(), receivedAt: Date(), channel: .xmpp,
            protection: .endToEnd)
    }

    /// An identity, prekeys, and a contact's device with a session.
    private static func makeRatchets(_ writer: Writer, device: UInt32) async throws -> UInt32 {
        try await writer.addCodec(for: .xmpp) { store in
            try store.saveOwnDevice(OwnDevice(id: device, identity: try SignalContext().generateKeyPair()))
            let ids = try store.takePreKeyIDs(100)
            try store.storePreKey([1], id: ids.lowerBound)
            try store.storeSignedPreKey([2], id: ids.upperBound)
            try store.setCurrentSignedPreKey(CurrentSignedPreKey(id: ids.upperBound, createdAt: Date()))
            var contact = OMEMODevice(address: SignalAddress(name: rachid.value, deviceID: 7), firstSeen: Date())
            contact.firstHeard = Date()
            contact.lastHeard = Date()
            try store.saveDevice(contact)
            try store.storeSession(Array("a ratchet".utf8), for: contact.address)
            return NoCodec()
        }
        return 100
    }

    /// What staff are shown, of the store that was made.
    func alarms() throws -> [String] {
        let now = Int64(Date().timeIntervalSince1970 * 1000)
        return try DatabaseQueue(path: restored).read { try Alarms.shown($0, now: now) }
    }

    func counts(of path: String? = nil) throws -> Inspector.Counts { try Inspector(path: path ?? store.path).counts() }

    /// What `silad backup` reads, beside the open writer.
    func backUp() async throws -> Made {
        let backup = (0..<16).map { _ in UInt8.random(in: 0...255) }
        return try StoreSnapshot.read(path: store.path) { snapshot in
            let facts = try snapshot.facts()
            var made = Made()
            for kind in BackupKind.allCases {
                made.headers[kind] = BackupHeader(
                    kind: kind, deployment: [UInt8](repeating: 1, count: 16), backup: backup,
                    generation: facts.generation, sequence: facts.sequence,
                    madeAt: Int64(Date().timeIntervalSince1970 * 1000),
                    recoveryKey: try KeyID(bytes: [UInt8](repeating: 2, count: 16)))
                var frames: [BackupFrame] = []
                _ = try snapshot.rows(for: kind) { frames.append($0) }
                made.frames[kind] = frames
            }
            return made
        }
    }

    func erase(_ address: Address) async throws {
        let contact = try await writer.perform { try $0.conversation(for: address).contact.rawValue }
        _ = try await desk.service.erase(contact, EraseRequest(confirm: contact), call("noor", .eraseContact))
    }

    /// What `sila restore` leaves.
    func bring(_ made: Made) throws {
        var bytes = RestoredRows.head(data: try #require(made.headers[.data]), keys: try #require(made.headers[.keys]))
        for kind in BackupKind.allCases {
            let frames = try #require(made.frames[kind])
            for frame in frames { bytes += frame.encoded }
            if !made.isCut { bytes += BackupFrame.end(Int64(frames.count)).encoded }
        }
        try Data(bytes).write(to: URL(fileURLWithPath: rows))
    }

    func finish(now: Date = Date()) throws -> StoreRestore.Report? {
        try StoreRestore(rows: rows, store: restored, now: now).run()
    }

    func restore(_ made: Made) throws -> StoreRestore.Report? {
        try bring(made)
        return try finish()
    }
}

extension TestStore {
    /// Another file with the same keys.
    func open(at path: String) throws -> Writer {
        try Store.open(path: path, workingKey: key, sealer: ArchiveSealer(keys: archive))
    }
}

/// A codec where none is asked anything.
final class NoCodec: ChannelCodec {
    func open(_ envelope: Envelope) throws -> Opened { .silent(reason: "not used here") }
    func readiness(for draft: Draft) throws -> Readiness { .ready }
    func prepare(_ draft: Draft, material: (any PreparationMaterial)?) throws -> Prepared { Prepared(bytes: []) }
}
