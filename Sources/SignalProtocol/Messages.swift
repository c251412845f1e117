internal import CSignalProtocol

/// One message of the ratchet, for one device.
public struct Ciphertext: Hashable, Sendable {
    /// What the bytes are.
    public enum Kind: Hashable, Sendable {
        /// Belongs to a session both sides have.
        case message
        /// Builds the session at the receiver as well.
        case preKeyMessage
    }

    /// What `bytes` are.
    public let kind: Kind
    /// The message as it is sent.
    public let bytes: [UInt8]

    /// A message as it was received.
    public init(kind: Kind, bytes: [UInt8]) {
        self.kind = kind
        self.bytes = bytes
    }

    /// The identity key that a prekey message names: what its sender claims, checked by nothing yet.
    /// - Throws: `SignalError` when the bytes are none.
    public func claimedIdentity(_ context: SignalContext) throws -> ECPublicKey? {
        guard kind == .preKeyMessage else { return nil }
        let message = try Handle<Counted>("read-prekey-message") { out in
            context.withPointer { pre_key_signal_message_deserialize(out, bytes, bytes.count, $0) }
        }
        return try message.withPointer { message in
            guard let key = pre_key_signal_message_get_identity_key(message) else { return nil }
            return try ECPublicKey(borrowing: key)
        }
    }

    /// Copies a `ciphertext_message`; its serialised form is borrowed from it and not freed.
    init(borrowing message: OpaquePointer) throws {
        guard let serialized = ciphertext_message_get_serialized(message) else {
            throw SignalError(.unknown, operation: "serialize-message")
        }
        kind = ciphertext_message_get_type(message) == CIPHERTEXT_PREKEY_TYPE ? .preKeyMessage : .message
        bytes = copyBytes(ofBorrowed: serialized)
    }
}

/// What a decrypted message brought.
public struct DecryptedMessage: Sendable {
    /// What the sender encrypted.
    public let plaintext: [UInt8]
    /// The message's number in its chain, from 0. A high one says that we have long been silent.
    public let counter: UInt32
    /// The one-time prekey this message used up.
    public let usedPreKeyID: UInt32?
    /// Whether this message built a new session: the sender sends prekey messages until we answer.
    public let builtSession: Bool
}

/// The keys of one device from which a session is built: one prekey of its published bundle.
public struct SessionBundle: Sendable {
    /// The device's identity.
    public let identityKey: ECPublicKey
    /// Names `signedPreKey` in the first message.
    public let signedPreKeyID: UInt32
    /// The prekey that `signature` is of.
    public let signedPreKey: ECPublicKey
    /// 64 bytes; checked when the session is built.
    public let signature: [UInt8]
    /// Names `preKey` in the first message.
    public let preKeyID: UInt32
    /// The one-time prekey chosen.
    public let preKey: ECPublicKey

    /// Keys as published; the signature is checked when a session is built.
    public init(
        identityKey: ECPublicKey, signedPreKeyID: UInt32, signedPreKey: ECPublicKey, signature: [UInt8],
        preKeyID: UInt32, preKey: ECPublicKey
    ) {
        self.identityKey = identityKey
        self.signedPreKeyID = signedPreKeyID
        self.signedPreKey = signedPreKey
        self.signature = signature
        self.preKeyID = preKeyID
        self.preKey = preKey
    }

    func withHandle(_ context: SignalContext, device: UInt32, _ body: (OpaquePointer) throws -> Void) throws {
        // The library reads a signature of length 0 through a null pointer.
        guard signature.count == Int(CURVE_SIGNATURE_LEN) else {
            throw SignalError(.invalidKey, operation: "read-bundle")
        }
        try identityKey.withHandle(context) { identityKey in
            try signedPreKey.withHandle(context) { signedPreKey in
                try preKey.withHandle(context) { preKey in
                    let bundle = try Handle<Counted>("create-bundle") {
                        session_pre_key_bundle_create(
                            $0, 0, Int32(bitPattern: device), preKeyID, preKey, signedPreKeyID, signedPreKey,
                            signature, signature.count, identityKey)
                    }
                    try bundle.withPointer(body)
                }
            }
        }
    }
}
