import Foundation
import Testing

@testable import Sealing

@Suite struct WorkingKeySourceTests {
    let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("sila-key-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    private func write(_ bytes: [UInt8], mode: Int = 0o600) throws -> String {
        let path = folder.appendingPathComponent("working.key").path
        #expect(FileManager.default.createFile(atPath: path, contents: Data(bytes)))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        return path
    }

    private func removed<R>(_ body: () throws -> R) rethrows -> R {
        defer { try? FileManager.default.removeItem(at: folder) }
        return try body()
    }

    @Test func aWrittenKeyIsReadAgain() throws {
        try removed {
            let secret = SecretBytes(randomCount: 32)
            let path = try write(WorkingKeySource.fileContents(secret))
            let field = Field(table: "t", row: 1, column: "c")
            let sealed = try WorkingKey(root: secret).seal([7], in: field)
            #expect(try WorkingKeySource.file(path: path).load().open(sealed, in: field) == [7])
        }
    }

    @Test(arguments: [0o640, 0o604, 0o660, 0o610])
    func aKeyThatOthersMayUseIsRefused(_ mode: Int) throws {
        try removed {
            let path = try write(WorkingKeySource.fileContents(SecretBytes(randomCount: 32)), mode: mode)
            let error = #expect(throws: WorkingKeyError.self) { try WorkingKeySource.file(path: path).load() }
            #expect(error == .tooOpen(path: path, mode: String(mode, radix: 8)))
            #expect(error?.description.contains("chmod 600") == true)
        }
    }

    @Test(arguments: [
        "", "sila-working-key-v1\n", "sila-working-key-v1\nAAAA\n", "sila-working-key-v1\n!!\n",
        "sila-working-key-v2\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n",
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n",
        "sila-working-key-v1\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\nmore\n",
    ])
    func aDamagedKeyIsRefused(_ text: String) throws {
        try removed {
            let path = try write(Array(text.utf8))
            #expect {
                try WorkingKeySource.file(path: path).load()
            } throws: { error in
                guard case WorkingKeyError.unreadable = error else { return false }
                // The message must not give the key away.
                return !"\(error)".contains("AAECAwQF")
            }
        }
    }

    @Test func aMissingKeyIsNamed() throws {
        removed {
            let path = folder.path + "/none"
            #expect(throws: WorkingKeyError.missing(path: path)) { try WorkingKeySource.file(path: path).load() }
            #expect(throws: WorkingKeyError.self) { try WorkingKeySource.file(path: folder.path).load() }
        }
    }

    @Test func aCredentialIsReadFromItsDirectory() throws {
        try removed {
            let secret = SecretBytes(randomCount: 32)
            // systemd's own mode.
            _ = try write(WorkingKeySource.fileContents(secret), mode: 0o440)
            let source = WorkingKeySource.credential(name: "working.key")
            let key = try source.load(environment: ["CREDENTIALS_DIRECTORY": folder.path])
            #expect(key.lookup([1], purpose: "p") == (try WorkingKey(root: secret)).lookup([1], purpose: "p"))
            #expect(throws: WorkingKeyError.noCredentials(name: "working.key")) { try source.load(environment: [:]) }
            #expect(throws: WorkingKeyError.self) {
                try WorkingKeySource.credential(name: "../working.key")
                    .load(environment: ["CREDENTIALS_DIRECTORY": folder.path + "/x"])
            }
        }
    }
}
