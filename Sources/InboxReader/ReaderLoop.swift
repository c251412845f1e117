import Foundation
import Glibc
import Synchronization
import TerminalText

/// The thread that reads keys and draws. Nothing else touches the terminal; what takes time is asked in
/// tasks, and their answers come back through `inputs`.
final class ReaderLoop: Sendable {
    private let options: InboxReader.Options
    private let texts: StaffTexts
    private let backend: any ReaderBackend
    private let me: ReaderMe
    private let wake: Wake
    /// Answers and events that wait for the thread.
    private let inputs = Mutex<[ReaderInput]>([])
    /// Set when nobody listens any more: an answer that comes late is dropped.
    private let isClosed = Mutex(false)

    init(options: InboxReader.Options, texts: StaffTexts, backend: any ReaderBackend, me: ReaderMe, wake: Wake) {
        self.options = options
        self.texts = texts
        self.backend = backend
        self.me = me
        self.wake = wake
    }

    func post(_ input: ReaderInput) {
        inputs.withLock { $0.append(input) }
        isClosed.withLock { if !$0 { wake.wake() } }
    }

    /// Gives the pipe back.
    func close() {
        isClosed.withLock { isClosed in
            if !isClosed { wake.close() }
            isClosed = true
        }
    }

    /// Runs until the person quits, the terminal is gone or the process is told to end.
    func run() throws(TerminalMode.Failure) {
        let mode = try TerminalMode(input: options.input, output: options.output)
        var session = Session(mode: mode, decoder: KeyDecoder(), painter: Painter(hasColour: options.hasColour))
        var state = ReaderState(
            me: me, size: size(), now: now(), changePrefix: UUID().uuidString.lowercased())
        wake.catchSignals()
        mode.enter()
        defer {
            mode.leave()
            wake.releaseSignals()
        }
        perform(state.begin(), &session)
        draw(state, &session)
        while !session.hasEnded {
            for input in wait(&session) { perform(state.handle(input), &session) }
            if session.isQuitting, session.kept.isEmpty || now() >= session.quitBy { session.hasEnded = true }
            draw(state, &session)
        }
    }

    /// What the thread holds.
    private struct Session {
        let mode: TerminalMode
        var decoder: KeyDecoder
        var painter: Painter
        var hasEnded = false
        var isQuitting = false
        var quitBy: ReaderTime = 0
        /// Drafts that the backend is still taking, by the number of the request.
        var kept: Set<Int> = []
        /// The last of them.
        var keeping: Task<Void, Never>?
    }

    // MARK: Waiting

    /// Milliseconds: between two ticks; until an escape alone was the Escape key; for drafts at the end.
    private static let tick: Int32 = 1_000
    private static let escapePause: Int32 = 40
    private static let farewell: ReaderTime = 3_000

    private func wait(_ session: inout Session) -> [ReaderInput] {
        var descriptors = [
            pollfd(fd: options.input, events: Int16(POLLIN), revents: 0),
            pollfd(fd: wake.readEnd, events: Int16(POLLIN), revents: 0),
        ]
        let timeout = session.decoder.waits ? Self.escapePause : session.isQuitting ? 100 : Self.tick
        // At the end no keys are taken any more, and a terminal that is gone would be said again and again.
        if session.isQuitting { descriptors[0].fd = -1 }
        let count = poll(&descriptors, 2, timeout)
        var found: [ReaderInput] = [.tick(now())]
        if descriptors[1].revents != 0 {
            for number in wake.signals() { found += input(of: number, &session) }
        }
        let waiting = inputs.withLock { inputs in
            defer { inputs = [] }
            return inputs
        }
        for case .answer(let number, _) in waiting { session.kept.remove(number) }
        found += waiting
        if count == 0 { found += session.decoder.timeout().map { .key($0) } }
        let revents = Int32(descriptors[0].revents)
        if revents & POLLIN != 0 {
            found += read(&session)
        } else if revents & (POLLHUP | POLLERR | POLLNVAL) != 0 {
            found.append(.terminate)
        }
        return found
    }

    private func read(_ session: inout Session) -> [ReaderInput] {
        var bytes = [UInt8](repeating: 0, count: 4_096)
        let count = Glibc.read(options.input, &bytes, bytes.count)
        if count < 0, errno == EINTR || errno == EAGAIN { return [] }
        // The terminal is gone.
        guard count > 0 else { return [.terminate] }
        return session.decoder.decode(bytes.prefix(count)).map { .key($0) }
    }

    private func input(of signal: Int32, _ session: inout Session) -> [ReaderInput] {
        switch signal {
        case SIGWINCH: return [.size(size())]
        case SIGTSTP: return [.suspend]
        case SIGCONT:
            // Also after SIGSTOP, which nobody can catch.
            session.mode.enter()
            return [.size(size()), .resumed]
        default: return [.terminate]
        }
    }

    private func size() -> ReaderSize {
        let size = TerminalWidth.current(descriptor: options.output) ?? (80, 24)
        return ReaderSize(columns: size.columns, rows: size.rows)
    }

    private func now() -> ReaderTime { ReaderTime(Date().timeIntervalSince1970 * 1000) }

    // MARK: Doing

    private func perform(_ effects: [ReaderEffect], _ session: inout Session) {
        for effect in effects {
            switch effect {
            case .ask(let number, let request):
                ask(number, request, &session)
            case .ring: TerminalMode.write(Array(Painter.bell.utf8), to: options.output)
            case .redraw: session.painter.forget()
            case .suspend: suspend(&session)
            case .quit:
                session.isQuitting = true
                session.quitBy = now() + Self.farewell
            case .stay: session.isQuitting = false
            }
        }
    }

    /// Drafts are kept in the order in which they were typed, and before what is sent of them; nothing else
    /// waits for anything.
    private func ask(_ number: Int, _ request: ReaderRequest, _ session: inout Session) {
        let backend = backend
        let before: Task<Void, Never>?
        switch request {
        case .keep, .change, .drafts: before = session.keeping
        default: before = nil
        }
        let task = Task {
            await before?.value
            self.post(.answer(number, await request.ask(backend)))
        }
        if case .keep = request {
            session.kept.insert(number)
            session.keeping = task
        }
    }

    /// Stops the process as its shell expects it; goes on when it is continued.
    private func suspend(_ session: inout Session) {
        session.mode.leave()
        signal(SIGTSTP, SIG_DFL)
        // To this thread: the whole process has stopped before this returns.
        raise(SIGTSTP)
        Wake.catchSignal(SIGTSTP)
        session.mode.enter()
        session.painter.forget()
    }

    private func draw(_ state: ReaderState, _ session: inout Session) {
        guard !session.hasEnded else { return }
        let setter = Typesetter(reorders: options.reorders, isolates: options.isolates)
        let frame = Screen(state, texts: texts, setter: setter, zone: options.zone).frame()
        let output = session.painter.paint(frame)
        if !output.isEmpty, !TerminalMode.write(Array(output.utf8), to: options.output) { post(.terminate) }
    }
}
