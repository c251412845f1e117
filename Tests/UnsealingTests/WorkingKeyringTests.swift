import Foundation
import Sealing
import Testing

@testable import Unsealing

@Suite struct WorkingKeyringTests {
    private static func key() throws -> SecretBytes {
        var bytes = Fixed.bytes(from: 0x70)
        return SecretBytes(wiping: &bytes)
    }

    @Test func theIdIsTheKnownOne() throws {
        #expect(try WorkingKey(root: Self.key()).id.description == "f15d5075de2bac9b11312ca63ea98e82")
    }

    /// Bytes that another program wrapped from Documentation/formats.md.
    @Test func anEntryOfAnotherProgramOpens() throws {
        let wrapped =
            "AZ/XrW3P9CmN0/ltWxsq+RCgU1sUiNf4+rs0mpgogLYVa92xymVPVN/cP1DNpVFujyZwoX"
            + "WATHwduDQ+5xqInLUwkJE+knp5GO6VlxBKbcD5"
        let keyring = try ArchiveKeyring(
            decoding: Array(
                """
                {"version": 2, "entries": [], "working": [{
                  "workingKey": "f15d5075de2bac9b11312ca63ea98e82",
                  "recipient": "c56007a6ca3288274930536576e14594",
                  "wrapped": "\(wrapped)"
                }]}
                """.utf8))
        let roster = try RosterTests.roster(adding: [])
        #expect(try keyring.unlockWorkingKey(Fixed.keys(), roster: roster) == Self.key())
    }

    @Test func aKeyOfAnotherDeploymentDoesNotOpen() throws {
        var keyring = ArchiveKeyring()
        let keys = try Fixed.keys()
        try keyring.addWorkingKey(
            Self.key(), for: keys.sealingPublicKey, deployment: Fixed.bytes(from: 0xc1, count: 16))
        let roster = try RosterTests.roster(adding: [])
        #expect(throws: UnsealingError.sealing(.notAuthentic(format: "wrapped working key"))) {
            try keyring.unlockWorkingKey(keys, roster: roster)
        }
    }

    @Test func aWrappedArchiveKeyIsNotTakenForAWorkingKey() throws {
        var keyring = ArchiveKeyring()
        let keys = try Fixed.keys()
        try keyring.add(try Fixed.archiveKey(), for: keys.sealingPublicKey)
        let moved = ArchiveKeyring(KeyringFile(working: keyring.file.archive))
        let roster = try RosterTests.roster(adding: [.archiveKey(try Fixed.archiveKey().publicKey)])
        #expect(throws: UnsealingError.self) { try moved.unlockWorkingKey(keys, roster: roster) }
    }

    @Test func withoutAWorkingKeyTheFileIsAsBefore() throws {
        let founding = try Fixed.founding()
        #expect(String(decoding: try founding.keyring.encoded(), as: UTF8.self).contains("\"version\" : 1"))
        let office = try Office(wrapsWorkingKey: true)
        let bytes = try office.keyring.encoded()
        #expect(String(decoding: bytes, as: UTF8.self).contains("\"version\" : 2"))
        #expect(try ArchiveKeyring(decoding: bytes) == office.keyring)
    }

    @Test(arguments: [
        "{\"version\": 1, \"entries\": [], \"working\": []}", "{\"version\": 3, \"entries\": []}", "{\"version\": 2}",
        "{\"version\": 2, \"entries\": [{\"workingKey\": \"00\", \"recipient\": \"00\", \"wrapped\": \"\"}]}",
    ])
    func otherFormsAreRefused(_ json: String) {
        #expect(throws: UnsealingError.self) { try ArchiveKeyring(decoding: Array(json.utf8)) }
    }
}
