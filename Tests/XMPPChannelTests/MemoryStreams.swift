import Foundation
import Messaging

/// Streams kept in memory: what a link writes down, and what it said of the last run.
actor MemoryStreams: StreamKeeper {
    struct Settled: Equatable, Sendable {
        let stream: Int64
        let taken: Int64?
        let isResumed: Bool
    }

    private(set) var last: StoredStream?
    private(set) var settled: [Settled] = []
    private(set) var gaps: [Date?] = []

    func stored() async throws -> StoredStream? { last.flatMap { $0.key.id.isEmpty ? nil : $0 } }

    func begin(_ key: StreamKey) async throws -> Int64 {
        let number = (last?.mark.stream ?? 0) + 1
        last = StoredStream(
            key: key,
            mark: StreamMark(stream: number, committed: 0, acknowledged: 0, ceiling: StreamMark.headroom),
            isCaughtUp: false)
        return number
    }

    func settle(_ stream: Int64, taken: Int64?, isResumed: Bool) async {
        settled.append(Settled(stream: stream, taken: taken, isResumed: isResumed))
        guard isResumed, let last, let taken else { return }
        self.last = StoredStream(
            key: last.key,
            mark: StreamMark(
                stream: stream, committed: last.mark.committed, acknowledged: taken,
                ceiling: taken + StreamMark.headroom),
            isCaughtUp: last.isCaughtUp)
    }

    func caughtUp(_ stream: Int64) async throws {
        guard let last, last.mark.stream == stream else { return }
        self.last = StoredStream(key: last.key, mark: last.mark, isCaughtUp: true)
    }

    func keep(_ mark: StreamMark) async throws {
        guard let last, last.mark.stream == mark.stream else { return }
        self.last = StoredStream(
            key: last.key,
            mark: StreamMark(
                stream: mark.stream, committed: max(last.mark.committed, mark.committed),
                acknowledged: max(last.mark.acknowledged, mark.acknowledged),
                ceiling: max(last.mark.ceiling, mark.ceiling)),
            isCaughtUp: last.isCaughtUp)
    }

    func foundGap(until first: Date?) async throws { gaps.append(first) }
}
