import Glibc
import Synchronization

/// The signals that end the agent. They are handled rather than blocked or ignored: programs that the
/// agent starts (`ssh`) would inherit those.
enum EndingSignals {
    private static let descriptor = Atomic<Int32>(-1)
    private static let hasCome = Atomic<Bool>(false)

    /// Whether one came.
    static var came: Bool { hasCome.load(ordering: .acquiring) }

    /// Writes a byte to `waker` when SIGTERM, SIGHUP or SIGINT comes.
    static func take(waker: Int32) {
        // Both are made before a handler looks at them.
        descriptor.store(waker, ordering: .releasing)
        hasCome.store(false, ordering: .releasing)
        for number in [SIGTERM, SIGHUP, SIGINT] {
            // Only what is safe in a handler (signal-safety(7)): atomics and write.
            signal(number) { _ in
                let code = errno
                EndingSignals.hasCome.store(true, ordering: .releasing)
                var byte: UInt8 = 0
                _ = write(EndingSignals.descriptor.load(ordering: .acquiring), &byte, 1)
                errno = code
            }
        }
    }
}
