import Bridge
import Crypto
import Foundation
import Logging
import Messaging
import Sealing
import Store
import Synchronization

/// The keys of an invented deployment.
struct TestKeys: Sendable {
    let working: WorkingKey
    let archive: [ArchivePublicKey]

    init() throws {
        working = try WorkingKey(root: SecretBytes(randomCount: WorkingKey.byteCount))
        archive = try Compartment.allCases.map {
            try ArchivePublicKey(
                compartment: $0, generation: 1,
                publicKey: Array(Curve25519.KeyAgreement.PrivateKey().publicKey.rawRepresentation))
        }
    }
}

/// A bridge over a real store in a folder of its own, with a fake channel. Its suite needs `.scratchFolder`.
final class TestDeployment: Sendable {
    let folder: URL
    let keys: TestKeys
    let link = FakeLink()
    let writer: Writer
    let clock: TestClock
    private let bridge: Bridge
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    init(
        at folder: URL? = nil, keys: TestKeys? = nil, responder: any Responder = FixedResponder(),
        needsMaterial: Bool = false, bounced: @escaping BounceReader = { _ in nil }
    ) async throws {
        self.folder = try folder ?? ScratchFolder.path("bridge")
        self.keys = try keys ?? TestKeys()
        let clock = TestClock()
        self.clock = clock
        writer = try Store.open(
            path: self.folder.appending(path: "sila.sqlite").path, workingKey: self.keys.working,
            sealer: ArchiveSealer(keys: self.keys.archive), clock: StoreClock(now: { clock.now }))
        try await writer.addCodec(for: .xmpp) { _ in FakeCodec(needsMaterial: needsMaterial) }
        bridge = Bridge(writer: writer, links: [link], responder: responder, bounced: bounced, logger: logger)
    }

    /// Runs the bridge for as long as `body` takes, then ends it in order.
    func running(_ body: (FakeLink) async throws -> Void) async throws {
        let (bridge, link) = (bridge, link)
        let task = Task { try await bridge.run() }
        await link.until { $0.host != nil }
        try await body(link)
        await bridgeIsQuiet()
        task.cancel()
        _ = await task.result
        await writer.close()
    }

    func wake(_ channel: ChannelID) async { await bridge.wake(channel) }

    func receive(_ envelope: Envelope) async {
        await link.state.withLock { $0.host }?.received(envelope)
    }

    /// Everything received is committed, and every commit asked for so far is done.
    func bridgeIsQuiet() async {
        await link.state.withLock { $0.host }?.drain()
        try? await writer.perform { _ in }
    }

    func counts() throws -> Inspector.Counts {
        try Inspector(path: folder.appending(path: "sila.sqlite").path).counts()
    }
}

/// The time, moved on by the test.
final class TestClock: Sendable {
    private let ahead = Mutex(0.0)
    var now: Date { Date() + ahead.withLock { $0 } }
    func advance(by seconds: Double) { ahead.withLock { $0 += seconds } }
}

/// Answers with `echo: …`, or always the same words.
struct FixedResponder: Responder {
    var text: String?

    func respond(to input: ResponderInput) -> ResponderOutput {
        ResponderOutput(
            state: [1],
            replies: [
                .init(text: text ?? "echo: " + input.text, protection: input.protection, topic: nil, variety: nil)
            ],
            handsOver: false)
    }
}
