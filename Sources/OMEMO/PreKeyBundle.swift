import SignalProtocol
import XMPP

/// `<bundle/>`: what a device publishes so that others can build sessions with it
/// (XEP-0384 v0.3.0 §4.3).
public struct PreKeyBundle: Hashable, Sendable {
    /// The public half of one one-time prekey.
    public struct PublishedPreKey: Hashable, Sendable {
        /// Names it in the first message.
        public let id: UInt32
        /// The public half.
        public let key: ECPublicKey

        /// A prekey as published.
        public init(id: UInt32, key: ECPublicKey) {
            self.id = id
            self.key = key
        }
    }

    /// The largest number of prekeys that is read; clients publish 100.
    public static let maximumPreKeys = 500

    /// The device's identity.
    public var identityKey: ECPublicKey
    /// Names `signedPreKey` in the first message.
    public var signedPreKeyID: UInt32
    /// The prekey that `signature` is of.
    public var signedPreKey: ECPublicKey
    /// 64 bytes; it is checked when a session is built.
    public var signature: [UInt8]
    /// At least one; ids differ.
    public var preKeys: [PublishedPreKey]

    /// A bundle to be published.
    public init(
        identityKey: ECPublicKey, signedPreKeyID: UInt32, signedPreKey: ECPublicKey, signature: [UInt8],
        preKeys: [PublishedPreKey]
    ) {
        self.identityKey = identityKey
        self.signedPreKeyID = signedPreKeyID
        self.signedPreKey = signedPreKey
        self.signature = signature
        self.preKeys = preKeys
    }

    /// Reads an element; any missing, malformed or doubled part is an error of its own.
    public init(_ element: Element) throws(OMEMOError) {
        try Parsing.expect(element, "bundle")
        guard let identity = Parsing.child("identityKey", of: element) else {
            throw OMEMOError(.missingIdentityKey, "<bundle/> has no <identityKey/>.")
        }
        guard let signed = Parsing.child("signedPreKeyPublic", of: element) else {
            throw OMEMOError(.missingSignedPreKey, "<bundle/> has no <signedPreKeyPublic/>.")
        }
        guard let signature = Parsing.child("signedPreKeySignature", of: element) else {
            throw OMEMOError(.missingSignature, "<bundle/> has no <signedPreKeySignature/>.")
        }
        identityKey = try Parsing.publicKey(identity)
        signedPreKeyID = try Parsing.keyID(signed["signedPreKeyId"], "signedPreKeyPublic/@signedPreKeyId")
        signedPreKey = try Parsing.publicKey(signed)
        self.signature = try Parsing.base64(signature, limit: 256)
        guard self.signature.count == 64 else {
            throw OMEMOError(
                .badSignatureLength, "<signedPreKeySignature/> must hold 64 bytes, not \(self.signature.count).")
        }
        preKeys = try Self.preKeys(element)
    }

    private static func preKeys(_ element: Element) throws(OMEMOError) -> [PublishedPreKey] {
        let entries = Parsing.child("prekeys", of: element).map { Parsing.children("preKeyPublic", of: $0) } ?? []
        guard !entries.isEmpty else {
            throw OMEMOError(.missingPreKeys, "<bundle/> has no <preKeyPublic/>: the device must publish new prekeys.")
        }
        guard entries.count <= maximumPreKeys else {
            throw OMEMOError(.tooManyPreKeys, "<prekeys/> has more than \(maximumPreKeys) prekeys.")
        }
        var seen: Set<UInt32> = []
        var keys: [PublishedPreKey] = []
        for entry in entries {
            let id = try Parsing.keyID(entry["preKeyId"], "preKeyPublic/@preKeyId")
            guard seen.insert(id).inserted else {
                throw OMEMOError(.duplicatePreKeyID, "<prekeys/> names a prekey id twice.")
            }
            keys.append(PublishedPreKey(id: id, key: try Parsing.publicKey(entry)))
        }
        return keys
    }

    /// The element as it is published.
    public var element: Element {
        let ns = OMEMONamespace.axolotl
        let published = preKeys.map {
            Element(
                "preKeyPublic", ns, attributes: [("preKeyId", String($0.id))], text: Parsing.text($0.key.serialized))
        }
        return Element(
            "bundle", ns,
            children: [
                Element(
                    "signedPreKeyPublic", ns, attributes: [("signedPreKeyId", String(signedPreKeyID))],
                    text: Parsing.text(signedPreKey.serialized)),
                Element("signedPreKeySignature", ns, text: Parsing.text(signature)),
                Element("identityKey", ns, text: Parsing.text(identityKey.serialized)),
                Element("prekeys", ns, children: published),
            ])
    }

    /// The keys for one session, with a prekey chosen at random (XEP-0384 v0.3.0 §4.4).
    /// - Returns: `nil` when the bundle holds no prekey.
    func sessionBundle() -> SessionBundle? {
        preKeys.randomElement().map {
            SessionBundle(
                identityKey: identityKey, signedPreKeyID: signedPreKeyID, signedPreKey: signedPreKey,
                signature: signature, preKeyID: $0.id, preKey: $0.key)
        }
    }
}
