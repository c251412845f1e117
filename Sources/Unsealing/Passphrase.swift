import CryptoExtras
import Foundation
import Sealing

/// What a member of staff types to unlock their keys.
public struct Passphrase: Sendable, CustomStringConvertible {
    /// In characters, as people count them.
    public static let minimumLength = 12
    let bytes: SecretBytes

    /// Takes the text in one normal form (Unicode NFC), so that the same characters typed on
    /// another keyboard give the same key.
    public init(_ text: String) {
        var utf8 = Array(text.precomposedStringWithCanonicalMapping.utf8)
        bytes = SecretBytes(wiping: &utf8)
    }

    /// A passphrase for new keys: long enough and not one character repeated.
    /// Throws `UnsealingError.weakPassphrase` with the reason.
    public init(new text: String) throws(UnsealingError) {
        guard text.count >= Self.minimumLength else {
            throw .weakPassphrase(
                reason: "it has \(text.count) characters, at least \(Self.minimumLength) are needed; "
                    + "four or five words that do not belong together are good")
        }
        guard Set(text).count >= 5 else {
            throw .weakPassphrase(reason: "it has fewer than five different characters")
        }
        self.init(text)
    }

    /// The key for a file, by scrypt (RFC 7914).
    func key(_ parameters: ScryptParameters) throws(UnsealingError) -> SecretBytes {
        do {
            let key = try bytes.withUnsafeBytes { passphrase in
                try KDF.Scrypt.deriveKey(
                    from: Data(passphrase), salt: parameters.salt, outputByteCount: 32, rounds: parameters.rounds,
                    blockSize: parameters.blockSize, parallelism: parameters.parallelism)
            }
            return SecretBytes(key)
        } catch {
            throw .internalFailure("scrypt needs \(parameters.memory / 1_048_576) MiB of memory: \(error)")
        }
    }

    public var description: String { "<passphrase>" }
}

/// How hard a passphrase is to guess by trying (RFC 7914 §2). Stored beside what it protects.
struct ScryptParameters: Equatable, Sendable {
    var salt: [UInt8]
    /// N, a power of two.
    var rounds: Int
    /// r
    var blockSize: Int
    /// p
    var parallelism: Int

    /// 128 MiB and about half a second on a laptop of 2026.
    static func standard(_ randomness: Randomness = .system) -> ScryptParameters {
        ScryptParameters(salt: randomness.bytes(16), rounds: 1 << 17, blockSize: 8, parallelism: 1)
    }

    /// In bytes.
    var memory: Int { 128 * rounds * blockSize }

    /// Refuses parameters that protect nothing, and those by which a foreign file would take all
    /// memory (above 1 GiB).
    func check() throws(UnsealingError) {
        let isPower = rounds > 1 && rounds & (rounds - 1) == 0
        guard isPower, (1 << 10...1 << 20).contains(rounds), (1...8).contains(blockSize),
            (1...4).contains(parallelism), salt.count >= 16, salt.count <= 64
        else {
            throw .keyFile(reason: "its passphrase parameters are outside of what is accepted")
        }
    }
}
