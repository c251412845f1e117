import CProcess
import Foundation

/// What keeps secrets of this process off the disk.
enum ProcessHardening {
    /// No core dumps: a crash must not write ratchets and keys into a file. New files are for the
    /// owner only.
    static func apply() {
        var limit = rlimit(rlim_cur: 0, rlim_max: 0)
        setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
        _ = sila_process_forbid_dumps()
        umask(0o077)
        // A peer that closes while we write is an error to handle, not a signal to die of.
        signal(SIGPIPE, SIG_IGN)
    }
}
