import Backup
import Foundation
import Sealing
import Testing

@testable import Unsealing
@testable import sila

/// `sila restore`: a folder is made whole or not at all, and every reason is named.
@Suite struct RestoreTests {
    let scratch: Scratch
    let founding: Founding
    let words: String

    init() throws {
        scratch = try Scratch()
        founding = try scratch.founding()
        words = founding.recoveryKey.words.joined(separator: " ")
    }

    private static let configuration = """
        deployment: {name: Demo}
        keys: {mode: file}
        xmpp: {jid: bridge@example.org, password-file: keys/xmpp.password, tls: {ca-file: tls/ca.pem}}
        staff: {socket: /run/sila/staff.sock}
        """

    private func keyFiles(_ founding: Founding, isOperator: Bool = false) throws -> [(String, [UInt8])] {
        var files = [
            ("keys/roster.json", try founding.roster.encoded()),
            ("keys/roster.pin", try founding.verified.pin.encoded()),
            ("keys/archive-keyring.json", try founding.keyring.encoded()),
            ("keys/xmpp.password", Array("secret\n".utf8)),
        ]
        if !isOperator { files.append(("keys/working.key", WorkingKeySource.fileContents(founding.workingKey))) }
        return files
    }

    private var dataFiles: [(String, [UInt8])] {
        [
            ("sila.yaml", Array(Self.configuration.utf8)), ("tls/ca.pem", Array("a certificate".utf8)),
            ("store/attachments/0a1b", [1, 2, 3]),
        ]
    }

    /// Writes one file of a backup. Returns its path.
    private func write(
        _ kind: BackupKind, _ files: [(String, [UInt8])], by founding: Founding? = nil, backup: UInt8 = 1,
        sequence: Int64 = 5
    ) throws -> String {
        let maker = founding ?? self.founding
        let header = BackupHeader(
            kind: kind, deployment: maker.verified.deployment, backup: [UInt8](repeating: backup, count: 16),
            generation: 0, sequence: sequence, madeAt: 1_790_000_000_000,
            recoveryKey: KeyID(publicKey: maker.recoveryKey.publicKey))
        var bytes: [UInt8] = []
        var sealer = try BackupSealer(header, recoveryKey: maker.recoveryKey.publicKey) { bytes += $0 }
        for frame in rows(kind) { try sealer.add(frame) }
        for (path, content) in files {
            try sealer.add(.file(path))
            try sealer.add(.bytes(content))
        }
        try sealer.finish()
        let path = scratch.path + "/" + UUID().uuidString + "." + kind.name
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return path
    }

    private func rows(_ kind: BackupKind) -> [BackupFrame] {
        [
            .schema(["001"]), .table(kind == .data ? "message" : "segment", columns: ["id"]), .row([.integer(1)]),
            .row([.integer(2)]),
        ]
    }

    private func work(_ data: String, _ keys: String, into folder: String = "new") -> RestoreWork {
        RestoreWork(
            data: BackupReading(path: data), keys: BackupReading(path: keys), folder: scratch.path + "/" + folder)
    }

    private func good() throws -> RestoreWork {
        work(try write(.data, dataFiles), try write(.keys, keyFiles(founding)))
    }

