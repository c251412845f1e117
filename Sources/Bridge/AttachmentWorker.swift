import CProcess
import Foundation
import Logging
import Messaging
import Sealing
import Store

/// Brings a file from where a contact's app laid it down.
public protocol AttachmentFetcher: Sendable {
    /// - Parameters:
    ///   - descriptor: open for writing; stays open.
    ///   - limit: bytes at most.
    /// - Returns: bytes written. Throws `AttachmentFailure`.
    func fetch(_ url: String, to descriptor: Int32, limit: Int64) async throws -> Int64
}

/// Why a file could not be had.
public struct AttachmentFailure: Error, Sendable, Equatable {
    public enum Outlook: Sendable { case maybeLater, never, tooLarge }

    /// A fixed word, which staff read: `gone`, `unreachable`, `certificate` …
    public let word: String
    public let outlook: Outlook

    public init(_ word: String, _ outlook: Outlook) {
        self.word = word
        self.outlook = outlook
    }
}

/// Fetches files after the commit that stored their messages, a few at a time, over days and restarts.
public actor AttachmentWorker {
    /// Files at once.
    private static let width = 3
    /// Minutes to the next attempt after the first, second … has failed; after the last it is given up.
    static let pauses: [Double] = [1, 5, 30, 120, 360, 720, 1440, 1440]

    private let writer: Writer
    private let fetcher: any AttachmentFetcher
    private let limit: Int64
    private let logger: Logger
    private var busy: Set<Int64> = []
    private var isSignalled = true
    private var isClosed = false
    private var signal: CheckedContinuation<Void, Never>?
    private var timer: Task<Void, Never>?

    /// - Parameter limit: bytes of a file at most.
    public init(writer: Writer, fetcher: any AttachmentFetcher, limit: Int64, logger: Logger) {
        self.writer = writer
        self.fetcher = fetcher
        self.limit = limit
        self.logger = logger
    }

    /// There may be something to fetch.
    public func wake() {
        isSignalled = true
        signal.take()?.resume()
    }

    /// Works until cancelled.
    public func run() async {
        await withTaskCancellationHandler {
            try? await writer.perform { try $0.forgetStagedAttachments() }
            try? await writer.removeForeignAttachments(unfinishedToo: true)
            await withTaskGroup(of: Void.self) { group in
                while !isClosed {
                    await waitForSignal()
                    if isClosed { break }
                    do {
                        for job in try await due() {
                            busy.insert(job.id)
                            group.addTask { await self.work(job) }
                        }
                    } catch {
                        logger.error("attachments wait: \(error)")
                        wake(after: 30)
                    }
                }
                group.cancelAll()
            }
        } onCancel: {
            Task { await self.close() }
        }
    }

    private func close() {
        isClosed = true
        timer?.cancel()
        wake()
    }

    private func waitForSignal() async {
        if !isSignalled, !isClosed { await withCheckedContinuation { signal = $0 } }
        isSignalled = false
    }

    private func due() async throws -> [AttachmentJob] {
        let (busy, room) = (busy, Self.width - busy.count)
        guard room > 0 else { return [] }
        let (jobs, next) = try await writer.perform {
            (try $0.dueAttachments(leavingOut: busy, limit: room), try $0.nextAttachment())
        }
        if let next { wake(after: max(0.1, next.timeIntervalSinceNow)) }
        return jobs
    }

    private func wake(after seconds: Double) {
        timer?.cancel()
        timer = Task {
            try? await Task.sleep(for: .seconds(seconds))
            if !Task.isCancelled { wake() }
        }
    }

    private func work(_ job: AttachmentJob) async {
        do {
            try await settle(job, await fetch(job))
        } catch is CancellationError {
            // It waits for the next start.
        } catch {
            // The disk took nothing: the file still waits, and is fetched again.
            logger.error("an attachment could not be kept: \(error)")
            try? await Task.sleep(for: .seconds(30))
        }
        busy.remove(job.id)
        wake()
    }

    private func settle(_ job: AttachmentJob, _ result: Result<Int64, AttachmentFailure>) async throws {
        switch result {
        case .success(let size):
            let isKept = try await writer.perform { try $0.setFetched(attachment: job.id, size: size) }
            if !isKept { writer.attachments.remove(job.token) }
            logger.info("an attachment is here", metadata: ["bytes": "\(size)"])
        case .failure(let failure):
            logger.warning(
                "an attachment could not be fetched",
                metadata: ["code": "\(failure.word)", "attempt": "\(job.attempts + 1)"])
            let isLast = job.attempts >= Self.pauses.count
            let pause = isLast ? 0 : Self.pauses[job.attempts]
            try await writer.perform { transaction in
                switch failure.outlook {
                case .tooLarge: try transaction.giveUp(attachment: job.id, as: "too-large", failure: failure.word)
                case .maybeLater where !isLast:
                    try transaction.putOff(
                        attachment: job.id, failure: failure.word, until: transaction.now.addingTimeInterval(pause * 60)
                    )
                case .never, .maybeLater:
                    try transaction.giveUp(attachment: job.id, as: "failed", failure: failure.word)
                }
            }
        }
    }

    /// Lays the file down, sealed. Throws what is of this machine and not of the file.
    private func fetch(_ job: AttachmentJob) async throws -> Result<Int64, AttachmentFailure> {
        let folder = writer.attachments
        let descriptor = try folder.begin(job.token)
        defer { Foundation.close(descriptor) }
        do {
            let size =
                if let secret = job.secret {
                    try await fetchUnencrypted(job.url, sealedWith: secret, to: descriptor)
                } else {
                    try await fetcher.fetch(job.url, to: descriptor, limit: limit)
                }
            try folder.keep(job.token, descriptor)
            return .success(size)
        } catch let failure as AttachmentFailure {
            folder.discard(job.token)
            return .failure(failure)
        } catch {
            folder.discard(job.token)
            throw error
        }
    }

    /// What came in the clear touches the disk sealed only: it is gathered in memory.
    private func fetchUnencrypted(
        _ url: String, sealedWith secret: AttachmentSecret, to descriptor: Int32
    ) async throws -> Int64 {
        let memory = sila_process_memory_file()
        guard memory >= 0 else { throw StoreError.notWritable(code: errno, reason: "no memory for a file") }
        let handle = FileHandle(fileDescriptor: memory, closeOnDealloc: true)
        _ = try await fetcher.fetch(url, to: memory, limit: limit)
        try handle.seek(toOffset: 0)
        let sealed = try AttachmentCipher.seal(try handle.readToEnd() ?? Data(), with: secret)
        try FileHandle(fileDescriptor: descriptor, closeOnDealloc: false).write(contentsOf: sealed)
        return Int64(sealed.count)
    }
}
