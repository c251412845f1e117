internal import CSignalProtocol
import Crypto
import CryptoExtras
internal import Glibc

import struct Foundation.Data

/// The primitives the library asks for, all on swift-crypto.
///
/// The initialising functions set their context in every case: the library runs the clean-up
/// function on it even after a failure.
enum CryptoProvider {
    typealias Random = @convention(c) (UnsafeMutablePointer<UInt8>?, Int, UnsafeMutableRawPointer?) -> Int32

    static func make(random: Random) -> signal_crypto_provider {
        var provider = signal_crypto_provider()
        provider.random_func = random
        provider.hmac_sha256_init_func = hmacInit
        provider.hmac_sha256_update_func = hmacUpdate
        provider.hmac_sha256_final_func = hmacFinal
        provider.hmac_sha256_cleanup_func = hmacCleanUp
        provider.sha512_digest_init_func = digestInit
        provider.sha512_digest_update_func = digestUpdate
        provider.sha512_digest_final_func = digestFinal
        provider.sha512_digest_cleanup_func = digestCleanUp
        provider.encrypt_func = encrypt
        provider.decrypt_func = decrypt
        return provider
    }

    /// The system's random number generator; it cannot fail.
    static let systemRandom: Random = { data, count, _ in
        guard let data else { return SG_ERR_INVAL }
        fillWithSystemRandom(UnsafeMutableRawBufferPointer(start: data, count: count))
        return SG_SUCCESS
    }
}

/// Fills `buffer` from the system's random number generator: the one behind Swift's own, but one call for all
/// bytes and not one for each eight.
func fillWithSystemRandom(_ buffer: UnsafeMutableRawBufferPointer) {
    if let start = buffer.baseAddress { arc4random_buf(start, buffer.count) }
}

/// SHA-512 under way.
private final class DigestBox { var value = SHA512() }

/// Objects that the C library's context pointers keep alive: a pointer owns one reference, given back by `release`.
private enum Contexts {
    static func retained(_ object: AnyObject) -> UnsafeMutableRawPointer { Unmanaged.passRetained(object).toOpaque() }

    static func borrowed<Value: AnyObject>(_ pointer: UnsafeMutableRawPointer, _: Value.Type = Value.self) -> Value {
        Unmanaged<Value>.fromOpaque(pointer).takeUnretainedValue()
    }

    static func release(_ pointer: UnsafeMutableRawPointer?) {
        if let pointer { Unmanaged<AnyObject>.fromOpaque(pointer).release() }
    }
}

private typealias ContextOut = UnsafeMutablePointer<UnsafeMutableRawPointer?>?
private typealias Bytes = UnsafePointer<UInt8>?
private typealias BufferOut = UnsafeMutablePointer<OpaquePointer?>?

private func view(_ start: Bytes, _ count: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count)
}

// MARK: HMAC-SHA256

private func hmacInit(_ context: ContextOut, _ key: Bytes, _ count: Int, _: UnsafeMutableRawPointer?) -> Int32 {
    context?.pointee = Contexts.retained(KeyedHash(key: view(key, count)))
    return SG_SUCCESS
}

private func hmacUpdate(
    _ context: UnsafeMutableRawPointer?, _ data: Bytes, _ count: Int, _: UnsafeMutableRawPointer?
) -> Int32 {
    guard let context else { return SG_ERR_INVAL }
    Contexts.borrowed(context, KeyedHash.self).update(data: view(data, count))
    return SG_SUCCESS
}

private func hmacFinal(_ context: UnsafeMutableRawPointer?, _ out: BufferOut, _: UnsafeMutableRawPointer?) -> Int32 {
    guard let context else { return SG_ERR_INVAL }
    return Contexts.borrowed(context, KeyedHash.self).finish().withUnsafeBytes { giveBuffer($0, to: out) }
}

private func hmacCleanUp(_ context: UnsafeMutableRawPointer?, _: UnsafeMutableRawPointer?) {
    Contexts.release(context)
}

// MARK: SHA-512

private func digestInit(_ context: ContextOut, _: UnsafeMutableRawPointer?) -> Int32 {
    context?.pointee = Contexts.retained(DigestBox())
    return SG_SUCCESS
}

private func digestUpdate(
    _ context: UnsafeMutableRawPointer?, _ data: Bytes, _ count: Int, _: UnsafeMutableRawPointer?
) -> Int32 {
    guard let context else { return SG_ERR_INVAL }
    Contexts.borrowed(context, DigestBox.self).value.update(bufferPointer: view(data, count))
    return SG_SUCCESS
}

private func digestFinal(_ context: UnsafeMutableRawPointer?, _ out: BufferOut, _: UnsafeMutableRawPointer?) -> Int32 {
    guard let context else { return SG_ERR_INVAL }
    let box = Contexts.borrowed(context, DigestBox.self)
    let digest = box.value.finalize()
    // The library goes on with the same context for the next digest.
    box.value = SHA512()
    return digest.withUnsafeBytes { giveBuffer($0, to: out) }
}

private func digestCleanUp(_ context: UnsafeMutableRawPointer?, _: UnsafeMutableRawPointer?) {
    Contexts.release(context)
}

// MARK: AES

private func encrypt(
    _ out: BufferOut, _ cipher: Int32, _ key: Bytes, _ keyCount: Int, _ iv: Bytes, _ ivCount: Int,
    _ text: Bytes, _ textCount: Int, _: UnsafeMutableRawPointer?
) -> Int32 {
    crypt(out, cipher, view(key, keyCount), view(iv, ivCount), view(text, textCount)) {
        try AES._CBC.encrypt($0, using: $1, iv: $2)
    }
}

private func decrypt(
    _ out: BufferOut, _ cipher: Int32, _ key: Bytes, _ keyCount: Int, _ iv: Bytes, _ ivCount: Int,
    _ text: Bytes, _ textCount: Int, _: UnsafeMutableRawPointer?
) -> Int32 {
    crypt(out, cipher, view(key, keyCount), view(iv, ivCount), view(text, textCount)) {
        try AES._CBC.decrypt($0, using: $1, iv: $2)
    }
}

private func crypt(
    _ out: BufferOut, _ cipher: Int32, _ key: UnsafeRawBufferPointer, _ iv: UnsafeRawBufferPointer,
    _ text: UnsafeRawBufferPointer,
    _ body: (UnsafeRawBufferPointer, SymmetricKey, AES._CBC.IV) throws -> Data
) -> Int32 {
    // Counter mode belonged to message version 2, which the library no longer reads.
    guard cipher == SG_CIPHER_AES_CBC_PKCS5 else { return SG_ERR_INVAL }
    do {
        let result = try body(text, SymmetricKey(data: key), AES._CBC.IV(ivBytes: iv))
        return result.withUnsafeBytes { giveBuffer($0, to: out) }
    } catch {
        // Wrong padding or a wrong length: the message is not what it claims to be.
        return SG_ERR_INVALID_MESSAGE
    }
}
