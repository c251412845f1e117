import Glibc

/// The mode of a terminal: raw while the reader runs, as it was afterwards, on every way out.
///
/// The mode as it was lies in memory that a signal handler may read: `restoreAfterCrash` calls only what
/// POSIX allows there (tcsetattr, write; POSIX.1-2017, System Interfaces 2.4.3).
struct TerminalMode {
    /// Why there is no terminal to work on.
    struct Failure: Error, Equatable, CustomStringConvertible {
        let description: String
    }

    let input: Int32
    let output: Int32
    private let original: termios

    /// - Parameters:
    ///   - input: the descriptor of a terminal that is read.
    ///   - output: the descriptor of a terminal that is written.
    init(input: Int32, output: Int32) throws(Failure) {
        var original = termios()
        guard tcgetattr(input, &original) == 0, isatty(output) == 1 else {
            throw Failure(
                description: "the interactive inbox needs a terminal for input and output; use `sila inbox` instead")
        }
        self.input = input
        self.output = output
        self.original = original
    }

    /// Raw mode and alternate screen. Keys come one by one; Ctrl-C, Ctrl-Z and Ctrl-S are keys too.
    func enter() {
        var raw = original
        cfmakeraw(&raw)
        // cfmakeraw leaves these as they are on some systems: a read returns with what there is.
        withUnsafeMutableBytes(of: &raw.c_cc) { bytes in
            bytes[Int(VMIN)] = 1
            bytes[Int(VTIME)] = 0
        }
        CrashGuard.arm(input: input, output: output, mode: original)
        // TCSADRAIN: what was typed ahead stays.
        while tcsetattr(input, TCSADRAIN, &raw) != 0, errno == EINTR {}
        Self.write(Array(Painter.enter.utf8), to: output)
    }

    /// The terminal as it was.
    func leave() {
        Self.write(Array(Painter.leave.utf8), to: output)
        var mode = original
        while tcsetattr(input, TCSADRAIN, &mode) != 0, errno == EINTR {}
        CrashGuard.disarm()
    }

    /// Writes all bytes; gives up when the terminal is gone.
    @discardableResult
    static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN {
                // Some other program left it non-blocking.
                var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                guard poll(&wait, 1, 5_000) > 0 else { return false }
                continue
            }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}

/// What a crash does before it takes the process: the terminal as it was.
enum CrashGuard {
    private static let signals = [SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE, SIGABRT, SIGQUIT]

    /// Everything that the handler needs, allocated before it can be needed.
    private struct Memory {
        let mode = UnsafeMutablePointer<termios>.allocate(capacity: 1)
        let leave: UnsafeMutablePointer<UInt8>
        let leaveCount: Int
        let descriptors = UnsafeMutablePointer<Int32>.allocate(capacity: 2)

        init() {
            let bytes = Array(Painter.leave.utf8)
            leave = .allocate(capacity: bytes.count)
            leave.initialize(from: bytes, count: bytes.count)
            leaveCount = bytes.count
            mode.initialize(to: termios())
            descriptors.initialize(repeating: -1, count: 2)
        }
    }

    // Written before the handlers are installed (`arm`), read by them; the pointers never change after, and
    // never die. A lock cannot be taken in a signal handler.
    nonisolated(unsafe) private static let memory = Memory()

    static func arm(input: Int32, output: Int32, mode: termios) {
        memory.mode.pointee = mode
        memory.descriptors[0] = input
        memory.descriptors[1] = output
        for number in signals {
            var action = sigaction()
            // Once: a crash within the handler, and the signal raised at its end, do what they do by default.
            action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND) | UInt32(SA_NODEFER))
            action.__sigaction_handler.sa_handler = { number in
                CrashGuard.restore()
                raise(number)
            }
            sigaction(number, &action, nil)
        }
    }

    static func disarm() {
        memory.descriptors[1] = -1
        for number in signals { signal(number, SIG_DFL) }
    }

    /// Only calls that a signal handler may make.
    static func restore() {
        let output = memory.descriptors[1]
        guard output >= 0 else { return }
        memory.descriptors[1] = -1
        _ = Glibc.write(output, memory.leave, memory.leaveCount)
        _ = tcsetattr(memory.descriptors[0], TCSANOW, memory.mode)
    }
}
