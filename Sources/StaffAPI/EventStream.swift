import Foundation
import HummingbirdCore
import Logging
import StaffProtocol

/// Server-sent events (HTML Living Standard, §9.2): ids are durable, so that a client that comes back with
/// `Last-Event-ID` misses none.
struct EventStream: Sendable {
    static let contentType = "text/event-stream"

    let service: any StaffService
    let gate: Gatekeeper
    let session: SessionBook.ID
    let stream: OpenStream
    /// The number of the last event that the client has.
    let after: Int64
    let logger: Logger

    var body: ResponseBody {
        ResponseBody { writer in
            // Before the first look at what is stored, so that nothing falls in between.
            let news = service.eventNumbers()
            do {
                try await stream.run(news: news) { watch in
                    try await OpenStream.write(Self.comment, to: &writer, watch)
                    try await serve(&writer, watch)
                }
            } catch let error as APIError {
                // The session has ended, or there are too many streams: the client asks anew and is told.
                logger.debug("event stream ended", metadata: ["reason": "\(error.code.rawValue)"])
            }
            try await writer.finish(nil)
        }
    }

    private func serve(_ writer: inout any ResponseBodyWriter, _ watch: StreamGuard) async throws {
        var place = Place(reached: after, told: after)
        repeat {
            while !watch.isOver {
                // The role may have changed since: asked for anew each time.
                let viewer = try await gate.admit(session).viewer
                let batch = try await service.eventBatch(after: place.reached, limit: Limits.eventBatch, for: viewer)
                // Who left while it was read is told nothing of it.
                _ = try await gate.admit(session)
                place.reached = batch.reached
                guard let newest = batch.events.last else { break }
                try await OpenStream.write(try batch.events.flatMap(Self.text), to: &writer, watch)
                place.told = newest.number
                if batch.events.count < Limits.eventBatch { break }
            }
        } while try await hasNews(&writer, watch, &place)
    }

    /// How far events were looked at, and up to where the client knows that.
    private struct Place {
        var reached: Int64
        var told: Int64
    }

    /// Waits for news; false when the stream is to end.
    private func hasNews(
        _ writer: inout any ResponseBodyWriter, _ watch: StreamGuard, _ place: inout Place
    ) async throws -> Bool {
        while true {
            switch await watch.wait() {
            case .news: return true
            case .end: return false
            case .beat:
                _ = try await gate.admit(session)
                // An id without data is no event: only the client's mark moves over what others were told.
                let mark = place.reached > place.told ? Array("id: \(place.reached)\n".utf8) : []
                try await OpenStream.write(mark + Self.comment, to: &writer, watch)
                place.told = max(place.told, place.reached)
            }
        }
    }

    /// A line that clients ignore: shows that the connection lives.
    private static let comment = Array(": sila\n\n".utf8)

    static func text(_ event: StaffEvent) throws -> [UInt8] {
        let data = String(decoding: try StrictJSON.encode(event), as: UTF8.self)
        return Array("id: \(event.number)\nevent: \(event.kind.rawValue)\ndata: \(data)\n\n".utf8)
    }
}
