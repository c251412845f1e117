import Glibc

/// Ports on loopback, 15210 to 15299.
enum Ports {
    private static let range: ClosedRange<UInt16> = 15210...15299

    /// One that nobody listens on, and that no other test gets while this process runs.
    static func free() throws -> UInt16 {
        for port in range.shuffled() {
            // The lock belongs to the open file, so it also holds against another test target in
            // this process; the system drops it when the process ends.
            let lock = open("/tmp/sila-test-port-\(port)", O_CREAT | O_RDWR | O_CLOEXEC, 0o666)
            guard lock >= 0 else { continue }
            guard flock(lock, LOCK_EX | LOCK_NB) == 0, let socket = try? listen(port) else {
                close(lock)
                continue
            }
            close(socket)
            return port
        }
        throw Prosody.Failure(description: "No port from \(range) is free.")
    }

    static func isOpen(_ port: UInt16) -> Bool {
        guard let socket = try? connect(port) else { return false }
        close(socket)
        return true
    }

    /// A socket that listens; nobody accepts.
    static func listen(_ port: UInt16) throws -> Int32 {
        let descriptor = newSocket()
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        let bound = withAddress(port) { Glibc.bind(descriptor, $0, $1) }
        guard bound == 0, Glibc.listen(descriptor, 64) == 0 else {
            close(descriptor)
            throw Prosody.Failure(description: "Port \(port) is taken.")
        }
        return descriptor
    }

    /// Closed in children: a server that inherited a listening socket would hold its port.
    private static func newSocket() -> Int32 {
        socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    }

    static func connect(_ port: UInt16) throws -> Int32 {
        let descriptor = newSocket()
        guard withAddress(port, { Glibc.connect(descriptor, $0, $1) }) == 0 else {
            close(descriptor)
            throw Prosody.Failure(description: "Nobody listens on port \(port).")
        }
        return descriptor
    }

    private static func withAddress(_ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
    }
}
