import Foundation
import Synchronization

/// SIGTERM and SIGINT as something to ask for and to await. From the moment this is made they no
/// longer end the process by themselves, and none is lost. Made once in a process.
///
/// A handler of our own, which writes into a pipe: Dispatch's signal sources lose a signal that
/// comes while they are being set up, and then only SIGKILL would end the process.
final class TerminationSignals: Sendable {
    /// The pipe's end for the handler, which reaches nothing but globals.
    private static let writingEnd = Atomic<Int32>(-1)
    private static let received = Atomic<Bool>(false)

    private let requests: AsyncStream<Void>

    /// - Throws: `DaemonError` when the process may open no more files.
    init() throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw DaemonError(.temporary, "no pipe can be made: \(String(cString: strerror(errno)))")
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let readingEnd = ends[0]
        let (requests, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        self.requests = requests
        // Also makes the globals ready before a handler uses them.
        Self.received.store(false, ordering: .sequentiallyConsistent)
        Self.writingEnd.store(ends[1], ordering: .sequentiallyConsistent)
        // Asleep for as long as the process lives; so both ends stay open.
        Thread.detachNewThread {
            var byte: UInt8 = 0
            while true {
                let count = read(readingEnd, &byte, 1)
                if count == 1 { continuation.yield() } else if count == 0 || errno != EINTR { return }
            }
        }
        for number in [SIGTERM, SIGINT] { signal(number, Self.handler) }
    }

    /// Only what signal-safety(7) allows.
    private static let handler: @convention(c) (Int32) -> Void = { _ in
        let before = errno
        var byte: UInt8 = 0
        // Once is enough, and the pipe never fills.
        if !received.exchange(true, ordering: .sequentiallyConsistent) {
            _ = write(writingEnd.load(ordering: .sequentiallyConsistent), &byte, 1)
        }
        errno = before
    }

    /// Whether the process was asked to end.
    var wereReceived: Bool { Self.received.load(ordering: .sequentiallyConsistent) }

    /// Returns when the process is asked to end, or was asked before, or the task is cancelled. For
    /// one caller.
    func wait() async {
        for await _ in requests { break }
    }
}
