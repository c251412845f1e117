import Crypto
import Sealing

/// What an idempotency key stands for: the same key with another request is refused.
enum RequestHash {
    /// SHA-256 over method, path and body, each behind its length; 32 bytes.
    static func bytes(method: String, path: String, body: [UInt8]) -> [UInt8] {
        var transcript = Transcript("sila staff request", version: 1)
        transcript.add(method)
        transcript.add(path)
        transcript.add(body)
        return Array(SHA256.hash(data: transcript.bytes))
    }
}
