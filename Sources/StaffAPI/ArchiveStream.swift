import Foundation
import HummingbirdCore
import Logging
import StaffProtocol

/// The archive as a `BulkStream`. One that cannot be finished is cut off without its last frame; the
/// client goes on at the last item that came whole.
struct ArchiveStream: Sendable {
    let service: any StaffService
    let gate: Gatekeeper
    let session: SessionBook.ID
    let stream: OpenStream
    let after: Int64
    /// Read before the answer began, so that an error there is still told as one.
    let first: ArchiveChunk
    let logger: Logger

    var body: ResponseBody {
        ResponseBody { writer in
            try await stream.run { watch in try await serve(&writer, watch) }
            try await writer.finish(nil)
        }
    }

    private func serve(_ writer: inout any ResponseBodyWriter, _ watch: StreamGuard) async throws {
        var frames = BulkFrameWriter(after: after)
        var chunk = first
        var position = after
        do {
            try await OpenStream.write(frames.start(), to: &writer, watch)
            while true {
                try await OpenStream.write(try frames.frames(chunk), to: &writer, watch)
                guard let next = chunk.next else { break }
                guard next > position else { throw BulkFrameError.outOfOrder(position: next, after: position) }
                guard !watch.isOver else { throw APIError.ending }
                position = next
                // The role may have changed since: asked for anew each time.
                let viewer = try await gate.admit(session).viewer
                chunk = try await service.archive(after: position, limit: Limits.archiveBatch, for: viewer)
            }
            try await OpenStream.write(frames.finish(), to: &writer, watch)
        } catch {
            let reason = (error as? APIError)?.code.rawValue ?? "\(type(of: error))"
            logger.notice(
                "archive stream cut off", metadata: ["reason": "\(reason)", "items": "\(frames.count)"])
            throw error
        }
    }
}
