import Foundation
import Logging
import Messaging
import Store

/// Lays a sealed file down at a server.
public protocol AttachmentUploader: Sendable {
    /// - Parameters:
    ///   - path: of the file.
    ///   - size: its bytes.
    /// - Throws: `AttachmentFailure`.
    func upload(_ path: String, size: Int64, to slot: UploadSlot) async throws
}

/// Lays the files of staff down before their messages leave, one after another, over restarts.
public actor UploadWorker {
    /// Seconds to the next attempt after the first, second … has failed; after the last the message fails.
    private static let pauses: [Double] = [5, 30, 120, 600, 1800, 3600, 3600, 7200, 14_400, 28_800]

    private let writer: Writer
    private let link: any FileLink
    private let uploader: any AttachmentUploader
    private let logger: Logger
    private var isSignalled = true
    private var isClosed = false
    private var signal: CheckedContinuation<Void, Never>?
    private var timer: Task<Void, Never>?

    public init(writer: Writer, link: any FileLink, uploader: any AttachmentUploader, logger: Logger) {
        self.writer = writer
        self.link = link
        self.uploader = uploader
        self.logger = logger
    }

    /// There may be something to lay down.
    public func wake() {
        isSignalled = true
        signal.take()?.resume()
    }

    /// Works until cancelled.
    ///
    /// - Parameter uploaded: a message may leave now.
    public func run(uploaded: @escaping @Sendable () async -> Void) async {
        await withTaskCancellationHandler {
            while !isClosed {
                if !isSignalled { await withCheckedContinuation { signal = $0 } }
                isSignalled = false
                if isClosed { break }
                do {
                    let (jobs, next) = try await writer.perform { (try $0.dueUploads(limit: 16), try $0.nextUpload()) }
                    for job in jobs where !isClosed { try await work(job) }
                    if !jobs.isEmpty {
                        await uploaded()
                        wake()
                    } else if let next {
                        wake(after: max(0.1, next.timeIntervalSinceNow))
                    }
                } catch {
                    logger.notice("files of staff wait: \(error)")
                    wake(after: 30)
                }
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

    private func wake(after seconds: Double) {
        timer?.cancel()
        timer = Task {
            try? await Task.sleep(for: .seconds(seconds))
            if !Task.isCancelled { wake() }
        }
    }

    private func work(_ job: UploadJob) async throws {
        do {
            let slot = try await link.uploadSlot(name: job.name, size: job.size)
            try await uploader.upload(writer.attachments.path + "/" + job.token, size: job.size, to: slot)
            try await writer.perform { transaction in
                // Without a message that waits it would be laid down again and again.
                if try !transaction.setUploaded(job.id, at: slot.get) {
                    try transaction.failUpload(job.id, as: "failed", failure: "no-message")
                }
            }
        } catch let failure as AttachmentFailure {
            try await settle(job, failure.word, isFinal: failure.outlook != .maybeLater)
        } catch let error as UndeliverableError {
            try await settle(job, error.code, isFinal: !error.isTemporary)
        } catch is CancellationError {
            isClosed = true
        }
        // No connection is no fault of the file: whoever is online again wakes us.
    }

    private func settle(_ job: UploadJob, _ code: String, isFinal: Bool) async throws {
        logger.warning("a file of staff could not be laid down", metadata: ["code": "\(code)"])
        let isLast = job.attempts >= Self.pauses.count
        let pause = isLast ? 0 : Self.pauses[job.attempts]
        try await writer.perform { transaction in
            if isFinal || isLast {
                try transaction.failUpload(
                    job.id, as: code.hasPrefix("too-large") ? "too-large" : "failed", failure: code)
            } else {
                try transaction.putOffUpload(
                    job.id, failure: code, until: transaction.now.addingTimeInterval(pause))
            }
        }
    }
}
