internal import CSignalProtocol

/// How one kind of C object is released.
protocol HandleKind {
    static func release(_ pointer: OpaquePointer)
}

/// Reference-counted library objects (keys, records, messages): one reference is ours.
enum Counted: HandleKind {
    static func release(_ pointer: OpaquePointer) { sila_signal_unref(UnsafeMutableRawPointer(pointer)) }
}

enum CipherHandle: HandleKind {
    static func release(_ pointer: OpaquePointer) { session_cipher_free(pointer) }
}

enum BuilderHandle: HandleKind {
    static func release(_ pointer: OpaquePointer) { session_builder_free(pointer) }
}

enum ContextHandle: HandleKind {
    static func release(_ pointer: OpaquePointer) { signal_context_destroy(pointer) }
}

enum StoreContextHandle: HandleKind {
    static func release(_ pointer: OpaquePointer) { signal_protocol_store_context_destroy(pointer) }
}

/// Buffers may hold plaintext or keys, so they are always wiped before they are freed.
enum BufferHandle: HandleKind {
    static func release(_ pointer: OpaquePointer) { signal_buffer_bzero_free(pointer) }
}

/// The one owner of a C object. It cannot be copied, and the object is released with it; the
/// pointer is only lent to a closure.
struct Handle<Kind: HandleKind>: ~Copyable {
    private let pointer: OpaquePointer

    /// Runs a C constructor that hands its result out through a pointer, and owns that result.
    /// - Throws: `SignalError` with the constructor's code.
    init(_ operation: String, _ make: (UnsafeMutablePointer<OpaquePointer?>) throws -> Int32) throws {
        var made: OpaquePointer?
        let code = try make(&made)
        guard code >= 0, let made else {
            throw code < 0 ? SignalError(code: code, operation: operation) : SignalError(.unknown, operation: operation)
        }
        self.pointer = made
    }

    /// - Parameter pointer: an object whose only reference passes to this handle.
    init(takingOwnership pointer: OpaquePointer) { self.pointer = pointer }

    deinit { Kind.release(pointer) }

    /// Lends the pointer for the duration of `body`.
    borrowing func withPointer<R: ~Copyable>(_ body: (OpaquePointer) throws -> R) rethrows -> R { try body(pointer) }
}

extension Handle where Kind == BufferHandle {
    /// A copy of what the buffer holds.
    borrowing func bytes() -> [UInt8] { withPointer(copyBytes(ofBorrowed:)) }
}

/// A copy of the bytes of a buffer that stays the library's own.
func copyBytes(ofBorrowed buffer: OpaquePointer) -> [UInt8] {
    Array(UnsafeBufferPointer(start: signal_buffer_const_data(buffer), count: signal_buffer_len(buffer)))
}

/// Gives the library a new buffer holding `bytes`; the library frees it.
/// - Returns: 0, or the library's code for exhausted memory.
func giveBuffer(_ bytes: UnsafeRawBufferPointer, to output: UnsafeMutablePointer<OpaquePointer?>?) -> Int32 {
    guard let output, let buffer = signal_buffer_alloc(bytes.count) else { return SG_ERR_NOMEM }
    if let source = bytes.baseAddress, let target = signal_buffer_data(buffer) {
        UnsafeMutableRawPointer(target).copyMemory(from: source, byteCount: bytes.count)
    }
    output.pointee = buffer
    return SG_SUCCESS
}
