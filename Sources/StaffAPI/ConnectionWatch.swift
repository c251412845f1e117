import NIOCore
import Sealing
import Synchronization

/// Watches over one connection: closes it when a request that has begun does not come whole in time, or when nobody
/// reads the answer. Hummingbird's own timer begins anew at each byte, and stands still while an answer is under way.
final class ConnectionWatch: ChannelInboundHandler, RemovableChannelHandler, Sendable {
    typealias InboundIn = NIOAny

    private enum Phase { case idle, receiving(NIODeadline), working }

    private struct State {
        var phase = Phase.idle
        /// Whether parts of the next request came while this one was worked on.
        var hasMore = false
        /// Since when the reader takes nothing.
        var blocked: NIODeadline?
        var member: MemberID?
        var channel: (any Channel)?
        var looking: RepeatedTask?
    }

    private let state = Mutex(State())
    private let book: ConnectionBook
    private let patience: TimeAmount

    /// - Parameter patience: for a whole request, and for the next part of an answer.
    init(book: ConnectionBook, patience: TimeAmount) {
        self.book = book
        self.patience = patience
    }

    /// Whose session was used here last; `nil` before there was one.
    var member: MemberID? { state.withLock { $0.member } }

    /// Whether nothing is lost with it but what its own peer holds up.
    var isInTheWay: Bool {
        state.withLock { state in
            if case .working = state.phase { return state.blocked != nil }
            return true
        }
    }

    /// The request is here with its whole body.
    func received() {
        state.withLock { state in
            state.phase = .working
            state.hasMore = false
        }
    }

    /// The answer was given to the connection.
    func answered() {
        state.withLock { state in
            state.phase = state.hasMore ? .receiving(.now()) : .idle
            state.hasMore = false
        }
    }

    /// A request of a session of this member came here.
    func belongs(to member: MemberID) {
        let isNew = state.withLock { state in
            defer { state.member = member }
            return state.member != member
        }
        if isNew { book.makeRoom(for: member) }
    }

    func close() { state.withLock { $0.channel }?.close(promise: nil) }

    private func look() {
        let isLate = state.withLock { state in
            let since = NIODeadline.now() - patience
            if let blocked = state.blocked, blocked <= since { return true }
            if case .receiving(let began) = state.phase { return began <= since }
            return false
        }
        if isLate { close() }
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let beat = TimeAmount.nanoseconds(patience.nanoseconds / 5)
        let looking = context.eventLoop.scheduleRepeatedTask(initialDelay: beat, delay: beat) { [weak self] _ in
            self?.look()
        }
        let channel = context.channel
        state.withLock { state in
            state.channel = channel
            state.looking = looking
        }
        book.add(self, on: channel)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        book.remove(context.channel)
        state.withLock { state in
            state.looking?.cancel()
            state.looking = nil
            state.channel = nil
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        state.withLock { state in
            switch state.phase {
            case .idle: state.phase = .receiving(.now())
            case .receiving: break
            case .working: state.hasMore = true
            }
        }
        context.fireChannelRead(data)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        let isWritable = context.channel.isWritable
        state.withLock { $0.blocked = isWritable ? nil : .now() }
        context.fireChannelWritabilityChanged()
    }
}
