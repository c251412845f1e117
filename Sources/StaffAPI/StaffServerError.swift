/// Why the staff API could not be served.
public enum StaffServerError: Error, Sendable, Equatable, CustomStringConvertible {
    case pathTooLong(path: String, bytes: Int)
    case notAPath(path: String)
    case folder(path: String, reason: String)
    /// There is something else than a socket.
    case inTheWay(path: String)
    /// Another program listens there.
    case inUse(path: String)
    case bind(path: String, reason: String)

    public var description: String {
        switch self {
        case .pathTooLong(let path, let bytes):
            "the path of the staff socket has \(bytes) bytes, at most \(SocketFile.pathLimit) are possible: set "
                + "staff.socket to a shorter path than \(path)"
        case .notAPath(let path): "'\(path)' is no path of a socket: set staff.socket to a file in a folder of its own"
        case .folder(let path, let reason): "the folder of the staff socket, \(path), cannot be used: \(reason)"
        case .inTheWay(let path):
            "\(path) is there and is not a socket: move it away, or set staff.socket to another path"
        case .inUse(let path):
            "another program listens on \(path): stop it, or set staff.socket to another path"
        case .bind(let path, let reason): "the staff socket \(path) cannot be opened: \(reason)"
        }
    }
}
