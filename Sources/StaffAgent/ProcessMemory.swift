import CProcess
import Glibc

/// What keeps the agent's secrets off the disk and away from other programs.
enum ProcessMemory {
    /// No core dumps, no reading of this process's memory by other programs of the user, new files
    /// for the owner only.
    static func harden() {
        guardSecrets()
        // A client that closes while we write is an error to handle, not a signal to die of.
        signal(SIGPIPE, SIG_IGN)
    }

    /// The same for a program that a person works with: a closed pipe ends it as it ends any other.
    static func guardSecrets() {
        var limit = rlimit(rlim_cur: 0, rlim_max: 0)
        setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
        _ = sila_process_forbid_dumps()
        umask(0o077)
    }

    /// Keeps the heap as it is now out of swap, as far as the system lets this user (`ulimit -l`,
    /// usually 8 MB): called when the private keys lie in it and little else. What comes later, the
    /// index and the texts, may be swapped out: swap on staff machines is to be encrypted.
    ///
    /// - Returns: whether it was done.
    static func lockHeap() -> Bool {
        guard let heap = heap(), let start = UnsafeRawPointer(bitPattern: heap.lowerBound) else { return false }
        return mlock(start, Int(heap.upperBound - heap.lowerBound)) == 0
    }

    /// The addresses of the heap, as proc(5) says them: `55d0…-55d1… rw-p … [heap]`.
    private static func heap() -> Range<UInt>? {
        let descriptor = open("/proc/self/maps", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count <= 0 { break }
            text.append(contentsOf: buffer.prefix(count))
        }
        for line in String(decoding: text, as: UTF8.self).split(separator: "\n") where line.hasSuffix("[heap]") {
            let ends = line.prefix { $0 != " " }.split(separator: "-").compactMap { UInt($0, radix: 16) }
            if ends.count == 2, ends[0] < ends[1] { return ends[0]..<ends[1] }
        }
        return nil
    }

    /// Lets go of terminal, standard streams and folder, for a process in the background.
    static func detach() {
        setsid()
        _ = chdir("/")
        let null = open("/dev/null", O_RDWR)
        guard null >= 0 else { return }
        for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] { dup2(null, descriptor) }
        if null > STDERR_FILENO { close(null) }
    }
}
