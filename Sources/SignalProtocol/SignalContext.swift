internal import CSignalProtocol

/// The global context of libsignal-protocol-c with its crypto provider.
///
/// Not `Sendable`: one actor owns it together with everything made from it. That is also why no
/// locking functions are installed (the library calls them only if they are set): all calls
/// come from the owner's isolation domain, one after the other.
///
/// No log function is installed either: the library's messages hold addresses.
public final class SignalContext {
    private let handle: Handle<ContextHandle>

    /// Makes a context whose primitives are swift-crypto's and whose randomness is the system's.
    /// - Throws: `SignalError` when memory is exhausted.
    public init() throws {
        handle = try Handle("create-context") { signal_context_create($0, nil) }
        try install(CryptoProvider.make(random: CryptoProvider.systemRandom))
    }

    /// For known-answer tests only: `random` fills the buffer it is given.
    init(random: @escaping @convention(c) (UnsafeMutablePointer<UInt8>?, Int, UnsafeMutableRawPointer?) -> Int32) throws
    {
        handle = try Handle("create-context") { signal_context_create($0, nil) }
        try install(CryptoProvider.make(random: random))
    }

    private func install(_ provider: signal_crypto_provider) throws {
        // The struct is copied by the library.
        try withUnsafePointer(to: provider) { provider in
            try handle.withPointer { _ = try checked(signal_context_set_crypto_provider($0, provider), "set-crypto") }
        }
    }

    func withPointer<R: ~Copyable>(_ body: (OpaquePointer) throws -> R) rethrows -> R { try handle.withPointer(body) }
}