    /// Nothing is left of a restore that was refused, and its reason is in the words.
    private func refused(
        _ work: RestoreWork, _ code: CommandFailure.Code = .data, words: String? = nil, says: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let before = scratch.listing()
        let error = #expect(throws: (any Error).self, sourceLocation: sourceLocation) {
            try work.run { words ?? self.words }
        }
        let failure = error.map(CommandFailure.init)
        #expect(failure?.code == code, "\(String(describing: failure))", sourceLocation: sourceLocation)
        #expect(
            failure?.description.contains(says) == true, "\(String(describing: failure))",
            sourceLocation: sourceLocation)
        #expect(scratch.listing() == before, sourceLocation: sourceLocation)
    }

    @Test func aFolderIsMade() throws {
        let result = try good().run { words }
        let files = Set((try keyFiles(founding) + dataFiles).map(\.0))
        #expect(scratch.listing("new") == files.union(["store/restored.rows"]))
        for (path, content) in try keyFiles(founding) + dataFiles {
            let found = try Data(contentsOf: URL(fileURLWithPath: scratch.path + "/new/" + path))
            #expect(found == Data(content), "\(path)")
        }
        for path in ["keys/working.key", "keys/xmpp.password", "store/restored.rows"] {
            #expect(try scratch.mode(scratch.path + "/new/" + path) == 0o600, "\(path)")
        }
        #expect(try scratch.mode(scratch.path + "/new/keys") == 0o700)
        #expect(result.rows == 4 && result.attachments == 1 && result.generation == 1 && result.keyMode == "file")
        #expect(result.fingerprint == founding.verified.fingerprint && result.members == ["amina (coordinator)"])
        let report = RestoreReport(result, folder: "new").text
        #expect(report.contains("staff.socket: /run/sila/staff.sock"))
        #expect(report.contains("never runs silad again"))
        #expect(!report.contains("xmpp.tls.ca-file"), "it came along")
    }

    @Test func theRowsAreThoseOfDataAndThenOfKeys() throws {
        _ = try good().run { words }
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: scratch.path + "/new/store/restored.rows")))
        let headers = try RestoredRows.read(head: Array(bytes.prefix(RestoredRows.headCount)))
        #expect(headers.data.kind == .data && headers.keys.kind == .keys)
        let expected = BackupKind.allCases.flatMap { rows($0) + [.end(4)] }.flatMap(\.encoded)
        #expect(Array(bytes.dropFirst(RestoredRows.headCount)) == expected)
    }

    @Test func anEmptyFolderIsTakenAndAnyOtherIsNot() throws {
        try FileManager.default.createDirectory(atPath: scratch.path + "/new", withIntermediateDirectories: false)
        _ = try good().run { words }
        refused(try good(), .exists, says: "is not an empty folder")
    }

    @Test func wordsAreAskedForLast() throws {
        try Data().write(to: URL(fileURLWithPath: scratch.path + "/new"))
        #expect(throws: CommandFailure.self) {
            try good().run {
                Issue.record("words were asked for")
                return ""
            }
        }
    }

    @Test func wrongWordsAreNamed() throws {
        refused(try good(), words: "x" + words, says: "Word 1")
        refused(try good(), words: try RecoveryKey().words.joined(separator: " "), says: "do not open it")
    }

    @Test func filesThatDoNotBelongTogetherAreNamed() throws {
        let (data, keys) = (try write(.data, dataFiles, sequence: 5), try write(.keys, keyFiles(founding)))
        refused(work(keys, data), says: "Name the data first")
        refused(work(data, data), says: "second file is one of data")
        let older = try write(.keys, keyFiles(founding), backup: 2, sequence: 4)
        refused(work(data, older), says: "older than the data")
        let other = try scratch.founding()
        refused(work(data, try write(.keys, keyFiles(other), by: other)), says: "another deployment")
        let newer = try write(.keys, keyFiles(founding), backup: 2, sequence: 6)
        _ = try work(data, newer).run { words }
    }

    @Test func filesThatAreNotWholeAreNamed() throws {
        let (data, keys) = (try write(.data, dataFiles), try write(.keys, keyFiles(founding)))
        let bytes = try Data(contentsOf: URL(fileURLWithPath: data))
        func changed(_ change: (inout Data) -> Void) throws -> String {
            var copy = bytes
            change(&copy)
            let path = scratch.path + "/" + UUID().uuidString
            try copy.write(to: URL(fileURLWithPath: path))
            return path
        }
        refused(work(try changed { $0.removeLast() }, keys), says: "cut off")
        refused(work(try changed { $0.removeLast($0.count - 20) }, keys), says: "cut off")
        refused(work(try changed { $0[$0.count - 3] ^= 1 }, keys), says: "altered")
        refused(work(try changed { $0[4] = 9 }, keys), says: "format version 9")
        refused(work(try changed { $0[0] = 0 }, keys), says: "not a backup of Sila")
        refused(work(scratch.path + "/none", keys), .missing, says: "cannot be read")
    }

    @Test func whatIsMissingInsideIsNamed() throws {
        let data = try write(.data, dataFiles)
        for missing in ["keys/roster.json", "keys/archive-keyring.json", "keys/working.key"] {
            refused(work(data, try write(.keys, keyFiles(founding).filter { $0.0 != missing })), says: missing)
        }
        let other = try scratch.founding()
        var files = try keyFiles(founding)
        files[2].1 = try other.keyring.encoded()
        refused(work(data, try write(.keys, files)), says: "lacks keys of the archive")
        refused(
            work(data, try write(.keys, keyFiles(other))), says: "of another deployment")
    }

    @Test(arguments: ["../out", "/etc/passwd", "store/sila.sqlite", "store/attachments/../../x", "keys/", "", "a\nb"])
    func aFileGoesNowhereElse(_ path: String) throws {
        refused(
            work(try write(.data, dataFiles + [(path, [1])]), try write(.keys, keyFiles(founding))),
            says: "does not belong there")
    }

    @Test func inKeyModeOperatorTheKeyringHasTheKey() throws {
        let wrapping = try Founding(
            coordinator: scratch.member(), passphrase: Passphrase("a passphrase for tests"), wrapsWorkingKey: true,
            at: Date(),
            scrypt: ScryptParameters(salt: [UInt8](repeating: 1, count: 16), rounds: 1024, blockSize: 8, parallelism: 1)
        )
        let text = Self.configuration.replacingOccurrences(of: "mode: file", with: "mode: operator")
        let data = [("sila.yaml", Array(text.utf8))]
        let made = work(
            try write(.data, data, by: wrapping), try write(.keys, keyFiles(wrapping, isOperator: true), by: wrapping))
        let result = try made.run { wrapping.recoveryKey.words.joined(separator: " ") }
        #expect(RestoreReport(result, folder: "new").text.contains("sila bridge open"))
        #expect(!scratch.listing("new").contains("keys/working.key"))
        // A keyring without it opens no bridge.
        refused(
            work(try write(.data, data), try write(.keys, keyFiles(founding, isOperator: true)), into: "other"),
            says: "lacks the working key")
    }
}
