internal import CSignalProtocol

/// Our end of all sessions: builds them, encrypts and decrypts. Holds no state of a session
/// between calls; everything stands in the stores.
///
/// Not `Sendable`, like its context: one actor owns both.
public final class SignalEndpoint {
    /// Archived states kept of a session when a new one is built. The library keeps up to 40,
    /// which makes each step about ten times slower; older ones only serve messages that were
    /// on their way when a session was replaced.
    public static let defaultArchivedStates = 5

    let context: SignalContext
    let bridge: StoreBridge
    private let archivedStates: Int
    private let storeContext: Handle<StoreContextHandle>

    /// - Parameter archivedStates: how many archived states of a session stay when it is replaced.
    /// - Throws: `SignalError` when memory is exhausted.
    public init(
        context: SignalContext, sessions: any SessionStore, preKeys: any PreKeyStore,
        signedPreKeys: any SignedPreKeyStore, identities: any IdentityKeyStore,
        archivedStates: Int = SignalEndpoint.defaultArchivedStates
    ) throws {
        self.context = context
        self.archivedStates = archivedStates
        bridge = StoreBridge(
            sessions: sessions, preKeys: preKeys, signedPreKeys: signedPreKeys, identities: identities)
        storeContext = try Handle("create-store-context") { out in
            context.withPointer { signal_protocol_store_context_create(out, $0) }
        }
        try storeContext.withPointer(bridge.install(in:))
    }

    /// Builds a session from a bundle; an older session is archived.
    /// - Throws: `SignalError` (`invalidKey`: the signature of the signed prekey is wrong;
    ///   `untrustedIdentity`), or what a store threw.
    public func establish(_ bundle: SessionBundle, with address: SignalAddress) throws {
        _ = try bridge.run {
            try bundle.withHandle(context, device: address.deviceID) { bundle in
                try withBuilder(address) {
                    _ = try checked(session_builder_process_pre_key_bundle($0, bundle), "process-bundle")
                }
            }
        }
        try pruneArchivedStates(of: address, keeping: archivedStates)
    }

    /// Encrypts for one device.
    /// - Throws: `SignalError` (`noSession`), or what a store threw.
    public func encrypt(_ plaintext: [UInt8], for address: SignalAddress) throws -> Ciphertext {
        try bridge.run {
            // Without this the library answers a missing session with an unnamed error.
            guard try bridge.hasSession(address) else { throw SignalError(.noSession, operation: "encrypt") }
            return try withCipher(address) { cipher in
                let message = try Handle<Counted>("encrypt") {
                    session_cipher_encrypt(cipher, plaintext, plaintext.count, $0)
                }
                return try message.withPointer(Ciphertext.init(borrowing:))
            }
        }.result
    }

    /// Decrypts a message of one device. On any error no session has been stored; other changes
    /// (an identity saved early) are undone by rolling the transaction back.
    /// - Throws: `SignalError` (`duplicateMessage`: a replay; `invalidMessage`: altered, a jump of
    ///   more than 2,000, or no fitting state; `noSession`; `invalidKeyID`: a prekey we do not
    ///   have; `untrustedIdentity`; others for malformed bytes), or what a store threw.
    public func decrypt(_ ciphertext: Ciphertext, from address: SignalAddress) throws -> DecryptedMessage {
        let (opened, trace) = try bridge.run {
            switch ciphertext.kind {
            case .message: try decryptMessage(ciphertext.bytes, address)
            case .preKeyMessage: try decryptPreKeyMessage(ciphertext.bytes, address)
            }
        }
        if trace.loadedSignedPreKey { try pruneArchivedStates(of: address, keeping: archivedStates) }
        return DecryptedMessage(
            plaintext: opened.plaintext, counter: opened.counter, usedPreKeyID: trace.usedPreKeyID,
            builtSession: trace.loadedSignedPreKey)
    }

    private func decryptMessage(_ bytes: [UInt8], _ address: SignalAddress) throws -> (
        plaintext: [UInt8], counter: UInt32
    ) {
        let message = try Handle<Counted>("read-message") { out in
            context.withPointer { signal_message_deserialize(out, bytes, bytes.count, $0) }
        }
        return try message.withPointer { message in
            let plaintext = try withCipher(address) { cipher in
                try Handle<BufferHandle>("decrypt") {
                    session_cipher_decrypt_signal_message(cipher, message, nil, $0)
                }.bytes()
            }
            return (plaintext, signal_message_get_counter(message))
        }
    }

    private func decryptPreKeyMessage(_ bytes: [UInt8], _ address: SignalAddress) throws -> (
        plaintext: [UInt8], counter: UInt32
    ) {
        let message = try Handle<Counted>("read-prekey-message") { out in
            context.withPointer { pre_key_signal_message_deserialize(out, bytes, bytes.count, $0) }
        }
        return try message.withPointer { message in
            let plaintext = try withCipher(address) { cipher in
                try Handle<BufferHandle>("decrypt-prekey-message") {
                    session_cipher_decrypt_pre_key_signal_message(cipher, message, nil, $0)
                }.bytes()
            }
            return (plaintext, signal_message_get_counter(pre_key_signal_message_get_signal_message(message)))
        }
    }

    private func withCipher<R>(_ address: SignalAddress, _ body: (OpaquePointer) throws -> R) throws -> R {
        try address.withCAddress { address in
            let cipher = try Handle<CipherHandle>("create-cipher") { out in
                storeContext.withPointer { store in
                    context.withPointer { session_cipher_create(out, store, address, $0) }
                }
            }
            return try cipher.withPointer(body)
        }
    }

    private func withBuilder(_ address: SignalAddress, _ body: (OpaquePointer) throws -> Void) throws {
        try address.withCAddress { address in
            let builder = try Handle<BuilderHandle>("create-builder") { out in
                storeContext.withPointer { store in
                    context.withPointer { session_builder_create(out, store, address, $0) }
                }
            }
            try builder.withPointer(body)
        }
    }
}
