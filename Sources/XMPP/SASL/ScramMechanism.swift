import Crypto
import CryptoExtras
import Foundation

/// The SASL mechanisms that we use, best first. PLAIN is not among them: the server, or whoever
/// took its place, would learn the password.
public enum ScramMechanism: String, Hashable, Sendable, CaseIterable {
    /// RFC 7677.
    case sha256 = "SCRAM-SHA-256"
    /// RFC 5802.
    case sha1 = "SCRAM-SHA-1"

    /// The best of those that the server offers, `nil` when there is none.
    public static func best(of offered: [String]) -> ScramMechanism? {
        allCases.first { offered.contains($0.rawValue) }
    }

    var digestCount: Int {
        switch self {
        case .sha256: 32
        case .sha1: 20
        }
    }

    func hash(_ bytes: [UInt8]) -> [UInt8] {
        switch self {
        case .sha256: Array(SHA256.hash(data: bytes))
        case .sha1: Array(Insecure.SHA1.hash(data: bytes))
        }
    }

    func hmac(_ key: [UInt8], _ bytes: [UInt8]) -> [UInt8] {
        let key = SymmetricKey(data: key)
        return switch self {
        case .sha256: Array(HMAC<SHA256>.authenticationCode(for: bytes, using: key))
        case .sha1: Array(HMAC<Insecure.SHA1>.authenticationCode(for: bytes, using: key))
        }
    }

    /// `Hi` of RFC 5802 §2.2, which is PBKDF2 with one block.
    func saltedPassword(_ password: [UInt8], salt: [UInt8], iterations: Int) throws -> [UInt8] {
        let hash: KDF.Insecure.PBKDF2.HashFunction =
            switch self {
            case .sha256: .sha256
            case .sha1: .insecureSHA1
            }
        // "Unchecked": the server decides the number; `ScramClient` has bounded it.
        let key = try KDF.Insecure.PBKDF2.deriveKey(
            from: password, salt: salt, using: hash, outputByteCount: digestCount, unsafeUncheckedRounds: iterations)
        return key.withUnsafeBytes { Array($0) }
    }
}
