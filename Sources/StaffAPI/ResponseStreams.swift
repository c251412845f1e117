import Foundation
import HummingbirdCore
import Logging
import NIOCore
import StaffProtocol

/// A response that goes on for as long as there is something to say.
struct OpenStream: Sendable {
    let streams: StreamRegistry
    let clock: any StaffClock
    let channel: any Channel
    let member: String
    let logger: Logger

    /// Runs `work` under a guard: woken by `news`, by a beat each `StaffEvent.heartbeat` seconds, and
    /// ended when the connection closes, nobody reads, the task is cancelled, or the daemon ends.
    ///
    /// Throws what `work` throws; `tooMany` or `unavailable` before it begins.
    func run(
        news: AsyncStream<Int64>? = nil, _ work: (StreamGuard) async throws -> Void
    ) async throws {
        let watch = StreamGuard()
        let id = try streams.add(member: member) { watch.end() }
        defer { streams.remove(id) }
        channel.closeFuture.whenComplete { _ in watch.end() }
        try await withTaskCancellationHandler {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { [clock, channel, logger, member] in
                    while true {
                        try await clock.sleep(for: .seconds(StaffEvent.heartbeat))
                        guard watch.beat() else { continue }
                        logger.notice("stream closed: nobody reads it", metadata: ["member": "\(member)"])
                        // Closing is the only thing that ends the write under way.
                        watch.end()
                        channel.close(promise: nil)
                    }
                }
                if let news {
                    group.addTask {
                        for await _ in news { watch.news() }
                        watch.end()
                    }
                }
                defer { group.cancelAll() }
                try await work(watch)
            }
        } onCancel: {
            watch.end()
        }
    }

    /// Writes bytes; suspends while the reader is behind.
    static func write(
        _ bytes: [UInt8], to writer: inout any ResponseBodyWriter, _ watch: StreamGuard
    ) async throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            watch.writing(true)
            defer { watch.writing(false) }
            try await writer.write(ByteBuffer(bytes: rest.prefix(Limits.piece)))
            rest = rest.dropFirst(Limits.piece)
        }
    }
}
