import Crypto
import Foundation
import Sealing
import Testing

@testable import Backup
@testable import Unsealing

/// The files of a backup: known bytes, and every way in which one is not whole.
@Suite struct BackupTests {
    /// Computed by another program, in another language, from Documentation/formats.md.
    private static let beginning =
        "53494c420101000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f000000000000000200000000"
        + "0000004d000001a0c4506c00f4164b44b75aa13e2f6ecbdd20768f1079a631eede1bf9c98f12032cdeadd0e7a079398fc786"
        + "b88cc846ec89af85a51adc0ee259408f69ad036912d0cb9c9273477805a3c027cd3ef8633a4b53b9d500ef5faf1758cd36a5"
        + "b27b25f078bc957b"
    private static let piece =
        "00000092010102030405060708090a0b0c010ec8f03e998b87bf3d8196baced5e2ecbb097271f1e7fe5da533cff84e433109"
        + "a75bab59576732c34b53bd9e93a2f15fc64bb74a508f44a6a6f55b59ad90bb977fffdfa62b72ae07c6c629df0d3da99b7780"
        + "ac92a75b2647d949fcc2178cf923a0f3375e416b36c1fd6896f260cee018785f03ca75e2462a0f0219edbf04855fb27d2b2a"
    private static let frames: [BackupFrame] = [
        .schema(["001"]), .table("contact", columns: ["id", "created_at"]),
        .row([.integer(7), .null, .text("x"), .blob([0xca, 0xfe])]), .file("sila.yaml"), .bytes(Array("hello".utf8)),
    ]

    private static var known: [UInt8] { Fixed.hex(beginning + piece) }

    private static func opener(_ bytes: [UInt8], key: UInt8 = 0) throws -> BackupOpener {
        try BackupOpener(Fixed.recoveryKey(from: key), read: reading(bytes))
    }

    /// As a file gives them: a few at a time.
    private static func reading(_ bytes: [UInt8]) -> BackupOpener.Read {
        var rest = bytes[...]
        return { count in
            let next = Array(rest.prefix(min(count, 1_000)))
            rest = rest.dropFirst(next.count)
            return next
        }
    }

    private static func all(_ bytes: [UInt8], key: UInt8 = 0) throws -> [BackupFrame] {
        var opener = try opener(bytes, key: key)
        var frames: [BackupFrame] = []
        while let frame = try opener.next() { frames.append(frame) }
        return frames
    }

    private static func header(_ kind: BackupKind = .data, backup: UInt8 = 16) throws -> BackupHeader {
        BackupHeader(
            kind: kind, deployment: Fixed.bytes(from: 0, count: 16), backup: Fixed.bytes(from: backup, count: 16),
            generation: 2, sequence: 77, madeAt: 1_790_000_000_000,
            recoveryKey: KeyID(publicKey: try Fixed.recoveryKey(from: 0).publicKey))
    }

    private static func sealed(_ frames: [BackupFrame], _ header: BackupHeader) throws -> [UInt8] {
        var bytes: [UInt8] = []
        var sealer = try BackupSealer(header, recoveryKey: Fixed.recoveryKey(from: 0).publicKey) { bytes += $0 }
        for frame in frames { try sealer.add(frame) }
        try sealer.finish()
        return bytes
    }

    @Test func knownBytesOpen() throws {
        let opener = try Self.opener(Self.known)
        #expect(opener.header == (try Self.header()))
        #expect(try Self.all(Self.known) == Self.frames + [.end(5)])
    }

    @Test func aPieceSealsToTheKnownBytes() throws {
        var bytes: [UInt8] = []
        var sealer = BackupSealer(
            key: SymmetricKey(data: Fixed.bytes(from: 128)), beginning: Fixed.hex(Self.beginning),
            randomness: Randomness { Fixed.bytes(from: 1, count: $0) }
        ) { bytes += $0 }
        for frame in Self.frames { try sealer.add(frame) }
        try sealer.finish()
        #expect(bytes == Fixed.hex(Self.piece))
    }

    @Test func everyAlteredByteIsFound() throws {
        let bytes = Self.known
        for index in bytes.indices {
            var altered = bytes
            altered[index] ^= 1
            #expect(throws: BackupError.self, "byte \(index)") { try Self.all(altered) }
        }
    }

    @Test func everyCutIsFound() throws {
        let bytes = Self.known
        for count in bytes.indices {
            #expect(throws: BackupError.self, "\(count) bytes") { try Self.all(Array(bytes.prefix(count))) }
        }
        #expect(throws: BackupError.damaged("something stands behind its end")) { try Self.all(bytes + [0]) }
    }

