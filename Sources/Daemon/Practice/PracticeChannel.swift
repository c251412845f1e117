import Foundation
import Messaging
import Practice
import Sealing
import Store
import StaffProtocol
import Synchronization

extension ChannelID {
    /// Practice conversations: a channel that ends nowhere.
    static let practice = ChannelID(rawValue: "practice")
}

/// What staff write to a practice contact, on its way to the story.
private struct PracticeDraft: Codable {
    let address: String
    let text: String
}

/// Nothing is encrypted: nothing leaves the daemon.
final class PracticeCodec: ChannelCodec {
    func open(_ envelope: Envelope) throws -> Opened { .silent(reason: "practice contacts are heard by the link") }
    func readiness(for draft: Draft) throws -> Readiness { .ready }
    func prepare(_ draft: Draft, material: (any PreparationMaterial)?) throws -> Prepared {
        Prepared(bytes: Array(try JSONEncoder().encode(PracticeDraft(address: draft.to.value, text: draft.text))))
    }
}

/// Plays the practice contacts: each reply of the learner is one step of the story, whose words come back
/// as incoming messages. The state of a story is that of its conversation's dialogue.
final class PracticeLink: ChannelLink, PracticePort {
    let id = ChannelID.practice
    var channel: ChannelID { .practice }
    private let engine: PracticeEngine
    private let writer: Writer
    private let language: CoachLanguage
    private let host = Mutex<(any LinkHost)?>(nil)

    init(engine: PracticeEngine, writer: Writer, language: CoachLanguage) {
        self.engine = engine
        self.writer = writer
        self.language = language
    }

    var stories: [String] { engine.stories.map(\.id) }
    var languages: [String] { CoachLanguage.allCases.map(\.rawValue) }

    func run(_ host: any LinkHost) async throws {
        self.host.withLock { $0 = host }
        await host.online(resumed: false)
        let (never, _) = AsyncStream.makeStream(of: Never.self)
        for await _ in never {}
    }

    /// The address is `<story>/<random>`.
    func begin(_ address: Address, language wanted: String?) async {
        let language = wanted.flatMap(CoachLanguage.init) ?? language
        let story = String(address.value.prefix { $0 != "/" })
        guard let turn = try? engine.begin(story, language: language) else { return }
        // A disk that refuses leaves a conversation without words; the learner begins another.
        try? await writer.perform { try Self.write(turn, to: address, in: $0) }
    }

    func material(for address: Address) async throws -> any PreparationMaterial {
        throw UndeliverableError(code: "practice", reason: "a practice contact has no keys", isTemporary: false)
    }

    func handOver(_ prepared: Prepared, outbox: OutboxID) async throws {
        let draft = try JSONDecoder().decode(PracticeDraft.self, from: Data(prepared.bytes))
        let address = Address(channel: .practice, value: draft.address)
        let engine = engine
        try await writer.perform { transaction in
            let dialogue = try transaction.conversation(for: address).dialogue
            guard let state = try? JSONDecoder().decode(PracticeState.self, from: Data(dialogue)) else { return }
            // A story that was changed since has no more to say.
            guard let turn = try? engine.step(state: state, reply: draft.text) else { return }
            try Self.write(turn, to: address, in: transaction)
        }
        await host.withLock { $0 }?.confirmed([outbox])
    }

    func acknowledge(_ tokens: [AcknowledgementToken]) async {}

    /// After a crash in the middle of a step: the learner sees their reply, and at worst writes again.
    func settle(_ messages: [HandedOver]) async throws -> [OutboxID: Settlement] {
        Dictionary(messages.map { ($0.outbox, .delivered) }, uniquingKeysWith: { first, _ in first })
    }

    private static func write(_ turn: PracticeTurn, to address: Address, in transaction: Transaction) throws {
        let conversation = try transaction.conversation(for: address)
        for line in turn.lines {
            _ = try transaction.store(
                MessageRecord(
                    text: line.text, direction: .incoming, author: .contact, sentAt: transaction.now,
                    receivedAt: transaction.now, channel: .practice, protection: .endToEnd),
                in: conversation)
        }
        try transaction.setDialogue(Array(try JSONEncoder().encode(turn.state)), of: conversation)
        if !turn.lines.isEmpty { try transaction.setWaiting(conversation) }
    }
}
