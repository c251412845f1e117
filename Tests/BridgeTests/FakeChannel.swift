import Foundation
import Messaging
import Synchronization

/// A channel without a network: what the test puts in arrives, what leaves is kept, and each
/// promise of the ports can be misbehaved on purpose.
final class FakeLink: NumberingLink {
    struct State: Sendable {
        var departed: [(OutboxID, String)] = []
        var refused = 0
        var acknowledged: [UInt64] = []
        var host: (any LinkHost)?
        var fates: [Settlement] = []
        var settled: [HandedOver] = []
        var materialError: UndeliverableError?
        /// The hand-over of this number and all after it fail, until the test says otherwise.
        var breaksAtSend: Int?
        var confirmsAtOnce = true
        /// What each hand-over found: whether a turn was open.
        var isInTurn = false
        var handedOverOutsideOfTurns = 0
        var abandoned = 0
        var stream: Int64 = 1
        var refusesTurns = false
        /// Happens before a hand-over fails.
        var beforeRefusal: (@Sendable () async -> Void)?
    }

    let id = ChannelID.xmpp
    let state = Mutex(State())
    private let changes = AsyncStream.makeStream(of: Void.self)

    func run(_ host: any LinkHost) async throws {
        state.withLock { $0.host = host }
        await host.online(resumed: false)
        changed()
        let (stream, _) = AsyncStream.makeStream(of: Void.self)
        for await _ in stream {}
    }

    func material(for address: Address) async throws -> any PreparationMaterial {
        if let error = state.withLock({ $0.materialError }) { throw error }
        return FakeMaterial()
    }

    func beginTurn() async throws -> StreamTurn {
        try state.withLock { state in
            if state.refusesTurns || state.isInTurn { throw FakeError.broken }
            state.isInTurn = true
            let sent = Int64(state.departed.count)
            return StreamTurn(
                mark: StreamMark(stream: state.stream, committed: 0, acknowledged: 0, ceiling: sent + 10), sent: sent)
        }
    }

    func endTurn(_ turn: StreamTurn) async {
        state.withLock { $0.isInTurn = false }
        changed()
    }

    func abandonTurn(_ turn: StreamTurn) async {
        state.withLock { state in
            state.isInTurn = false
            state.abandoned += 1
        }
        changed()
    }

    func kept(_ mark: StreamMark) async {}

    func mark(committing tokens: [AcknowledgementToken]) async -> StreamMark? {
        state.withLock { state in
            let highest = tokens.map(\.rawValue).max() ?? 0
            return StreamMark(stream: state.stream, committed: Int64(highest), acknowledged: 0, ceiling: 10)
        }
    }

    func handOver(_ prepared: Prepared, outbox: OutboxID) async throws {
        state.withLock { if !$0.isInTurn { $0.handedOverOutsideOfTurns += 1 } }
        let text = String(decoding: prepared.bytes, as: UTF8.self)
        let (host, breaks, confirms) = state.withLock { state in
            (state.host, state.breaksAtSend.map { state.departed.count >= $0 } ?? false, state.confirmsAtOnce)
        }
        if breaks {
            await state.withLock({ $0.beforeRefusal })?()
            state.withLock { $0.refused += 1 }
            changed()
            throw FakeError.broken
        }
        state.withLock { $0.departed.append((outbox, text)) }
        if confirms { await host?.confirmed([outbox]) }
        changed()
    }

    func acknowledge(_ tokens: [AcknowledgementToken]) async {
        state.withLock { $0.acknowledged += tokens.map(\.rawValue) }
        changed()
    }

    func settle(_ messages: [HandedOver]) async throws -> [OutboxID: Settlement] {
        state.withLock { state in
            state.settled += messages
            return Dictionary(
                uniqueKeysWithValues: messages.enumerated().map { index, message in
                    (message.outbox, index < state.fates.count ? state.fates[index] : .unknown)
                })
        }
    }

    private func changed() { changes.continuation.yield() }

    /// Awaits a state of the fake; the test's time limit ends a wait that never comes true.
    func until(_ isTrue: @Sendable (State) -> Bool) async {
        if state.withLock({ isTrue($0) }) { return }
        for await _ in changes.stream where state.withLock({ isTrue($0) }) { return }
    }
}

struct TextPayload: EnvelopePayload {
    let text: String
    func encoded() -> [UInt8] { Array(text.utf8) }
}

struct FakeMaterial: PreparationMaterial {}

enum FakeError: Error { case broken }

/// Texts travel as they are; `poison` cannot be opened, `silent` holds nothing for a person, `photo: ` has a file
/// beside its words.
final class FakeCodec: ChannelCodec {
    private let needsMaterial: Bool
    init(needsMaterial: Bool = false) { self.needsMaterial = needsMaterial }

    func open(_ envelope: Envelope) throws -> Opened {
        let text = (envelope.payload as? TextPayload)?.text ?? ""
        if text == "beyond recovery" { throw PoisonError(code: "no-session", reason: "lost", asksAgain: true) }
        if text == "poison" { throw PoisonError(code: "bad-mac", reason: "tampered on its way") }
        if text == "silent" { return .silent(reason: "receipt") }
        if text == "unreadable" { return .unreadable(reason: "no key for this device") }
        if text.hasPrefix("photo: ") {
            let file = IncomingAttachment(
                url: "https://files.example.org/a.jpg", name: "a.jpg", kind: .photo, secret: .random())
            return .message(
                IncomingMessage(
                    text: String(text.dropFirst(7)), protection: .endToEnd, device: 7, deviceIsNew: false,
                    attachment: file))
        }
        return .message(
            IncomingMessage(
                text: text, protection: text.hasPrefix("plain") ? .none : .endToEnd, device: 7, deviceIsNew: false))
    }

    func recover(from poison: PoisonError, in envelope: Envelope) throws {
        if poison.code == "no-session" { throw FakeError.broken }
    }

    func readiness(for draft: Draft) throws -> Readiness { needsMaterial ? .needsMaterial : .ready }

    func prepare(_ draft: Draft, material: (any PreparationMaterial)?) throws -> Prepared {
        if draft.text == "cannot be encrypted" {
            throw UndeliverableError(code: "no-device", reason: "no device", isTemporary: false)
        }
        return Prepared(bytes: Array((draft.text == "your id" ? draft.originID.rawValue : draft.text).utf8))
    }
}

func envelope(_ text: String, _ number: UInt64, from: String = "rachid@example.org") -> Envelope {
    Envelope(
        sender: Address(channel: .xmpp, value: from), dedup: .archive(id: "\(from)-\(number)"),
        sentAt: Date(timeIntervalSince1970: 1_790_000_000), payload: TextPayload(text: text),
        token: AcknowledgementToken(number), position: ArchivePosition("\(number)"))
}
