import CFaultVFS

/// `--fault NAME:AFTER:TIMES`: what the disk does to the store, and when.
struct DiskFault {
    private static let kinds: [String: sila_fault] = [
        "disk-full": SILA_FAULT_DISK_FULL, "write-error": SILA_FAULT_WRITE_ERROR, "sync-error": SILA_FAULT_SYNC_ERROR,
        "lost-sync": SILA_FAULT_LOST_SYNC,
    ]

    private let kind: sila_fault
    private let after: Int64
    private let times: Int64

    /// - Parameter spec: `AFTER` operations go well, the next `TIMES` do not.
    init(_ spec: String) throws {
        let parts = spec.split(separator: ":").map(String.init)
        guard parts.count == 3, let kind = Self.kinds[parts[0]], let after = Int64(parts[1]), after >= 0,
            let times = Int64(parts[2]), times > 0
        else {
            let names = Self.kinds.keys.sorted().joined(separator: ", ")
            throw FaultError("--fault \(spec) is not NAME:AFTER:TIMES with one of \(names)")
        }
        self.kind = kind
        self.after = after
        self.times = times
    }

    func arm() { sila_fault_vfs_set(kind, after, times) }
}
