import Foundation
import Inbox
import InboxReader
import StaffAgent
import StaffProtocol

/// What happens at the bridge while somebody works.
extension InboxBackend {
    func events() -> AsyncStream<ReaderEvent> {
        let (stream, continuation) = AsyncStream.makeStream(of: ReaderEvent.self)
        let follower = Task {
            await follow(continuation)
            continuation.finish()
        }
        let alarming = Task {
            for await alarm in alarms.stream { continuation.yield(.alarm(alarm)) }
        }
        continuation.onTermination = { _ in
            follower.cancel()
            alarming.cancel()
        }
        return stream
    }

    private func follow(_ continuation: AsyncStream<ReaderEvent>.Continuation) async {
        var pause = EventFollower.shortestPause
        var isLocked = false
        while !Task.isCancelled {
            do {
                // Numbers only; what the list shows is fetched beside it and may be newer, which does no harm.
                let start = try await work.connection.inbox(.mine, limit: 1).event
                for try await signal in work.events.signals(after: start) {
                    pause = EventFollower.shortestPause
                    isLocked = false
                    await tell(signal, continuation)
                }
            } catch {
                guard !Task.isCancelled else { return }
                let failure = ReaderFailure(error, texts: texts)
                switch failure.kind {
                // 'sila unlock' in another window, and it goes on.
                case .locked where (error as? AgentError)?.code == .notUnlocked:
                    if !isLocked { continuation.yield(.alarm(failure.message)) }
                    isLocked = true
                    continuation.yield(.link(isUp: false))
                case .locked, .notAllowed:
                    // Going on makes no sense.
                    continuation.yield(.alarm(failure.message))
                    return
                default: continuation.yield(.link(isUp: false))
                }
            }
            try? await Task.sleep(for: pause)
            pause = min(pause * 2, EventFollower.longestPause)
        }
    }

    private func tell(
        _ signal: EventFollower.Signal, _ continuation: AsyncStream<ReaderEvent>.Continuation
    ) async {
        switch signal {
        case .connected: continuation.yield(.link(isUp: true))
        case .lost: continuation.yield(.link(isUp: false))
        case .event(let event):
            switch event.kind {
            case .item, .itemChanged, .conversation, .erased:
                continuation.yield(.changed(event.conversation > 0 ? event.conversation : nil))
            case .roster:
                await rosterChanged(continuation)
                continuation.yield(.changed(nil))
            case .channel:
                await tellChannels(continuation)
                continuation.yield(.changed(nil))
            case .reset: continuation.yield(.changed(nil))
            }
        }
    }

    /// New keys before anything is read or sealed with old ones.
    private func rosterChanged(_ continuation: AsyncStream<ReaderEvent>.Continuation) async {
        do {
            try await work.rosterChanged()
        } catch {
            let failure = ReaderFailure(error, texts: texts)
            // A lost connection is said elsewhere, and the log-in after it reads the roster again.
            guard failure.kind != .offline else { return }
            continuation.yield(.alarm(failure.message))
        }
    }

    private func tellChannels(_ continuation: AsyncStream<ReaderEvent>.Continuation) async {
        guard let status = try? await work.connection.status() else { return }
        for channel in status.channels where !channel.isOnline {
            continuation.yield(.alarm(texts.session(.channelOffline, ["name": channel.name])))
        }
    }
}
