internal import CSignalProtocol
internal import Glibc

extension SignalContext {
    /// X25519 (RFC 7748 §5).
    /// - Returns: the 32 bytes of the shared secret.
    public func agreement(_ publicKey: ECPublicKey, _ privateKey: ECPrivateKey) throws -> [UInt8] {
        try publicKey.withHandle(self) { publicKey in
            try privateKey.withHandle(self) { privateKey in
                var secret: UnsafeMutablePointer<UInt8>?
                let count = try checked(curve_calculate_agreement(&secret, publicKey, privateKey), "agreement")
                guard let secret else { throw SignalError(.unknown, operation: "agreement") }
                defer {
                    UnsafeMutableRawBufferPointer(start: secret, count: Int(count)).initializeMemory(
                        as: UInt8.self, repeating: 0)
                    free(secret)
                }
                return Array(UnsafeBufferPointer(start: secret, count: Int(count)))
            }
        }
    }

    /// The public key that belongs to a private one.
    public func publicKey(of privateKey: ECPrivateKey) throws -> ECPublicKey {
        try privateKey.withHandle(self) { privateKey in
            let key = try Handle<Counted>("derive-public-key") { curve_generate_public_key($0, privateKey) }
            return try key.withPointer { try ECPublicKey(borrowing: $0) }
        }
    }

    /// An XEdDSA signature with 64 random bytes, the sign of the Edwards point in the unused top bit.
    /// - Returns: 64 bytes.
    public func sign(_ message: [UInt8], with privateKey: ECPrivateKey) throws -> [UInt8] {
        try privateKey.withHandle(self) { privateKey in
            try Handle<BufferHandle>("sign") { out in
                withPointer { curve_calculate_signature($0, out, privateKey, message, message.count) }
            }.bytes()
        }
    }

    /// Whether `signature` is one of `message` by `publicKey`. False for a signature of a wrong length.
    public func verify(_ signature: [UInt8], of message: [UInt8], by publicKey: ECPublicKey) throws -> Bool {
        guard signature.count == Int(CURVE_SIGNATURE_LEN) else { return false }
        return try publicKey.withHandle(self) {
            try checked(
                curve_verify_signature($0, message, message.count, signature, signature.count), "verify") == 1
        }
    }

    /// HKDF-SHA256 as the library computes it for its chains (RFC 5869).
    /// - Returns: `count` bytes.
    public func hkdf(secret: [UInt8], salt: [UInt8], info: [UInt8], count: Int) throws -> [UInt8] {
        // Version 3 of the library's messages counts its blocks from 1, as the RFC does.
        let hkdf = try Handle<Counted>("create-hkdf") { out in withPointer { hkdf_create(out, 3, $0) } }
        return try hkdf.withPointer { hkdf in
            var output: UnsafeMutablePointer<UInt8>?
            let made = hkdf_derive_secrets(
                hkdf, &output, secret, secret.count, salt, salt.count, info, info.count, count)
            guard made >= 0, let output else { throw SignalError(code: Int32(made), operation: "hkdf") }
            defer { free(output) }
            return Array(UnsafeBufferPointer(start: output, count: made))
        }
    }
}
