import Foundation
import Sealing
import Testing

@testable import Unsealing

@Suite struct KeyringTests {
    @Test func anEntryOfAnotherProgramOpens() throws {
        let json = """
            {"version": 1, "entries": [{
              "archiveKey": "76e74845bb3987e225d90a19b8df8bbc",
              "recipient": "c56007a6ca3288274930536576e14594",
              "wrapped": "\(Data(Fixed.hex(
                "0123b7bb8c91ae008711fb12846780bcdf1e065f821bdfec49f57e7c7dcd4c4823bd28633ca0d7f9cd4d120c8ca7b86e6e5a065f"
                + "e2b42997e492b6206ac37963831e7fdf9bae23bc354c921f8d1bd38005")).base64EncodedString())"
            }]}
            """
        let keyring = try ArchiveKeyring(decoding: Array(json.utf8))
        let roster = try RosterTests.roster(adding: [.archiveKey(try Fixed.archiveKey().publicKey)])
        let opener = try keyring.unlock(Fixed.keys(), roster: roster)
        #expect(opener.publicKeys == [try Fixed.archiveKey().publicKey])
    }

    @Test func coordinatorAndRecoveryKeyOpenEverything() throws {
        let founding = try Fixed.founding()
        let keyring = try ArchiveKeyring(decoding: try founding.keyring.encoded())
        #expect(keyring == founding.keyring)
        let keys = try founding.keyFile.unlock(Passphrase("a passphrase for tests"))
        for opener in [
            try keyring.unlock(keys, roster: founding.verified),
            try keyring.unlock(founding.recoveryKey, roster: founding.verified),
        ] {
            #expect(opener.compartments == Set(Compartment.allCases))
        }
    }

    @Test func othersOpenNothing() throws {
        let founding = try Fixed.founding()
        let stranger = StaffKeys(id: try Fixed.member("stranger"))
        #expect(try founding.keyring.unlock(stranger, roster: founding.verified).publicKeys.isEmpty)
    }

    @Test func aKeyringWithAKeyOutsideOfTheRosterIsRefused() throws {
        let keys = try Fixed.keys()
        var keyring = ArchiveKeyring()
        try keyring.add(try Fixed.archiveKey(), for: keys.sealingPublicKey)
        let roster = try RosterTests.roster(adding: [])
        let expected = UnsealingError.foreignKeyring(try Fixed.archiveKey().publicKey.id)
        #expect(throws: expected) { try keyring.unlock(keys, roster: roster) }
        // Also for somebody for whom nothing in it is wrapped: it may be all of another deployment.
        let stranger = StaffKeys(id: try Fixed.member("stranger"))
        #expect(throws: expected) { try keyring.unlock(stranger, roster: roster) }
    }

    @Test func anEmptiedKeyringIsRefused() throws {
        let founding = try Fixed.founding()
        let keys = try founding.keyFile.unlock(Passphrase("a passphrase for tests"))
        #expect(throws: UnsealingError.nothingForUs(keys.id)) {
            try ArchiveKeyring().unlock(keys, roster: founding.verified)
        }
    }

    @Test func wrappingAgainReplaces() throws {
        let keys = try Fixed.keys()
        var keyring = ArchiveKeyring()
        for _ in 0..<2 { try keyring.add(try Fixed.archiveKey(), for: keys.sealingPublicKey) }
        #expect(keyring.entries.count == 1)
    }

    @Test func alteredEntriesAreNamed() throws {
        let keys = try Fixed.keys()
        let roster = try RosterTests.roster(adding: [.archiveKey(try Fixed.archiveKey().publicKey)])
        var keyring = ArchiveKeyring()
        try keyring.add(try Fixed.archiveKey(), for: keys.sealingPublicKey)
        let wrapped = try #require(keyring.entries.first).wrapped
        for index in wrapped.indices {
            var altered = wrapped
            altered[index] ^= 1
            let json = String(decoding: try keyring.encoded(), as: UTF8.self).replacingOccurrences(
                of: Data(wrapped).base64EncodedString(), with: Data(altered).base64EncodedString())
            let read = try ArchiveKeyring(decoding: Array(json.utf8))
            let expected: SealingError =
                index == 0
                ? .unsupportedVersion(format: "wrapped archive key", found: 0)
                : .notAuthentic(format: "wrapped archive key")
            // The top bit of an X25519 public key is ignored (RFC 7748 §5), but HPKE binds all its bits.
            #expect(throws: UnsealingError.sealing(expected)) { try read.unlock(keys, roster: roster) }
        }
    }
}
