import Glibc

/// One client at the agent's socket. The socket does not block.
struct AgentConnection {
    let descriptor: Int32
    private var reader = FrameReader()
    private var output: [UInt8] = []
    /// How much of `output` went out.
    private var sent = 0
    /// No more is read: the other side ended, or said something that cannot be understood.
    private var isClosing = false
    private var isBroken = false

    init(descriptor: Int32) { self.descriptor = descriptor }

    /// What to wait for: no request is read while an answer waits to go out.
    var events: Int16 { Int16(output.isEmpty ? POLLIN : POLLOUT) }

    var isOver: Bool { isBroken || (isClosing && output.isEmpty) }

    /// Reads what there is, answers, and writes what the other side takes.
    mutating func serve(_ session: AgentSession) {
        flush()
        if output.isEmpty, !isBroken, !isClosing { read() }
        answer(session)
        // The answer to a lock leaves after the socket is gone (`AgentServer.run`).
        if session.end == nil { flush() }
    }

    private mutating func read() {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        defer { buffer.wipe() }
        let count = buffer.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
        if count > 0 {
            reader.append(buffer.prefix(count))
        } else if count == 0 {
            isClosing = true
        } else if errno != EAGAIN && errno != EINTR {
            isBroken = true
        }
    }

    private mutating func answer(_ session: AgentSession) {
        do {
            while output.isEmpty, let payload = try reader.next() {
                output = try AgentFrame.encode(respond(to: payload, session))
                sent = 0
                if session.end != nil { return }
                flush()
            }
        } catch {
            // What follows cannot be made sense of: say so, and end.
            reader.wipe()
            isClosing = true
            if output.isEmpty, let frame = try? AgentFrame.encode(AgentAnswer.failed(error)) {
                output = frame
                sent = 0
            }
        }
    }

    private func respond(to payload: [UInt8], _ session: AgentSession) -> AgentAnswer {
        do {
            return session.answer(try AgentFrame.decode(AgentRequest.self, from: payload))
        } catch {
            return .failed(error)
        }
    }

    /// Writes what the other side takes.
    mutating func flush() {
        while sent < output.count {
            let count = output[sent...].withUnsafeBytes {
                send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count > 0 {
                sent += count
            } else if errno == EINTR {
                continue
            } else {
                if errno != EAGAIN { isBroken = true }
                return
            }
        }
        if !output.isEmpty { output.wipe() }
        sent = 0
    }

    /// Ends the connection. What is held is overwritten.
    func close() {
        var copy = self
        copy.reader.wipe()
        copy.output.wipe()
        Glibc.close(descriptor)
    }
}
