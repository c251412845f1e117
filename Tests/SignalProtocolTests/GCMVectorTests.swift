import SignalProtocol
import Testing

@Suite struct GCMVectorTests {
    /// Project Wycheproof, aes_gcm_test.json, 128-bit keys: tcId 1 to 3 (IV of 12 bytes), 71, 72,
    /// 74, 75, 76, 77 (IV of 16 bytes, as older OMEMO clients send; 77 wraps the counter).
    @Test(arguments: [
        [
            "5b9604fe14eadba931b0ccf34843dab9", "028318abc1824029138141a2", "", "001d0c231287c1182784554ca3a21908",
            "26073cc1d851beff176384dc9896d5ff", "0a3ea7a5487cb5f7d70fb6c58d038554",
        ],
        [
            "5b9604fe14eadba931b0ccf34843dab9", "921d2507fa8007b7bd067d34", "00112233445566778899aabbccddeeff",
            "001d0c231287c1182784554ca3a21908", "49d8b9783e911913d87094d1f63cc765", "1e348ba07cca2cf04c618cb4d43a5b92",
        ],
        [
            "aa023d0478dcb2b2312498293d9a9129", "0432bc49ac34412081288127", "aac39231129872a2",
            "2035af313d1346ab00154fea78322105", "eea945f3d0f98cc0fbab472a0cf24e87", "4bb9b4812519dadf9e1232016d068133",
        ],
        [
            "2034a82547276c83dd3212a813572bce", "3254202d854734812398127a3d134421",
            "1a0293d8f90219058902139013908190bc490890d3ff12a3", "02efd2e5782312827ed5d230189a2a342b277ce048462193",
            "64069c2d58690561f27ee199e6b479b6369eec688672bde9", "9b7abadd6e69c1d9ec925786534f5075",
        ],
        [
            "b67b1a6efdd40d37080fbe8f8047aeb9", "fa294b129972f7fc5bbd5b96bba837c9", "", "", "",
            "a2cf26481517ec25085c5b17d0786183",
        ],
        [
            "a549442e35154032d07c8666006aa6a2", "5171524568e81d97e8c4de4ba56c10a0", "",
            "1182e93596cac5608946400bc73f3a", "2f333087bdca58219f9bfc273e45cc", "e06d1ef473132957ad37eaef29733ca0",
        ],
        [
            "cfb4c26f126f6a0acb8e4e220f6c56cd", "1275115499ae722268515bf0c164b49c", "",
            "09dfd7f080275257cf97e76f966b1ad9", "a780bd01c80885156c88a973264c8ee5", "2adeffa682c8d8a81fada7d9fcdd2ee2",
        ],
        [
            "0b11ef3a08c02970f74281c860691c75", "95c1dd8c0f1705ece68937901f7add7b", "",
            "f693d4edd825dbb0618d91113128880dbebb23e25d00ed1f077d870be9cc7536",
            "7e47e10fe3c6fbfa381770eaf5d48d1482e71e0c44dff1e30ca6f95d92052084", "d01444fa5d9c499629d174ff3927a1ac",
        ],
        [
            "00112233445566778899aabbccddeeff", "f95fde4a751913202aeeee32a0b55753", "",
            "00000000000000000000000000000000000000000000000000000000000000000000000000000000",
            "00078d109d92143fcd5df56721b884fac64ac7762cc09eea2a3c68e92a17bdb575f87bda18be564e",
            "152a65045fe674f97627427af5be22da",
        ],
    ])
    func vector(_ parts: [String]) throws {
        let bytes = parts.map { [UInt8](hex: $0) }
        let sealed = try AESGCM.seal(bytes[3], key: bytes[0], iv: bytes[1], authenticating: bytes[2])
        #expect(sealed.ciphertext.hex == parts[4])
        #expect(sealed.tag.hex == parts[5])
        let opened = try AESGCM.open(bytes[4], tag: bytes[5], key: bytes[0], iv: bytes[1], authenticating: bytes[2])
        #expect(opened.hex == parts[3])
    }

    /// Project Wycheproof, aes_gcm_test.json, tcId 41 and 42: a flipped bit in the tag.
    @Test(arguments: ["d9847dbc326a06e988c77ad3863e6083", "da847dbc326a06e988c77ad3863e6083"])
    func flippedTag(tag: String) {
        #expect(throws: AESGCM.Failure.authenticationFailed) {
            try AESGCM.open(
                [UInt8](hex: "eb156d081ed6b6b55f4612f021d87b39"), tag: [UInt8](hex: tag),
                key: [UInt8](hex: "000102030405060708090a0b0c0d0e0f"), iv: [UInt8](hex: "505152535455565758595a5b"))
        }
    }

    @Test(arguments: [(16, 8, 16), (16, 17, 16), (16, 12, 15), (15, 12, 16), (0, 12, 16)])
    func wrongLengths(key: Int, iv: Int, tag: Int) {
        #expect(throws: AESGCM.Failure.badParameterLength) {
            try AESGCM.open(
                [1, 2, 3], tag: [UInt8](repeating: 0, count: tag), key: [UInt8](repeating: 0, count: key),
                iv: [UInt8](repeating: 0, count: iv))
        }
    }
}
