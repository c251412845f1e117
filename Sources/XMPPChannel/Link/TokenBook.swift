import Messaging
import Synchronization
import XMPP

/// What each acknowledgement token stands for.
final class TokenBook: Sendable {
    struct Entry: Sendable {
        /// The stream's number; `nil` for a message from the archive.
        let number: UInt64?
        let receipt: Element?
    }

    private struct State: Sendable {
        var last: UInt64 = 0
        /// The stream that is up, and for each entry the one on which it came.
        var stream = 0
        var entries: [UInt64: (entry: Entry, stream: Int)] = [:]
        var owed: [Element] = []
    }

    /// Receipts kept while there is no stream at most; the oldest go.
    private static let mostOwed = 1_000

    private let state = Mutex(State())

    func make(_ entry: Entry) -> AcknowledgementToken {
        state.withLock { state in
            state.last += 1
            state.entries[state.last] = (entry, state.stream)
            return AcknowledgementToken(state.last)
        }
    }

    @discardableResult
    func take(_ token: AcknowledgementToken) -> Entry? {
        state.withLock { $0.entries.removeValue(forKey: token.rawValue)?.entry }
    }

    /// The stream's numbers of these, without taking them.
    func numbers(_ tokens: [AcknowledgementToken]) -> [UInt64] {
        state.withLock { state in tokens.compactMap { state.entries[$0.rawValue]?.entry.number } }
    }

    /// A new stream. A message of the last one may be about to be committed, and its sender is told so;
    /// what came before that was dropped somewhere, and comes again from the archive.
    func beginStream() {
        state.withLock { state in
            state.stream += 1
            state.entries = state.entries.filter { $0.value.stream >= state.stream - 1 }
        }
    }

    /// Keeps a receipt that could not be sent.
    func owe(_ receipt: Element) {
        state.withLock { state in
            if state.owed.count == Self.mostOwed { state.owed.removeFirst() }
            state.owed.append(receipt)
        }
    }

    func takeOwed() -> [Element] {
        state.withLock { state in
            defer { state.owed = [] }
            return state.owed
        }
    }
}
