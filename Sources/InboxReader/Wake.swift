import Glibc

/// A pipe that wakes the reader's thread: signals write their number into it, other threads a zero.
struct Wake: Sendable {
    let readEnd: Int32
    private let writeEnd: Int32

    /// `nil` when the process has no descriptors left.
    init?() {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return nil }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        readEnd = ends[0]
        writeEnd = ends[1]
    }

    /// Wakes the thread. May be called from any thread, also from a signal handler.
    func wake(_ number: Int32 = 0) { Self.write(number, to: writeEnd) }

    fileprivate static func write(_ number: Int32, to descriptor: Int32) {
        let saved = errno
        var byte = UInt8(truncatingIfNeeded: number)
        // A full pipe wakes as well.
        _ = Glibc.write(descriptor, &byte, 1)
        errno = saved
    }

    /// The signals that came since the last call.
    func signals() -> [Int32] {
        var bytes = [UInt8](repeating: 0, count: 64)
        var found: [Int32] = []
        while true {
            let count = read(readEnd, &bytes, bytes.count)
            guard count > 0 else { return found }
            found += bytes.prefix(count).filter { $0 > 0 }.map(Int32.init)
        }
    }

    func close() {
        Glibc.close(readEnd)
        Glibc.close(writeEnd)
    }

    // MARK: Signals

    private static let caught = [SIGTERM, SIGHUP, SIGINT, SIGWINCH, SIGTSTP, SIGCONT]

    // Set before a handler is installed and reset after it is taken away; an Int32 is read at once. A lock
    // cannot be taken in a signal handler.
    nonisolated(unsafe) private static var target: Int32 = -1

    /// From now on signals come through the pipe.
    ///
    /// The calling thread takes them: threads that tasks run on block all signals, and a thread begun there
    /// inherits that.
    func catchSignals() {
        var mask = sigset_t()
        sigemptyset(&mask)
        for number in Self.caught { sigaddset(&mask, number) }
        pthread_sigmask(SIG_UNBLOCK, &mask, nil)
        Self.target = writeEnd
        for number in Self.caught { Self.catchSignal(number) }
    }

    static func catchSignal(_ number: Int32) {
        var action = sigaction()
        action.sa_flags = Int32(SA_RESTART)
        action.__sigaction_handler.sa_handler = { number in
            let descriptor = Wake.target
            if descriptor >= 0 { Wake.write(number, to: descriptor) }
        }
        sigaction(number, &action, nil)
    }

    /// Signals do again what they do by default.
    func releaseSignals() {
        for number in Self.caught { signal(number, SIG_DFL) }
        Self.target = -1
    }
}
