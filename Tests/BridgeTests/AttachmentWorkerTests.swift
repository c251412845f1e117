import Bridge
import Crypto
import Foundation
import Logging
import Messaging
import Sealing
import StaffProtocol
import Store
import Synchronization
import Testing

/// Files are fetched over days; each way to fail is told, and none is tried for ever.
@Suite(.timeLimit(.minutes(1)), .scratchFolder) struct AttachmentWorkerTests {
    /// A server that does what the test says.
    final class Server: AttachmentFetcher {
        let answers: Mutex<[Result<[UInt8], AttachmentFailure>]>
        let asked = Mutex(0)

        init(_ answers: [Result<[UInt8], AttachmentFailure>]) { self.answers = Mutex(answers) }

        func fetch(_ url: String, to descriptor: Int32, limit: Int64) async throws -> Int64 {
            asked.withLock { $0 += 1 }
            let answer = answers.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] }
            let bytes = try answer.get()
            try FileHandle(fileDescriptor: descriptor, closeOnDealloc: false).write(contentsOf: Data(bytes))
            return Int64(bytes.count)
        }
    }

    /// A store with one file to fetch, and what staff see of it.
    struct Desk {
        let writer: Writer
        let clock = TestClock()
        let service: StoreStaffService
        let viewer: Viewer
        let folder: URL

        init() async throws {
            folder = try ScratchFolder.path("attachments")
            let (keys, clock) = (try TestKeys(), clock)
            writer = try Store.open(
                path: folder.appending(path: "sila.sqlite").path, workingKey: keys.working,
                sealer: ArchiveSealer(keys: keys.archive), clock: StoreClock(now: { clock.now }))
            viewer = Viewer(member: try #require(MemberID(rawValue: "nadia")), role: .coordinator)
            service = StoreStaffService(
                writer: writer,
                ports: StaffPorts(
                    roles: { [:] }, isReleasedText: { _, _ in false },
                    suggest: { _ in Suggestions(variety: "", suggestions: []) }, wake: { _ in },
                    facts: { BridgeFacts(version: "", startedAt: 0, keyMode: "file", channels: [], warnings: []) }))
        }

        func receive(_ kind: AttachmentKind = .voice, secret: AttachmentSecret? = .random()) async throws {
            try await writer.perform { transaction in
                let conversation = try transaction.conversation(
                    for: Address(channel: .xmpp, value: "amina@example.org"))
                _ = try transaction.store(
                    MessageRecord(
                        text: "", direction: .incoming, author: .contact, sentAt: transaction.now,
                        receivedAt: transaction.now, channel: .xmpp, protection: secret == nil ? .none : .endToEnd),
                    carrying: IncomingAttachment(
                        url: "https://files.example.org/a", name: "a.ogg", kind: kind, secret: secret),
                    in: conversation)
            }
        }

        /// Runs a worker until the file is as wanted.
        func fetching(
            from server: Server, limit: Int64 = 1000, until isWanted: @Sendable (AttachmentInfo) -> Bool
        ) async throws {
            let worker = AttachmentWorker(
                writer: writer, fetcher: server, limit: limit,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            let numbers = service.eventNumbers()
            let task = Task { await worker.run() }
            for await _ in numbers {
                if isWanted(try await info()) { break }
                clock.advance(by: 25 * 3600)
                await worker.wake()
            }
            task.cancel()
            await task.value
        }

        func info() async throws -> AttachmentInfo {
            try #require(try await service.attachment(1, for: viewer).item.attachment)
        }

        var files: [String] {
            (try? FileManager.default.contentsOfDirectory(
                atPath: folder.appending(path: "attachments").path)) ?? []
        }
    }

    @Test func whatComesLaterIsFetchedLater() async throws {
        let desk = try await Desk()
        try await desk.receive()
        let server = Server([
            .failure(AttachmentFailure("unreachable", .maybeLater)), .failure(AttachmentFailure("cut", .maybeLater)),
            .success([1, 2, 3]),
        ])
        try await desk.fetching(from: server) { $0.state == "fetched" }
        let info = try await desk.info()
        #expect(info.attempts == 2 && info.size == 3 && info.failure == nil)
        #expect(desk.files.count == 1)
        let file = try await desk.service.attachmentFile(1, for: desk.viewer)
        #expect(try Data(contentsOf: URL(filePath: file.path)) == Data([1, 2, 3]))
        await desk.writer.close()
    }

    @Test func whatNeverComesIsGivenUp() async throws {
        let desk = try await Desk()
        try await desk.receive()
        let server = Server([.failure(AttachmentFailure("gone", .maybeLater))])
        try await desk.fetching(from: server) { $0.state == "failed" }
        #expect(server.asked.withLock { $0 } == 9)
        #expect(try await desk.info().failure == "gone")
        #expect(desk.files == [], "no half file stays")
        await #expect(throws: APIError.self) { try await desk.service.attachmentFile(1, for: desk.viewer) }
        await desk.writer.close()
    }

    @Test(arguments: [
        (AttachmentFailure("too-large", .tooLarge), "too-large"),
        (AttachmentFailure("private-address", .never), "failed"),
    ])
    func whatIsHopelessIsTriedOnce(failure: AttachmentFailure, state: String) async throws {
        let desk = try await Desk()
        try await desk.receive()
        let server = Server([.failure(failure)])
        try await desk.fetching(from: server) { $0.state == state }
        #expect(server.asked.withLock { $0 } == 1)
        await desk.writer.close()
    }

    @Test func whatCameInTheClearIsSealed() async throws {
        let desk = try await Desk()
        try await desk.receive(.photo, secret: nil)
        let words = Array("a photo that is no secret to its server".utf8)
        try await desk.fetching(from: Server([.success(words)])) { $0.state == "fetched" }
        let file = try await desk.service.attachmentFile(1, for: desk.viewer)
        let sealed = try Data(contentsOf: URL(filePath: file.path))
        #expect(sealed.count == words.count + 16 && sealed.range(of: Data(words)) == nil)
        await desk.writer.close()
    }

    @Test func filesWithoutARowGoAtTheStart() async throws {
        let desk = try await Desk()
        try await desk.receive()
        let folder = desk.folder.appending(path: "attachments")
        for name in ["0123", "0123.part"] { try Data([1]).write(to: folder.appending(path: name)) }
        try await desk.fetching(from: Server([.success([1])])) { $0.state == "fetched" }
        #expect(desk.files.count == 1 && !desk.files.contains("0123"))
        await desk.writer.close()
    }
}
