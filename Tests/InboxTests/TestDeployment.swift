import Foundation
import HTTPClient
import Messaging
import Sealing
import StaffProtocol
import Testing
import UnixHTTPServer

@testable import Inbox
@testable import Unsealing

/// A deployment with a coordinator and an intern, its keys, and a profile folder for one of them.
struct TestDeployment {
    static let date = Date(milliseconds: 1_795_227_657_466)
    static let cheap = ScryptParameters(
        salt: (0..<16).map { UInt8($0) }, rounds: 1024, blockSize: 8, parallelism: 1)

    let files: TestFolder
    let folder: ProfileFolder
    let coordinator: StaffKeys
    let intern: StaffKeys
    let roster: Roster
    let verified: VerifiedRoster
    let keyring: ArchiveKeyring

    init(_ name: String = "amina") throws {
        files = try TestFolder()
        folder = ProfileFolder(files.path)
        let passphrase = Passphrase("a passphrase for tests")
        let id = try #require(MemberID(rawValue: name))
        let founding = try Founding(coordinator: id, passphrase: passphrase, at: Self.date, scrypt: Self.cheap)
        coordinator = try founding.keyFile.unlock(passphrase)
        intern = StaffKeys(id: try #require(MemberID(rawValue: "noor")))
        roster = try coordinator.append(
            .admit(intern.member(role: .intern)), to: founding.roster, at: Self.date)
        verified = try roster.verified(by: founding.verified.pin)
        var keyring = founding.keyring
        let opener = try keyring.unlock(coordinator, roster: verified)
        for key in opener.privateKeysForTests(verified)
        where Role.intern.readableCompartments.contains(key.publicKey.compartment) {
            try keyring.add(key, for: intern.sealingPublicKey)
        }
        self.keyring = keyring
        try folder.write(founding.verified.pin)
    }

    func trusted() throws -> TrustedRoster { TrustedRoster(verified: verified, stored: try roster.encoded()) }

    func unlocked(_ keys: StaffKeys) async throws -> UnlockedKeys {
        let unlocked = UnlockedKeys(keys)
        try await unlocked.use(keyring: keyring.encoded(), roster: trusted())
        return unlocked
    }

    /// A new archive key of a compartment, as after `sila rotate`.
    func rotated(_ compartment: Compartment) throws -> (roster: Roster, keyring: ArchiveKeyring) {
        let last = try #require(verified.currentArchiveKey(compartment)?.generation)
        let key = try ArchivePrivateKey(compartment: compartment, generation: last + 1)
        var keyring = keyring
        try keyring.add(key, for: coordinator.sealingPublicKey)
        return (try coordinator.append(.archiveKey(key.publicKey), to: roster, at: Self.date), keyring)
    }
}

extension ArchiveOpener {
    /// The keys that it holds.
    fileprivate func privateKeysForTests(_ roster: VerifiedRoster) -> [ArchivePrivateKey] {
        Mirror(reflecting: self).children.compactMap { $0.value as? [KeyID: ArchivePrivateKey] }
            .flatMap { Array($0.values) }
    }
}

/// What the daemon seals: messages of one contact.
struct SealedConversation {
    let contact: Int64
    let id: Int64
    let key: SegmentKey
    var items: [SealedItem] = []
    var segments: [SealedSegment]

    init(
        _ roster: VerifiedRoster, id: Int64 = 12, contact: Int64 = 7, compartment: Compartment = .conversation
    ) throws {
        self.id = id
        self.contact = contact
        key = try ArchiveSealer(roster: roster).makeSegment(
            contact: ContactID(contact), day: ArchiveDay(TestDeployment.date), compartment: compartment)
        segments = [SealedSegment(key)]
    }

    /// - Parameter said: what the bridge says of the direction beside the record.
    mutating func add(
        _ text: String, author: MessageRecord.Author = .contact, member: String? = nil, said: String? = nil,
        protection: Protection = .endToEnd, deviceIsNew: Bool = false
    ) throws {
        let number = Int64(items.count + 1)
        let isIn = author == .contact
        let record = MessageRecord(
            text: text, direction: isIn ? .incoming : .outgoing, author: author, sentAt: TestDeployment.date,
            receivedAt: TestDeployment.date, channel: .xmpp, protection: protection,
            deviceIsNew: deviceIsNew, language: "ary", member: member)
        items.append(
            SealedItem(
                kind: .message, id: number, position: number * 10, conversation: id, segment: segments[0].token,
                storedAt: TestDeployment.date.milliseconds, sealed: Data(try key.seal(record, record: .row(number))),
                direction: said ?? (isIn ? "in" : "out"), protection: protection.rawValue))
    }

    var row: InboxRow { .test(id, contact: contact, newest: items.last?.position ?? 0) }

    var page: ConversationPage {
        ConversationPage(row: row, items: items, segments: segments, older: "", olderWithheld: false, event: 3)
    }
}

extension InboxRow {
    static func test(_ conversation: Int64, contact: Int64 = 7, newest: Int64 = 0) -> InboxRow {
        InboxRow(
            conversation: conversation, contact: contact, channel: "xmpp", endsAt: .bridge, waitsSince: 1,
            dangerSince: 0, lastInAt: 1, lastOutAt: 0, language: "ary", assigned: "", takenOverBy: "",
            takenOverUntil: 0, bot: nil, unheardVoice: 0, troubled: 0, proposals: 0, tasksDue: 0,
            isPractice: false, newestItem: newest)
    }
}

/// The error of a kind that this throws.
func caught<E: Error>(_ type: E.Type, _ body: () async throws -> some Sendable) async -> E? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error as? E
    }
}
