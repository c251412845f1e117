import Foundation
import Sealing
import Testing

@testable import Unsealing

@Suite struct KeyFileTests {
    static let sealed =
        "01a0a1a2a3a4a5a6a7a8a9aaabceaa9247d3eaabd2246f660080224fffb91da1c773625967fcecdfb83cb967cc7cc5b3d54a97a767617"
        + "39bac4cfdf845f57df4b7bb5af35bca7e17ad36eb2d26598e6ab05694dadff08cbef71419106f"

    private func file(_ passphrase: String = "a passphrase for tests") throws -> StaffKeyFile {
        try StaffKeyFile(
            Fixed.keys(), passphrase: Passphrase(passphrase), scrypt: Fixed.cheap, randomness: .system)
    }

    @Test func keysSealToTheKnownBytes() throws {
        let file = try StaffKeyFile(
            Fixed.keys(), passphrase: Passphrase("café au lait passphrase"), scrypt: Fixed.cheap,
            randomness: Randomness { Fixed.bytes(from: 0xa0, count: $0) })
        #expect(Hexadecimal.encode(file.sealed) == Self.sealed)
    }

    @Test func aWrittenFileUnlocks() throws {
        let read = try StaffKeyFile(decoding: try file().encoded())
        let keys = try read.unlock(Passphrase("a passphrase for tests"))
        #expect(keys.signingPublicKey == (try Fixed.keys()).signingPublicKey)
        #expect(keys.sealingPublicKey == (try Fixed.keys()).sealingPublicKey)
    }

    /// One keyboard types é as one character, another as e and an accent.
    @Test func theWayAnAccentIsTypedDoesNotMatter() throws {
        let file = try file("caf\u{e9} au lait passphrase")
        #expect(throws: Never.self) { try file.unlock(Passphrase("cafe\u{301} au lait passphrase")) }
    }

    @Test func aWrongPassphraseIsNamedAsSuch() throws {
        #expect(throws: UnsealingError.wrongPassphrase) { try file().unlock(Passphrase("A passphrase for tests")) }
    }

    @Test func theStandardParametersWork() throws {
        let file = try StaffKeyFile(Fixed.keys(), passphrase: Passphrase("a passphrase for tests"))
        #expect(file.scrypt.memory == 128 * 1024 * 1024)
    }

    @Test(arguments: ["\"amina\"", "\"rounds\" : 1024", "\"blockSize\" : 8"])
    func whatStandsBesideTheKeysIsBound(_ original: String) throws {
        let replacement = [
            "\"amina\"": "\"other\"", "\"rounds\" : 1024": "\"rounds\" : 2048",
            "\"blockSize\" : 8": "\"blockSize\" : 4",
        ]
        let json = String(decoding: try file().encoded(), as: UTF8.self)
        #expect(json.contains(original))
        let altered = json.replacingOccurrences(of: original, with: replacement[original] ?? "")
        #expect(throws: UnsealingError.wrongPassphrase) {
            try StaffKeyFile(decoding: Array(altered.utf8)).unlock(Passphrase("a passphrase for tests"))
        }
    }

    @Test(arguments: [
        ("\"rounds\" : 1024", "\"rounds\" : 1073741824"), ("\"rounds\" : 1024", "\"rounds\" : 1000"),
        ("\"rounds\" : 1024", "\"rounds\" : 2"), ("\"blockSize\" : 8", "\"blockSize\" : 0"),
        ("\"parallelism\" : 1", "\"parallelism\" : -1"), ("\"scrypt\"", "\"md5\""),
        ("\"version\" : 1", "\"version\" : 2"), ("\"amina\"", "\"Not A Name\""),
    ])
    func foreignFilesAreRefusedBeforeMemoryIsTaken(_ original: String, _ replacement: String) throws {
        let json = String(decoding: try file().encoded(), as: UTF8.self)
        #expect(json.contains(original))
        let altered = json.replacingOccurrences(of: original, with: replacement)
        #expect {
            try StaffKeyFile(decoding: Array(altered.utf8))
        } throws: { error in
            if case UnsealingError.keyFile = error { true } else { false }
        }
    }

    @Test func weakPassphrasesAreRefused() {
        for text in ["", "elevenchars", "aaaaaaaaaaaaaaaa", "abababababababab"] {
            #expect {
                try Passphrase(new: text)
            } throws: { error in
                if case UnsealingError.weakPassphrase = error { true } else { false }
            }
        }
        #expect(throws: Never.self) { try Passphrase(new: "twelve chars") }
    }

    @Test func printingShowsNoKey() throws {
        let keys = try Fixed.keys()
        for text in ["\(keys)", "\(Passphrase("a passphrase"))", "\(try Fixed.recoveryKey())"] {
            #expect(text.hasPrefix("<"))
            #expect(!text.contains("a passphrase"))
        }
    }
}
