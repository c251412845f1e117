import Foundation
import HTTPClient
import StaffProtocol

/// Reads the archive that this member is served as one stream of sealed items.
public struct BulkFetch: Sendable {
    private let connection: StaffConnection

    public init(_ connection: StaffConnection) { self.connection = connection }

    /// What was reached.
    public struct End: Sendable, Equatable {
        /// The position of the last item.
        public var position: Int64
        public var items: Int64
        /// The number of the last event that this reflects: events after it are followed from here.
        public var event: Int64
    }

    /// One stream, in batches of what came together; the bridge is not read from while a batch is
    /// not taken. Ends after the frame `end`.
    ///
    /// Throws `BulkStreamError` or `ConnectionError` when it was cut off or is damaged.
    public func batches(
        after position: Int64 = 0
    ) async throws -> AsyncThrowingStream<[BulkFrameReader.Frame], any Error> {
        var request = StaffRequest(.streamArchive)
        request.query = [("after", "\(position)")]
        let stream = try await connection.open(
            request, silence: connection.patience.bulkSilence, type: BulkStream.contentType)
        let reading = BulkReading(stream: stream, after: position, socket: connection.client.socketPath)
        return AsyncThrowingStream { try await reading.next() }
    }

    /// Reads everything, and goes on after cuts where the last item came whole.
    ///
    /// - Parameters:
    ///   - position: items above it.
    ///   - attempts: how often in a row it may be cut without a new item.
    ///   - take: is given segments before their items. After a cut segments come again.
    public func run(
        after position: Int64 = 0, attempts: Int = 3, _ take: ([BulkFrameReader.Frame]) async throws -> Void
    ) async throws -> End {
        var reached = End(position: position, items: 0, event: 0)
        var fruitless = 0
        while true {
            let before = reached.position
            do {
                for try await batch in try await batches(after: reached.position) {
                    try await take(batch)
                    for frame in batch {
                        switch frame {
                        case .segment: break
                        case .item(let item, _, _):
                            reached.position = item.position
                            reached.items += 1
                        case .end(_, _, let event):
                            reached.event = event
                            return reached
                        }
                    }
                }
            } catch let error as BulkStreamError where error.isCut {
                try note(error, &fruitless, reached.position > before, attempts)
            } catch let error as ConnectionError where error.isInterruption {
                try note(error, &fruitless, reached.position > before, attempts)
            }
        }
    }

    private func note(_ error: any Error, _ fruitless: inout Int, _ wasUseful: Bool, _ attempts: Int) throws {
        try Task.checkCancellation()
        fruitless = wasUseful ? 0 : fruitless + 1
        guard fruitless < attempts else { throw error }
    }
}

/// The state of one stream.
private actor BulkReading {
    private let stream: HTTPStream
    private let socket: String
    private var reader: BulkFrameReader
    private var isDone = false

    init(stream: HTTPStream, after position: Int64, socket: String) {
        self.stream = stream
        self.socket = socket
        reader = BulkFrameReader(after: position)
    }

    func next() async throws -> [BulkFrameReader.Frame]? {
        var body = stream.body.makeAsyncIterator()
        while !isDone {
            do {
                if let chunk = try await body.next() {
                    reader.append(chunk)
                } else {
                    isDone = true
                    try reader.finish()
                }
            } catch let error as HTTPError {
                isDone = true
                // What came whole before the cut counts; the reader says where to go on.
                guard reader.isEnded else { throw ConnectionError(error, socket: socket) }
            }
            var frames: [BulkFrameReader.Frame] = []
            while let frame = try reader.next() { frames.append(frame) }
            if !frames.isEmpty { return frames }
        }
        return nil
    }
}
