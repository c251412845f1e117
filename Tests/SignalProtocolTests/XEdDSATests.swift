import CSignalProtocol
import Testing

@testable import SignalProtocol

/// Vectors made with an independent implementation, libxeddsa through the Python package XEdDSA
/// 1.2.0 (`ed25519_priv_sign` with the nonce given).
@Suite struct XEdDSATests {
    struct Vector: Sendable {
        let privateKey, publicKey, message, nonce, signature: String
        /// Whether the Edwards point of the private key has its sign bit set. The C library then
        /// signs with the key as it is and puts the bit into the signature, where XEdDSA proper
        /// negates the key: the two agree byte for byte only without it.
        let signBit: Bool
    }

    static let vectors = [
        Vector(
            privateKey: "6864fd61f21dbc96b7c7d23d43d395c1a652abfb38f388f25065091216ee6d48",
            publicKey: "d4f73bbc7b655b3a26e7c302ee67f30481942d16c86baed70807b680f2115d39",
            message: "05b526aef1a341cfe6e5c377ed4c222888eeb81f913a107110a867e009c1758f24",
            nonce: "2d1cef86fd32e2c5f11d352d829f2076d8b12ef597ff0a2eba409702cf197b92"
                + "2a50baa8c8c66595578cee06ca71a76958f8a7ceed9f1bed1b9877fccc917451",
            signature: "407242c0e17a478daa66a60cae66d3779068b7592fe0fec42930839443f95d03"
                + "34d2b02fc4a409ab2fbbebe52ea5daf42fcfe96ca47072fddd1acc405e94990f",
            signBit: false),
        Vector(
            privateKey: "703a837ca60ac7b3b17f6ae875174a501a1096947f0078af6e22096beb69605e",
            publicKey: "d90eb3c1ab38fba35ee7ecf3221452a3f592bfeb6244156bafa02875bf543425",
            message: "05fb29a8d5309d7c35b180dbd78c63a455a5d1fb45149a3264c08f1aff43524beb",
            nonce: "765d968311ed060af162a6e5f24e6008e93a1e9f4ddd71ca89b1442e40120784"
                + "91ea8c9cb6745402c8e061522c74191f3198bcdbe771aa569559e92656ea9dda",
            signature: "0a5b29c7622f541ee718f01d67a26b5933052724e4929cf397fa6fb4fb2d5016"
                + "fde18c956ac1755d05ba327d8846155e4709d73f7de6cbb0e9a9c7b90ec20300",
            signBit: false),
        Vector(
            privateKey: "b89994ed466bf86f538c9b45f824bd427407d770349ba6ee3b267d45130f5f60",
            publicKey: "8fbc93b9cce3b89701f8e761c617ce4c79b9f1925f4d1a416c43f1f191542c28",
            message: "0574f2bab0f7b496db35967b365a4bedc0f6378888dea671ec307ee99e677fe21d",
            nonce: "1f332557b25352ad48439778048b71da274735c1cb90a243de8e9af2030bc34f"
                + "d6b0305ba54821ce0a17e05b63edec89da955a734e8c76e204fded36ba1d7555",
            signature: "191f9c7b412e57008fe6f6a077363b047dd09f318de2aa5c1276ee332ba22b14"
                + "6da4fc21ec46af062614c15295511f497bddd26d8b570b05e11cce322296f504",
            signBit: true),
    ]

    /// The same signature, byte for byte, from the same nonce.
    @Test(arguments: vectors.filter { !$0.signBit })
    func knownSignature(vector: Vector) throws {
        let context = try SignalContext(random: Self.random(for: vector))
        let made = try context.sign(
            [UInt8](hex: vector.message), with: ECPrivateKey(bytes: [UInt8](hex: vector.privateKey)))
        #expect(made.hex == vector.signature)
    }

    /// With the sign bit set: the independent signature verifies when the bit is put into it, as
    /// OMEMO 0.3 clients do on the wire.
    @Test(arguments: vectors)
    func independentSignatureVerifies(vector: Vector) throws {
        let context = try SignalContext()
        let key = try ECPublicKey(raw: [UInt8](hex: vector.publicKey))
        #expect(try context.publicKey(of: ECPrivateKey(bytes: [UInt8](hex: vector.privateKey))) == key)
        var signature = [UInt8](hex: vector.signature)
        if vector.signBit { signature[63] |= 0x80 }
        let message = [UInt8](hex: vector.message)
        #expect(try context.verify(signature, of: message, by: key))
        signature[63] ^= 0x80
        #expect(try !context.verify(signature, of: message, by: key))
    }

    @Test func ownSignatureVerifiesAndOthersDoNot() throws {
        let context = try SignalContext()
        let (pair, other) = (try context.generateKeyPair(), try context.generateKeyPair())
        let message = pair.publicKey.serialized
        let signature = try context.sign(message, with: pair.privateKey)
        #expect(signature.count == 64)
        #expect(try context.verify(signature, of: message, by: pair.publicKey))
        #expect(try !context.verify(signature, of: message, by: other.publicKey))
        #expect(try !context.verify(signature, of: other.publicKey.serialized, by: pair.publicKey))
        #expect(try !context.verify(Array(signature.dropLast()), of: message, by: pair.publicKey))
        #expect(try !context.verify([], of: message, by: pair.publicKey))
        #expect(try context.sign(message, with: pair.privateKey) != signature, "the nonce must be fresh")
    }

    /// A C function pointer cannot capture the nonce, so each vector has a source of its own.
    private static func random(for vector: Vector) -> CryptoProvider.Random {
        vector.nonce == vectors[0].nonce
            ? { data, count, _ in XEdDSATests.fill(data, count, XEdDSATests.vectors[0].nonce) }
            : { data, count, _ in XEdDSATests.fill(data, count, XEdDSATests.vectors[1].nonce) }
    }

    private static func fill(_ data: UnsafeMutablePointer<UInt8>?, _ count: Int, _ nonce: String) -> Int32 {
        let bytes = [UInt8](hex: nonce)
        guard let data, count == bytes.count else { return SG_ERR_INVAL }
        data.update(from: bytes, count: count)
        return SG_SUCCESS
    }
}
