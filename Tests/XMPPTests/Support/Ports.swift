import Glibc

/// Ports on loopback, 15210 to 15299.
enum Ports {
    private static let range: ClosedRange<UInt16> = 15210...15299

    /// One that nobody listens on, and that no other test gets while this process runs.
    static func free() throws -> UInt16 {
        for port in range.shuffled() {
            guard let lock = reserve(port) else { continue }
            guard let socket = try? listen(port) else {
                close(lock)
                continue
            }
            close(socket)
            return port
        }
        throw Prosody.Failure(description: "No port from \(range) is free.")
    }

    /// A name that one open socket in the system has, so it also holds against another test target in
    /// this process. Not a file: in Linux's abstract namespace (unix(7)) nothing is left when the
    /// process ends.
    private static func reserve(_ port: UInt16) -> Int32? {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        // The first byte, zero, makes the name abstract.
        let name = [0] + Array("sila-test-port-\(port)".utf8)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        let length = socklen_t(MemoryLayout.offset(of: \sockaddr_un.sun_path) ?? 2) + socklen_t(name.count)
        let lock = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard lock >= 0 else { return nil }
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.bind(lock, $0, length) }
        }
        guard bound == 0 else {
            close(lock)
            return nil
        }
        return lock
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
