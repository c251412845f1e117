import Bridge
import Foundation
import Logging
import Messaging
import OMEMO
import Sealing
import SignalProtocol
import Store
import Synchronization
import Unsealing
import XMPP
@_spi(Benchmarks) import XMPPChannel

/// The bridge with its store, a channel in memory, and the people who write to it.
///
/// Not `Sendable`: the task that made it runs the workload.
final class Workbench {
    private let people: [Contact]
    private let texts: [String]
    private let channel: DetachedXMPPCodec
    private let link: MemoryLink
    private let commits: CommitCounter
    private var archived = 0

    private init(
        people: [Contact], texts: [String], channel: DetachedXMPPCodec, link: MemoryLink, commits: CommitCounter
    ) {
        self.people = people
        self.texts = texts
        self.channel = channel
        self.link = link
        self.commits = commits
    }

    /// What lies in the store before.
    struct FillingSize {
        let messages: Int
        let contacts: Int
    }

    /// Makes everything, runs `body` after each person has written once and read the reply, and
    /// closes the store.
    static func run(
        store: String, people count: Int, texts: [String], filling: FillingSize,
        _ body: (Workbench) async throws -> Measurement
    ) async throws -> Measurement {
        let commits = CommitCounter()
        let jids = (0..<count).map { String(format: "contact-%04d@example.org", $0) }
        let writer = try openStore(at: store, observer: commits)
        try await Filling(writer: writer, messages: filling.messages, contacts: filling.contacts, texts: texts).run()
        let channel = DetachedXMPPCodec()
        let keys = try await addCodec(of: channel, to: writer)
        let context = try SignalContext()
        let link = MemoryLink { channel.material(for: $0.value) }
        let bridge = Bridge(
            writer: writer, links: [link], responder: Echo(),
            logger: Logger(label: "path-benchmark") { _ in SwiftLogNoOpLogHandler() })
        let running = Task { try await bridge.run() }
        let bench = Workbench(
            people: try jids.map { try Contact(jid: $0, context: context, bridge: keys) }, texts: texts,
            channel: channel, link: link, commits: commits)
        _ = try await bench.round(0)
        let result = try await body(bench)
        running.cancel()
        _ = try? await running.value
        await writer.close()
        return result
    }

    static func makeEmptyStore(at path: String) async throws {
        await (try openStore(at: path, observer: NoCommitObserver())).close()
    }

    private static func openStore(at path: String, observer: any CommitObserver) throws -> Writer {
        guard !FileManager.default.fileExists(atPath: path) else { throw BenchmarkError("\(path) exists already") }
        guard let member = MemberID(rawValue: "benchmark") else { throw BenchmarkError("no name for the coordinator") }
        let founding = try Founding(
            coordinator: member, passphrase: Passphrase("only for a benchmark, kept nowhere"), at: Date())
        return try Store.open(
            path: path, workingKey: WorkingKey(root: founding.workingKey),
            sealer: ArchiveSealer(roster: founding.verified), observer: observer)
    }

    /// The codec of the XMPP channel, as the daemon makes it.
    private static func addCodec(of channel: DetachedXMPPCodec, to writer: Writer) async throws -> BridgeKeys {
        let made = Mutex<BridgeKeys?>(nil)
        try await writer.addCodec(for: .xmpp) { store in
            let engine = try OMEMOEngine(context: SignalContext(), store: store, ownJID: Contact.helpline)
            try engine.setUp()
            let (device, bundle) = (try engine.deviceList().devices.first, try engine.bundle())
            made.withLock { $0 = device.map { BridgeKeys(device: $0, bundle: bundle) } }
            return channel.codec(engine: engine, savepoint: { try store.savepoint($0) })
        }
        guard let keys = made.withLock({ $0 }) else { throw BenchmarkError("the bridge has no device") }
        return keys
    }

    /// 200 conversations, one message in and one out in each round: every ratchet turns each time.
    func pingPong(rounds: Int) async throws -> Measurement {
        var stopwatch = Stopwatch()
        let before = commits.count
        for number in 1...rounds {
            let envelopes = try people.indices.map { try envelope(from: $0, number: number) }
            let replies = await stopwatch.measure { await link.exchange(envelopes) }
            try read(replies)
        }
        return Measurement(
            messages: rounds * people.count, stopwatch: stopwatch, transactions: commits.count - before)
    }

    /// One person writes without reading: all messages stand on one chain.
    func burst(count: Int) async throws -> Measurement {
        var stopwatch = Stopwatch()
        let before = commits.count
        let envelopes = try (0..<count).map { try envelope(from: 0, number: $0) }
        let replies = await stopwatch.measure { await link.exchange(envelopes) }
        let transactions = commits.count - before
        try read(replies)
        return Measurement(messages: count, stopwatch: stopwatch, transactions: transactions)
    }

    private func round(_ number: Int) async throws {
        let envelopes = try people.indices.map { try envelope(from: $0, number: number) }
        try read(await link.exchange(envelopes))
    }

    private func envelope(from person: Int, number: Int) throws -> Envelope {
        archived += 1
        let id = String(format: "00000000-0000-4000-8000-%012lx", archived)
        let stanza = try people[person].write(texts[(person * 7 + number) % texts.count], id: id)
        return Envelope(
            sender: Address(channel: .xmpp, value: people[person].jid), dedup: .archive(id: id), sentAt: Date(),
            payload: channel.payload(stanza), token: AcknowledgementToken(UInt64(archived)),
            position: ArchivePosition(id))
    }

    /// Every reply must open on its contact's device.
    private func read(_ replies: [MemoryLink.Departure]) throws {
        let byJID = Dictionary(people.map { ($0.jid, $0) }, uniquingKeysWith: { first, _ in first })
        for reply in replies {
            let stanza = try Element(parsing: reply.bytes)
            guard let jid = stanza["to"], let person = byJID[jid] else {
                throw BenchmarkError("a reply has no addressee")
            }
            _ = try person.read(stanza)
        }
    }
}

/// Answers with the same words.
private struct Echo: Responder {
    func respond(to input: ResponderInput) -> ResponderOutput {
        ResponderOutput(
            state: [1],
            replies: [.init(text: input.text, protection: input.protection, topic: nil, variety: nil)],
            handsOver: false)
    }
}
