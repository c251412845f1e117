import Foundation
import Logging
import Messaging
import Store

/// Keeps one channel's stream in the store.
struct StreamLog: StreamKeeper {
    let channel: ChannelID
    let writer: Writer
    let hooks: any BridgeHooks
    let logger: Logger

    func stored() async throws -> StoredStream? {
        try await writer.perform { [channel] in try $0.stream(of: channel) }
    }

    func begin(_ key: StreamKey) async throws -> Int64 {
        try await writer.perform { [channel] in try $0.beginStream(key, on: channel) }
    }

    func settle(_ stream: Int64, taken: Int64?, isResumed: Bool) async {
        hooks.reached(.resuming)
        var delay = Backoff(first: .seconds(1), most: .seconds(30))
        while !Task.isCancelled {
            do {
                let done = try await writer.perform { [channel] in
                    try $0.settleStream(stream, taken: taken, isResumed: isResumed, on: channel)
                }
                logger.notice(
                    isResumed
                        ? "resumed across a restart" : "the stream from before the restart is not there any more",
                    metadata: [
                        "confirmed": "\(done.confirmed)", "again": "\(done.again)", "counted": "\(taken != nil)",
                    ])
                hooks.reached(.resumed)
                return
            } catch StoreError.closed {
                return
            } catch {
                // Until then nothing leaves.
                logger.error("what was sent before the restart waits to be settled: \(error)")
                await delay.wait()
            }
        }
    }

    func caughtUp(_ stream: Int64) async throws {
        try await writer.perform { [channel] in try $0.streamIsCaughtUp(stream, on: channel) }
    }

    func keep(_ mark: StreamMark) async throws {
        try await writer.perform { [channel] in try $0.keep(mark, of: channel) }
    }

    func foundGap(until first: Date?) async throws {
        try await writer.perform { [channel] in try $0.addArchiveGap(until: first, on: channel) }
        logger.error("the archive has a gap, messages may be missing: staff see when with 'sila bridge gaps'")
    }
}