    @Test func whatIsWrongIsNamed() throws {
        #expect(throws: BackupError.notABackup) { try Self.all(Array("something else".utf8)) }
        #expect(throws: BackupError.notABackup) { try Self.all([]) }
        #expect(throws: BackupError.wrongWords) { try Self.all(Self.known, key: 1) }
        #expect(throws: BackupError.cutOff) { try Self.all(Array(Self.known.dropLast())) }
        var newer = Self.known
        newer[4] = 2
        #expect(throws: BackupError.newerVersion(2)) { try Self.all(newer) }
    }

    /// Many pieces: none can be left out, given twice, moved, or taken from another backup.
    @Test func piecesAreBoundToTheirPlace() throws {
        let frames: [BackupFrame] = [.file("a")] + (0..<10).map { .bytes([UInt8](repeating: UInt8($0), count: 40_000)) }
        let bytes = try Self.sealed(frames, Self.header())
        #expect(try Self.all(bytes) == frames + [.end(11)])
        let full = 4 + BackupForm.pieceCount + AEAD.overhead
        func piece(_ number: Int) -> Range<Int> {
            let start = BackupHeader.byteCount + number * full
            return start..<min(start + full, bytes.count)
        }
        var missing = bytes
        missing.removeSubrange(piece(1))
        var moved = bytes
        moved.replaceSubrange(piece(1), with: bytes[piece(2)])
        moved.replaceSubrange(piece(2), with: bytes[piece(1)])
        var foreign = bytes
        foreign.replaceSubrange(piece(1), with: try Self.sealed(frames, Self.header(backup: 99))[piece(1)])
        for altered in [missing, moved, foreign, Array(bytes[..<piece(3).upperBound])] {
            #expect(throws: BackupError.self) { try Self.all(altered) }
        }
    }

    @Test func aPieceThatIsExactlyFullIsTheLast() throws {
        // Frame heads have 5 bytes, the end 13, the file's name 10.
        let filler = BackupForm.pieceCount - 13 - 10 - 5
        let frames: [BackupFrame] = [.file("a"), .bytes([UInt8](repeating: 7, count: filler))]
        let bytes = try Self.sealed(frames, Self.header())
        #expect(bytes.count == BackupHeader.byteCount + 4 + BackupForm.pieceCount + AEAD.overhead)
        #expect(try Self.all(bytes) == frames + [.end(2)])
    }

    @Test func framesThatAreNotWholeAreRefused() throws {
        for bytes: [UInt8] in [
            [9, 0, 0, 0, 0], [3, 0, 0, 0, 1, 9], [3, 0, 0, 0, 5, 2, 0, 0, 0, 9], [2, 0, 0, 0, 0], [4, 0, 0, 0, 0],
            [4, 0, 0, 0, 5, 0, 0, 0, 1, 0xff], [6, 0, 0, 0, 1, 0], [5, 0xff, 0xff, 0xff, 0xff],
            [6, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 1],
        ] {
            var reader = BackupFrameReader()
            reader.append(bytes)
            #expect(throws: BackupError.self, "\(bytes)") { while try reader.next() != nil {} }
        }
    }

    @Test func keysBelongToDataOfTheSameLifeAndNotOfLater() throws {
        func header(
            _ kind: BackupKind, deployment: UInt8 = 0, backup: UInt8 = 1, generation: Int64 = 0, sequence: Int64 = 5
        ) throws -> BackupHeader {
            BackupHeader(
                kind: kind, deployment: [UInt8](repeating: deployment, count: 16),
                backup: [UInt8](repeating: backup, count: 16), generation: generation, sequence: sequence, madeAt: 9,
                recoveryKey: KeyID(publicKey: []))
        }
        let data = try header(.data)
        try RestoredRows.check(data: data, keys: header(.keys))
        try RestoredRows.check(data: data, keys: header(.keys, backup: 2, sequence: 6))
        for (keys, error) in [
            (try header(.keys, backup: 2, sequence: 4), BackupPairError.olderKeys),
            (try header(.keys, deployment: 3), .otherDeployment), (try header(.keys, generation: 1), .otherGeneration),
            (try header(.data), .notKeys),
        ] {
            #expect(throws: error) { try RestoredRows.check(data: data, keys: keys) }
        }
        #expect(throws: BackupPairError.notData) { try RestoredRows.check(data: header(.keys), keys: data) }
    }
}
