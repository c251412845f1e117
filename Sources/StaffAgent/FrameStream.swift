import Glibc

/// Frames over a descriptor that blocks: the client's side, and the pipes of a start.
enum FrameStream {
    /// Writes all. Throws `AgentError`.
    static func write(_ frame: [UInt8], to descriptor: Int32) throws(AgentError) {
        var sent = 0
        while sent < frame.count {
            let count = frame[sent...].withUnsafeBytes { bytes in
                let sent = send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
                // A pipe is no socket.
                return sent < 0 && errno == ENOTSOCK
                    ? Glibc.write(descriptor, bytes.baseAddress, bytes.count) : sent
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw failure() }
            sent += count
        }
    }

    /// The payload of the next frame. Throws `AgentError`.
    static func read(from descriptor: Int32) throws(AgentError) -> [UInt8] {
        let length = try exactly(4, from: descriptor).reduce(0) { $0 << 8 | Int($1) }
        guard length <= AgentProtocol.frameLimit else {
            throw AgentError(.malformed, "A message of \(length) bytes was announced at the agent's socket.")
        }
        return try exactly(length, from: descriptor)
    }

    private static func exactly(_ count: Int, from descriptor: Int32) throws(AgentError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let more = bytes.withUnsafeMutableBytes { buffer in
                Glibc.read(descriptor, buffer.baseAddress.map { $0 + filled }, count - filled)
            }
            if more < 0 && errno == EINTR { continue }
            guard more > 0 else {
                bytes.wipe()
                throw more == 0 ? AgentSession.ended : failure()
            }
            filled += more
        }
        return bytes
    }

    private static func failure() -> AgentError {
        switch errno {
        case EAGAIN: AgentError(.system, "The agent does not answer. Run 'sila lock', then 'sila unlock'.")
        case EPIPE, ECONNRESET: AgentSession.ended
        default: AgentSocket.failure("The agent cannot be spoken to")
        }
    }
}

extension AgentSession {
    static let ended = AgentError(.notUnlocked, "The agent has ended: nothing is unlocked. Run 'sila unlock'.")
}
