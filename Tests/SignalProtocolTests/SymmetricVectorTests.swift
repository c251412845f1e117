import CSignalProtocol
import Testing

@testable import SignalProtocol

/// The callbacks given to the C library, called as it calls them.
@Suite struct SymmetricVectorTests {
    private let provider = CryptoProvider.make(random: CryptoProvider.systemRandom)

    private func take(_ body: (UnsafeMutablePointer<OpaquePointer?>) -> Int32) throws -> [UInt8] {
        try Handle<BufferHandle>("test", body).bytes()
    }

    private func cbcEncrypt(_ key: String, _ iv: String, _ text: String) throws -> String {
        let (key, iv, text) = ([UInt8](hex: key), [UInt8](hex: iv), [UInt8](hex: text))
        let encrypt = try #require(provider.encrypt_func)
        return try take {
            encrypt($0, SG_CIPHER_AES_CBC_PKCS5, key, key.count, iv, iv.count, text, text.count, nil)
        }.hex
    }

    private func cbcDecrypt(_ key: String, _ iv: String, _ text: String) throws -> String {
        let (key, iv, text) = ([UInt8](hex: key), [UInt8](hex: iv), [UInt8](hex: text))
        let decrypt = try #require(provider.decrypt_func)
        return try take {
            decrypt($0, SG_CIPHER_AES_CBC_PKCS5, key, key.count, iv, iv.count, text, text.count, nil)
        }.hex
    }

    /// Project Wycheproof, aes_cbc_pkcs5_test.json, tcId 145 to 150.
    @Test(arguments: [
        (
            "7bf9e536b66a215c22233fe2daaa743a898b9acb9f7802de70b40e3d6e43ef97", "eb38ef61717e1324ae064e86f1c3e797",
            "", "e7c166554d1bb32792c981fa674cc4d8"
        ),
        (
            "612e837843ceae7f61d49625faa7e7494f9253e20cb3adcea686512b043936cd", "9ec7b863ac845cad5e4673da21f5b6a9",
            "cc37fae15f745a2f40e2c8b192f2b38d", "299295be47e9f5441fe83a7a811c4aeb2650333e681e69fa6b767d28a6ccf282"
        ),
        (
            "e754076ceab3fdaf4f9bcab7d4f0df0cbbafbc87731b8f9b7cd2166472e8eebc", "014d2e13dfbcb969ba3bb91442d52eca",
            "40", "42c0b89a706ed2606cd94f9cb361fa51"
        ),
        (
            "ea3b016bdd387dd64d837c71683808f335dbdc53598a4ea8c5f952473fafaf5f", "fae3e2054113f6b3b904aadbfe59655c",
            "6601", "b90c326b72eb222ddb4dae47f2bc223c"
        ),
    ])
    func cbc(key: String, iv: String, plaintext: String, ciphertext: String) throws {
        #expect(try cbcEncrypt(key, iv, plaintext) == ciphertext)
        #expect(try cbcDecrypt(key, iv, ciphertext) == plaintext)
    }

    /// Project Wycheproof, aes_cbc_pkcs5_test.json, tcId 169, 170, 173, 176, 180: wrong padding.
    @Test(arguments: [
        "", "e07558d746574528fb813f34e3fb7719", "8881e9e02fa9e3037b397957ba1fb7ce783bb4b4e18d7c646f38e0bb8ff92896",
        "c007ddffb76b95208505fe7f3be96172", "8881e9e02fa9e3037b397957ba1fb7ce6f0effa789cbb0b875cc53cc8f7b3caf",
    ])
    func cbcRefusesWrongPadding(ciphertext: String) throws {
        let key = "7c78f34dbce8f0557d43630266f59babd1cb92ba624bd1a8f45a2a91c84a804a"
        let kind = try signalKind { _ = try cbcDecrypt(key, "f010f61c31c9aa8fa0d5be5f6b0f2f70", ciphertext) }
        #expect(kind == .invalidMessage)
    }

    @Test func otherCiphersAreRefused() throws {
        let encrypt = try #require(provider.encrypt_func)
        let kind = try signalKind {
            let (key, iv) = ([UInt8](repeating: 0, count: 32), [UInt8](repeating: 0, count: 16))
            _ = try take { encrypt($0, SG_CIPHER_AES_CTR_NOPADDING, key, 32, iv, 16, iv, 16, nil) }
        }
        #expect(kind == .invalidArgument)
    }

    /// RFC 4231 §4.2, §4.3, §4.4, §4.7.
    @Test(arguments: [
        (
            String(repeating: "0b", count: 20), "4869205468657265",
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (
            "4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            String(repeating: "aa", count: 20), String(repeating: "dd", count: 50),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
        ),
        (
            String(repeating: "aa", count: 131),
            "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d2048617368204b6579204669727374",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
    ])
    func hmac(key: String, data: String, expected: String) throws {
        let (key, data) = ([UInt8](hex: key), [UInt8](hex: data))
        var state: UnsafeMutableRawPointer?
        let start = try #require(provider.hmac_sha256_init_func)
        #expect(start(&state, key, key.count, nil) == 0)
        // In two parts, as the library does.
        let half = data.count / 2
        let update = try #require(provider.hmac_sha256_update_func)
        #expect(update(state, Array(data[..<half]), half, nil) == 0)
        #expect(update(state, Array(data[half...]), data.count - half, nil) == 0)
        let final = try #require(provider.hmac_sha256_final_func)
        #expect(try take { final(state, $0, nil) }.hex == expected)
        let cleanUp = try #require(provider.hmac_sha256_cleanup_func)
        cleanUp(state, nil)
    }

    /// FIPS 180-4 example "abc" and the empty message: the second digest of one context must not
    /// remember the first.
    @Test func sha512StartsAnewAfterFinal() throws {
        var state: UnsafeMutableRawPointer?
        let start = try #require(provider.sha512_digest_init_func)
        #expect(start(&state, nil) == 0)
        let update = try #require(provider.sha512_digest_update_func)
        let final = try #require(provider.sha512_digest_final_func)
        let abc =
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
            + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
        for _ in 0..<2 {
            #expect(update(state, Array("abc".utf8), 3, nil) == 0)
            #expect(try take { final(state, $0, nil) }.hex == abc)
        }
        let empty =
            "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
            + "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e"
        #expect(try take { final(state, $0, nil) }.hex == empty)
        let cleanUp = try #require(provider.sha512_digest_cleanup_func)
        cleanUp(state, nil)
    }
}
