import CSignalProtocol
import Testing

@testable import SignalProtocol

@Suite struct CurveVectorTests {
    private let context: SignalContext

    init() throws { context = try SignalContext() }

    /// RFC 7748 §5.2 (both vectors), §6.1 (both sides).
    @Test(arguments: [
        (
            "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
            "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
            "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"
        ),
        (
            "4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
            "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
            "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957"
        ),
        (
            "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a",
            "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",
            "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"
        ),
        (
            "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb",
            "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
            "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"
        ),
    ])
    func agreement(scalar: String, u: String, expected: String) throws {
        let secret = try context.agreement(
            ECPublicKey(raw: [UInt8](hex: u)), ECPrivateKey(bytes: [UInt8](hex: scalar)))
        #expect(secret.hex == expected)
    }

    /// RFC 7748 §6.1: the public keys of both sides.
    @Test(arguments: [
        (
            "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a",
            "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"
        ),
        (
            "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb",
            "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"
        ),
    ])
    func publicKey(privateKey: String, expected: String) throws {
        let key = try context.publicKey(of: ECPrivateKey(bytes: [UInt8](hex: privateKey)))
        #expect(key.raw.hex == expected)
        #expect(key.serialized.first == 0x05)
    }

    /// RFC 5869 appendix A.1 and A.3.
    @Test(arguments: [
        (
            String(repeating: "0b", count: 22), "000102030405060708090a0b0c", "f0f1f2f3f4f5f6f7f8f9",
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
        ),
        (
            String(repeating: "0b", count: 22), "", "",
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"
        ),
    ])
    func hkdf(secret: String, salt: String, info: String, expected: String) throws {
        let made = try context.hkdf(
            secret: [UInt8](hex: secret), salt: [UInt8](hex: salt), info: [UInt8](hex: info), count: 42)
        #expect(made.hex == expected)
    }

    @Test(arguments: [0, 32, 34])
    func publicKeyOfWrongLength(count: Int) throws {
        let kind = try signalKind { _ = try ECPublicKey(serialized: [UInt8](repeating: 5, count: count)) }
        #expect(kind == .invalidKey)
    }

    @Test func publicKeyOfWrongType() throws {
        let kind = try signalKind { _ = try ECPublicKey(serialized: [6] + [UInt8](repeating: 5, count: 32)) }
        #expect(kind == .invalidKey)
    }

    @Test func printingAPrivateKeyShowsNothing() throws {
        let key = try ECPrivateKey(bytes: [UInt8](repeating: 0xAB, count: 32))
        var dumped = ""
        dump(key, to: &dumped)
        for text in ["\(key)", String(reflecting: key), dumped] {
            #expect(!text.contains("171") && !text.lowercased().contains("ab, "))
        }
    }
}
