internal import CSignalProtocol
import Crypto
import CryptoExtras

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

/// Fills `buffer` from the system's random number generator.
func fillWithSystemRandom(_ buffer: UnsafeMutableRawBufferPointer) {
    var generator = SystemRandomNumberGenerator()
    var offset = 0
    while offset < buffer.count {
        withUnsafeBytes(of: generator.next()) { word in
            let count = min(word.count, buffer.count - offset)
            UnsafeMutableRawBufferPointer(rebasing: buffer[offset..<offset + count])
                .copyMemory(from: UnsafeRawBufferPointer(rebasing: word[0..<count]))
            offset += count
        }
    }
}

/// A hash under way, kept alive by the C library's context pointer.
private final class Box<Value> {
    var value: Value
    init(_ value: Value) { self.value = value }

    /// The pointer owns one reference, given back by `release`.
    var retained: UnsafeMutableRawPointer { Unmanaged.passRetained(self).toOpaque() }

    static func borrowed(_ pointer: UnsafeMutableRawPointer) -> Box {
        Unmanaged<Box>.fromOpaque(pointer).takeUnretainedValue()
    }

    static func release(_ pointer: UnsafeMutableRawPointer?) {
        if let pointer { Unmanaged<Box>.fromOpaque(pointer).release() }
    }
}

private typealias HMACBox = Box<HMAC<SHA256>>
private typealias DigestBox = Box<SHA512>
private typealias ContextOut = UnsafeMutablePointer<UnsafeMutableRawPointer?>?
private typealias Bytes = UnsafePointer<UInt8>?
private typealias BufferOut = UnsafeMutablePointer<OpaquePointer?>?

private func view(_ start: Bytes, _ count: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count)
}

// MARK: HMAC-SHA256

private func hmacInit(_ context: ContextOut, _ key: Bytes, _ count: Int, _: UnsafeMutableRawPointer?) -> Int32 {
    context?.pointee = HMACBox(HMAC<SHA256>(key: SymmetricKey(data: view(key, count)))).retained
    return SG_SUCCESS
}

private func hmacUpdate(
    _ context: UnsafeMutableRawPointer?, _ data: Bytes, _ count: Int, _: UnsafeMutableRawPointer?
) -> Int32 {
    guard let context else { return SG_ERR_INVAL }
    HMACBox.borrowed(context).value.update(data: view(data, count))
    return SG_SUCCESS
}

private func hmacFinal(_ context: UnsafeMutableRawPointer?, _ out: BufferOut, _: UnsafeMutableRawPointer?) -> Int32 {
    guard let context else { return SG_ERR_INVAL }
    return HMACBox.borrowed(context).value.finalize().withUnsafeBytes { giveBuffer($0, to: out) }
}

private func hmacCleanUp(_ context: UnsafeMutableRawPointer?, _: UnsafeMutableRawPointer?) {
    HMACBox.release(context)
}

// MARK: SHA-512

private func digestInit(_ context: ContextOut, _: UnsafeMutableRawPointer?) -> Int32 {
    context?.pointee = DigestBox(SHA512()).retained
    return SG_SUCCESS
}

private func digestUpdate(
    _ context: UnsafeMutableRawPointer?, _ data: Bytes, _ count: Int, _: UnsafeMutableRawPointer?
) -> Int32 {
    guard let context else { return SG_ERR_INVAL }
    DigestBox.borrowed(context).value.update(bufferPointer: view(data, count))
    return SG_SUCCESS
}

private func digestFinal(_ context: UnsafeMutableRawPointer?, _ out: BufferOut, _: UnsafeMutableRawPointer?) -> Int32 {
    guard let context else { return SG_ERR_INVAL }
    let box = DigestBox.borrowed(context)
    let digest = box.value.finalize()
    // The library goes on with the same context for the next digest.
    box.value = SHA512()
    return digest.withUnsafeBytes { giveBuffer($0, to: out) }
}

private func digestCleanUp(_ context: UnsafeMutableRawPointer?, _: UnsafeMutableRawPointer?) {
    DigestBox.release(context)
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
