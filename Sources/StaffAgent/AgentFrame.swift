import Foundation

/// Frames of the agent's socket: a length of 4 bytes, most significant first, and that many bytes.
enum AgentFrame {
    private struct Head: Decodable { var version: Int }

    /// A message as a frame. Throws `AgentError` when it is too long for one.
    static func encode<Body: Codable & Sendable>(_ body: Body) throws(AgentError) -> [UInt8] {
        let json: Data
        do {
            json = try JSONEncoder().encode(Versioned(version: AgentProtocol.version, body: body))
        } catch {
            throw AgentError(.internalError, "A message of the agent cannot be written as JSON.")
        }
        return try wrap(Array(json))
    }

    static func wrap(_ payload: [UInt8]) throws(AgentError) -> [UInt8] {
        guard payload.count <= AgentProtocol.frameLimit else {
            throw AgentError(.tooLarge, "A message of \(payload.count) bytes is too long for the agent.")
        }
        var frame: [UInt8] = []
        frame.reserveCapacity(4 + payload.count)
        withUnsafeBytes(of: UInt32(payload.count).bigEndian) { frame.append(contentsOf: $0) }
        frame.append(contentsOf: payload)
        return frame
    }

    /// Reads the payload of a frame. The version is looked at before anything else.
    static func decode<Body: Codable & Sendable>(_ type: Body.Type, from payload: [UInt8]) throws(AgentError) -> Body {
        let decoder = JSONDecoder()
        let data = Data(payload)
        guard let head = try? decoder.decode(Head.self, from: data) else {
            throw AgentError(.malformed, "A message at the agent's socket is not JSON with a version.")
        }
        guard head.version == AgentProtocol.version else {
            throw AgentError(
                .version,
                "The agent that runs is of another version of Sila (\(head.version), not \(AgentProtocol.version)). "
                    + "Run 'sila lock', then 'sila unlock'.")
        }
        do {
            return try decoder.decode(Versioned<Body>.self, from: data).body
        } catch {
            throw AgentError(.malformed, "A message at the agent's socket is not one of the documented ones.")
        }
    }
}

/// Cuts what comes in into frames.
struct FrameReader {
    private var buffer: [UInt8] = []
    /// Bytes of the buffer that were given out already, and overwritten.
    private var start = 0

    /// Takes what was read.
    mutating func append(_ bytes: some Sequence<UInt8>) { buffer.append(contentsOf: bytes) }

    /// The payload of the next whole frame; `nil` until there is one. Throws `AgentError` as soon as a
    /// length is over the limit: what follows cannot be made sense of.
    mutating func next() throws(AgentError) -> [UInt8]? {
        guard buffer.count - start >= 4 else { return nil }
        let length = buffer[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
        guard length <= AgentProtocol.frameLimit else {
            throw AgentError(.tooLarge, "A message of \(length) bytes was announced at the agent's socket.")
        }
        let end = start + 4 + length
        guard buffer.count >= end else { return nil }
        let payload = Array(buffer[start + 4..<end])
        buffer.overwrite(start..<end)
        start = end
        if start == buffer.count {
            buffer.removeAll(keepingCapacity: buffer.capacity < 65_536)
            start = 0
        }
        return payload
    }

    /// Whether a frame has begun and is not whole.
    var isInside: Bool { start < buffer.count }

    /// Overwrites what is held.
    mutating func wipe() {
        buffer.wipe()
        start = 0
    }
}
