import Foundation
import Sealing

/// The private keys of a member of staff as they lie on disk: sealed under a passphrase.
///
/// JSON with a version, the member, the public keys, the scrypt parameters and the sealed private
/// keys (AES-256-GCM); all that stands beside them is bound to them as associated data.
public struct StaffKeyFile: Sendable, Equatable {
    public static let version = 1
    static let format = "staff key file"

    public let id: MemberID
    /// Ed25519, 32 bytes.
    public let signingPublicKey: [UInt8]
    /// X25519, 32 bytes.
    public let sealingPublicKey: [UInt8]
    let scrypt: ScryptParameters
    let sealed: [UInt8]

    /// Seals keys under a passphrase. Takes about half a second and 128 MiB.
    public init(_ keys: StaffKeys, passphrase: Passphrase) throws(UnsealingError) {
        try self.init(keys, passphrase: passphrase, scrypt: .standard(), randomness: .system)
    }

    init(
        _ keys: StaffKeys, passphrase: Passphrase, scrypt: ScryptParameters, randomness: Randomness
    ) throws(UnsealingError) {
        try scrypt.check()
        id = keys.id
        signingPublicKey = keys.signingPublicKey
        sealingPublicKey = keys.sealingPublicKey
        self.scrypt = scrypt
        let key = try passphrase.key(scrypt)
        var secret = keys.secret
        defer { for index in secret.indices { secret[index] = 0 } }
        do {
            sealed = try AEAD.seal(
                secret, key: key.key, version: UInt8(Self.version),
                authenticating: Self.associatedData(
                    id: id, signing: signingPublicKey, sealing: sealingPublicKey, scrypt: scrypt),
                format: Self.format, randomness: randomness)
        } catch {
            throw .sealing(error)
        }
    }

    /// Opens the private keys. Throws `UnsealingError.wrongPassphrase` when they do not open.
    public func unlock(_ passphrase: Passphrase) throws(UnsealingError) -> StaffKeys {
        let key = try passphrase.key(scrypt)
        var secret: [UInt8]
        do {
            secret = try AEAD.open(
                sealed, key: key.key, version: UInt8(Self.version),
                authenticating: Self.associatedData(
                    id: id, signing: signingPublicKey, sealing: sealingPublicKey, scrypt: scrypt),
                format: Self.format)
        } catch .notAuthentic {
            throw .wrongPassphrase
        } catch {
            throw .sealing(error)
        }
        defer { for index in secret.indices { secret[index] = 0 } }
        guard let keys = try? StaffKeys(id: id, secret: secret), keys.signingPublicKey == signingPublicKey,
            keys.sealingPublicKey == sealingPublicKey
        else { throw .keyFile(reason: "its private keys do not belong to its public keys") }
        return keys
    }

    private static func associatedData(
        id: MemberID, signing: [UInt8], sealing: [UInt8], scrypt: ScryptParameters
    ) -> [UInt8] {
        var transcript = Transcript("sila staff keys", version: UInt8(version))
        transcript.add(id.rawValue)
        transcript.add(signing)
        transcript.add(sealing)
        transcript.add(scrypt.salt)
        for number in [scrypt.rounds, scrypt.blockSize, scrypt.parallelism] { transcript.add(Int64(number)) }
        return transcript.bytes
    }
}

extension StaffKeyFile {
    private struct Stored: Codable {
        struct KDF: Codable {
            var name: String
            var salt: Data
            var rounds: Int
            var blockSize: Int
            var parallelism: Int
        }
        var version: Int
        var id: String
        var signingKey: Data
        var sealingKey: Data
        var kdf: KDF
        var sealed: Data
    }

    /// The stored form.
    public func encoded() throws(UnsealingError) -> [UInt8] {
        do {
            return try JSONForm.encode(
                Stored(
                    version: Self.version, id: id.rawValue, signingKey: Data(signingPublicKey),
                    sealingKey: Data(sealingPublicKey),
                    kdf: Stored.KDF(
                        name: "scrypt", salt: Data(scrypt.salt), rounds: scrypt.rounds,
                        blockSize: scrypt.blockSize, parallelism: scrypt.parallelism),
                    sealed: Data(sealed)))
        } catch {
            throw .keyFile(reason: "\(error)")
        }
    }

    /// Reads the stored form. Throws `UnsealingError.keyFile`.
    public init(decoding json: [UInt8]) throws(UnsealingError) {
        let stored: Stored
        do {
            stored = try JSONForm.decode(json, version: Self.version, name: "key file")
        } catch .unsupportedVersion(let found) {
            throw .keyFile(reason: "its format version \(found) is not known to this version of Sila")
        } catch .malformed(let reason) {
            throw .keyFile(reason: reason)
        } catch {
            throw .keyFile(reason: "\(error)")
        }
        guard let id = MemberID(rawValue: stored.id) else {
            throw .keyFile(reason: "its member is not a short name")
        }
        guard stored.kdf.name == "scrypt" else {
            throw .keyFile(reason: "its passphrase function '\(stored.kdf.name.prefix(20))' is not known")
        }
        scrypt = ScryptParameters(
            salt: Array(stored.kdf.salt), rounds: stored.kdf.rounds, blockSize: stored.kdf.blockSize,
            parallelism: stored.kdf.parallelism)
        try scrypt.check()
        self.id = id
        signingPublicKey = Array(stored.signingKey)
        sealingPublicKey = Array(stored.sealingKey)
        sealed = Array(stored.sealed)
    }
}
