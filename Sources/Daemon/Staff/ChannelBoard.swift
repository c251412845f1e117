import Bridge
import Foundation
import StaffProtocol
import Synchronization

/// Which channels are on line, and since when.
final class ChannelBoard: Sendable {
    private let channels = Mutex<[String: BridgeStatus.Channel]>([:])

    /// Every channel is off line until it says otherwise.
    init(names: [String]) {
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

    private func set(_ name: String, _ isOnline: Bool) {
        let now = Self.now
        channels.withLock { channels in
            // Trying in vain once more is not a change.
            if channels[name]?.isOnline != isOnline {
                channels[name] = .init(name: name, isOnline: isOnline, since: now)
            }
        }
    }

    private static var now: Milliseconds { Milliseconds(Date().timeIntervalSince1970 * 1000) }
}
