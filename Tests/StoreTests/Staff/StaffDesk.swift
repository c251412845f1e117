import Foundation
import Messaging
import Sealing
import StaffProtocol
import Store
import Synchronization
import Testing

/// A store with a staff of one of each role, and a clock the test sets.
final class StaffDesk: Sendable {
    let store: TestStore
    let writer: Writer
    let service: StoreStaffService
    let clock: TestClock
    /// What the service told others.
    let bells: Bells

    static let released = "Keep your papers."
    static let start = Date(timeIntervalSince1970: 86_400 * 20_000 + 36_000)
    static let roles: [MemberID: Role] = [
        member("noor"): .coordinator, member("sam"): .staff, member("fin"): .finance, member("amal"): .intern,
        member("badr"): .intern, member("audit"): .auditor,
    ]

    init(store: TestStore? = nil, clock: TestClock = TestClock(start)) throws {
        self.store = try store ?? TestStore()
        self.clock = clock
        writer = try self.store.open(clock: clock.forStore)
        let bells = Bells()
        self.bells = bells
        service = StoreStaffService(
            writer: writer,
            ports: StaffPorts(
                roles: { Self.roles }, isReleasedText: { text, _ in text == Self.released },
                suggest: { _ in Suggestions(variety: "nl", suggestions: []) },
                wake: { channel in bells.state.withLock { $0.woken.append(channel.rawValue) } },
                facts: {
                    BridgeFacts(
                        version: "test", startedAt: 1, keyMode: "file", channels: [], warnings: ["key-mode-file"])
                }, botAnswersAgain: { bells.state.withLock { $0.handedBack += 1 } },
                practice: PracticeBell(bells: bells), invitations: Doorman(bells: bells),
                inBackground: { work in bells.state.withLock { $0.later.append(work) } }))
    }

    /// Does what the service put off.
    func doWhatWasPutOff() async {
        let works = bells.state.withLock { state in
            defer { state.later = [] }
            return state.later
        }
        for work in works { await work() }
    }

    static func member(_ name: String) -> MemberID {
        guard let id = MemberID(rawValue: name) else { preconditionFailure("not a short name: \(name)") }
        return id
    }

    static func viewer(_ name: String) -> Viewer {
        let id = member(name)
        return Viewer(member: id, role: roles[id] ?? .auditor)
    }

    /// A contact who wrote one message. Returns the conversation.
    @discardableResult
    func contact(
        _ name: String, _ text: String = "salam", protection: Protection = .endToEnd, waits: Bool = true
    ) async throws -> Int64 {
        try await write(name, text, protection: protection, waits: waits)
        return try await writer.perform { try $0.conversation(for: Self.address(name)).id.rawValue }
    }

    func write(
        _ name: String, _ text: String = "salam", protection: Protection = .endToEnd, waits: Bool = true
    ) async throws {
        try await writer.perform { transaction in
            let conversation = try transaction.conversation(for: Self.address(name))
            _ = try transaction.store(message(text, protection: protection), in: conversation)
            try transaction.setDialogue([1], of: conversation)
            if waits { try transaction.setWaiting(conversation) }
        }
    }

    static func address(_ name: String) -> Address { Address(channel: .xmpp, value: "\(name).canary@example.org") }

    func row(_ conversation: Int64) async throws -> InboxRow {
        try await service.conversation(conversation, before: "", limit: 1, for: Self.viewer("noor")).row
    }

    /// The last position of a conversation.
    func newest(_ conversation: Int64) async throws -> Int64 { try await row(conversation).newestItem }

    func assign(_ conversation: Int64, to member: String) async throws {
        let from = try await row(conversation).assigned
        _ = try await service.assign(conversation, AssignmentRequest(member: member, from: from), call("noor", .assign))
    }

    /// What a staff program sends: a body sealed for the contact of a conversation.
    func entry(
        _ kind: SealedItem.Kind, in conversation: Int64, _ compartment: Compartment = .desk,
        _ body: String = "canary body",
        assignee: String? = nil, due: Int32? = nil
    ) async throws -> NewEntry {
        let contact = try await row(conversation).contact
        let key = try ArchiveSealer(keys: store.archive).makeSegment(
            contact: ContactID(contact), day: ArchiveDay(clock.now), compartment: compartment)
        let token = Data((0..<16).map { _ in UInt8.random(in: 0...255) })
        let sealed = try key.seal(
            Array(body.utf8), kind: RecordKind(rawValue: kind.rawValue), record: .token(Array(token)))
        return NewEntry(
            kind: kind,
            segment: SealedSegment(
                token: Data(key.segment.id.bytes), contact: contact, day: key.segment.day.daysSince1970,
                compartment: compartment, wrapped: Data(key.wrapped.bytes)),
            token: token, sealed: Data(sealed), assignee: assignee, due: due)
    }

    /// Proposes a reply; returns the proposal.
    ///
    /// - Parameter words: those that the bridge is to know it by; `nil`: those of a program that does not say.
    func proposal(
        _ words: String? = nil, in conversation: Int64, by member: String, variety: String? = nil
    ) async throws -> Int64 {
        var entry = try await entry(.proposal, in: conversation, .conversation)
        entry.words = words.map { NewEntry.words(of: $0, in: variety) }
        return try await service.addEntry(conversation, entry, call(member, .addEntry)).id
    }
}

/// What the service told others.
final class Bells: Sendable {
    struct State: Sendable {
        var woken: [String] = []
        var begun: [Address] = []
        var languages: [String?] = []
        var handedBack = 0
        /// How often the server was asked, and what it says.
        var invitations = 0
        var invitation: Result<NewInvitation, InvitationRefusal> = .success(
            .token(uri: Doorman.uri, expiresAt: Date(timeIntervalSince1970: 1_800_000_000)))
        var lacksContacts: APIError?
        var later: [@Sendable () async -> Void] = []
    }
    let state = Mutex(State())
}

struct PracticeBell: PracticePort {
    let bells: Bells
    let channel = ChannelID(rawValue: "practice")
    let stories = ["brother", "smuggler"]
    let languages = ["nl", "en"]
    func begin(_ address: Address, language: String?) async {
        bells.state.withLock { bells in
            bells.begun.append(address)
            bells.languages.append(language)
        }
    }
}

/// The server that takes people in; what it says next stands in the bells.
struct Doorman: InvitationPort {
    static let uri = "xmpp:bridge@example.org?roster;preauth=canary-token;ibr=y"
    static let password = "canarypassword"

    let bells: Bells

    func contacts() throws -> CardContacts {
        if let lacks = bells.state.withLock({ $0.lacksContacts }) { throw lacks }
        return CardContacts(
            telephone: "+442079460123", secondWay: "post@example.org", android: "Conversations", iPhone: "Monal")
    }

    func invite() async throws -> NewInvitation {
        let answer = bells.state.withLock { bells in
            bells.invitations += 1
            return bells.invitation
        }
        return try answer.get()
    }
}

/// One intended change with a key of its own.
func call(_ member: String, _ endpoint: Endpoint, key: String? = nil, request: String = "") -> Call {
    let key = key.flatMap { IdempotencyKey(rawValue: $0) } ?? .random()
    return Call(viewer: StaffDesk.viewer(member), endpoint: endpoint, key: key, request: Array(request.utf8))
}

/// The code with which something is refused; `nil` when it was done.
func refusal<R>(_ body: () async throws -> R) async throws -> APIError.Code? {
    do {
        _ = try await body()
        return nil
    } catch let error as APIError {
        #expect(!error.message.contains("canary"))
        return error.code
    }
}
