import Bridge
import Foundation
import Logging
import StaffProtocol
import Store
import Synchronization

/// Which channels are on line, and since when.
final class ChannelBoard: Sendable {
    private let channels = Mutex<[String: BridgeStatus.Channel]>([:])
    /// Those whose changes staff are told.
    private let names: Set<String>
    private let changes: AsyncStream<Void>
    private let changed: AsyncStream<Void>.Continuation

    /// Every channel is off line until it says otherwise.
    init(names: [String]) {
        self.names = Set(names)
        (changes, changed) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(64))
        let now = Self.now
        channels.withLock { channels in
            for name in names { channels[name] = .init(name: name, isOnline: false, since: now) }
        }
    }

    func note(_ event: BridgeEvent) {
        switch event {
        case .online(let channel): set(channel.rawValue, true)
        case .offline(let channel): set(channel.rawValue, false)
        }
    }

    var all: [BridgeStatus.Channel] { channels.withLock { $0.values.sorted { $0.name < $1.name } } }

    /// Writes an event for staff after each change, until cancelled; changes from before this are told
    /// first.
    func tellStaff(_ writer: Writer, logger: Logger) async {
        for await _ in changes {
            do {
                try await writer.perform { try $0.addEvent(.channel) }
            } catch {
                logger.warning("staff could not be told of a channel: \(error)")
            }
        }
    }

    private func set(_ name: String, _ isOnline: Bool) {
        let now = Self.now
        let isChange = channels.withLock { channels in
            // Trying in vain once more is not a change.
            guard channels[name]?.isOnline != isOnline else { return false }
            channels[name] = .init(name: name, isOnline: isOnline, since: now)
            return true
        }
        if isChange, names.contains(name) { changed.yield() }
    }

    private static var now: Milliseconds { Milliseconds(Date().timeIntervalSince1970 * 1000) }
}
