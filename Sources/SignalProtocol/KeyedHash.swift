import Crypto
internal import Glibc

/// HMAC-SHA256 (RFC 2104 §2) on swift-crypto's SHA-256, for one key and one text.
///
/// The ratchet computes some twenty for each message, each with a key of its own. swift-crypto's own HMAC copies the
/// key five times on its way into the hash; that took longer than the hashing.
final class KeyedHash {
    private static let blockCount = 64

    /// One block: the key filled up with zeros, mixed with a pad.
    private typealias Block = (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64)
    private var block: Block = (0, 0, 0, 0, 0, 0, 0, 0)
    private var inner = SHA256()

    init(key: UnsafeRawBufferPointer) {
        withUnsafeMutableBytes(of: &block) { block in
            if key.count <= Self.blockCount {
                block.copyMemory(from: key)
            } else {
                // A longer key stands for its hash.
                var hash = SHA256()
                hash.update(bufferPointer: key)
                hash.finalize().withUnsafeBytes { block.copyMemory(from: $0) }
            }
        }
        mix(0x3636_3636_3636_3636)
        withUnsafeBytes(of: block) { inner.update(bufferPointer: $0) }
    }

    deinit { withUnsafeMutableBytes(of: &block) { if let start = $0.baseAddress { explicit_bzero(start, $0.count) } } }

    func update(data: UnsafeRawBufferPointer) { inner.update(bufferPointer: data) }

    /// The code, 32 bytes. To be called once.
    func finish() -> SHA256Digest {
        mix(0x3636_3636_3636_3636 ^ 0x5c5c_5c5c_5c5c_5c5c)
        var outer = SHA256()
        withUnsafeBytes(of: block) { outer.update(bufferPointer: $0) }
        inner.finalize().withUnsafeBytes { outer.update(bufferPointer: $0) }
        return outer.finalize()
    }

    private func mix(_ pad: UInt64) {
        block.0 ^= pad
        block.1 ^= pad
        block.2 ^= pad
        block.3 ^= pad
        block.4 ^= pad
        block.5 ^= pad
        block.6 ^= pad
        block.7 ^= pad
    }
}
