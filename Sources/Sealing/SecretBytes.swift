import Crypto

/// Bytes of a secret: printing shows their number only, comparison takes constant time, and the
/// memory is overwritten when the last copy goes.
///
/// The storage is swift-crypto's `SymmetricKey`, which clears itself when it is freed.
public struct SecretBytes: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    package let key: SymmetricKey

    package init(_ key: SymmetricKey) { self.key = key }

    /// Takes a copy and overwrites the original with zeros.
    public init(wiping bytes: inout [UInt8]) {
        key = SymmetricKey(data: bytes)
        for index in bytes.indices { bytes[index] = 0 }
    }

    /// Random bytes from the system's generator.
    public init(randomCount count: Int) {
        key = SymmetricKey(size: SymmetricKeySize(bitCount: count * 8))
    }

    /// The number of bytes.
    public var count: Int { key.bitCount / 8 }

    /// Gives the bytes to `body` for the time of the call only; they must not be kept.
    public func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        try key.withUnsafeBytes(body)
    }

    public var description: String { "<\(count) secret bytes>" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
