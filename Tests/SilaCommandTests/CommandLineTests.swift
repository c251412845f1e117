import ArgumentParser
import Foundation
import Testing

@testable import Unsealing
@testable import sila

@Suite struct CommandLineTests {
    @Test func initTakesItsOptions() throws {
        let command = try #require(
            try Sila.parseAsRoot([
                "init", "--deployment", "d", "--keys", "k", "--passphrase-file", "p", "--name", "amina", "--json",
                "--yes",
            ]) as? Init)
        #expect(command.deployment == "d")
        #expect(command.keys == "k")
        #expect(command.passphraseFile == "p")
        #expect(command.name == "amina")
        #expect(command.json)
        #expect(command.yes)
    }

    @Test(arguments: [["init"], ["init", "--deployment"], ["initt"], ["recovery", "check"], ["init", "--frce"]])
    func wrongCommandLinesEndWith64(_ arguments: [String]) {
        #expect {
            try Sila.parseAsRoot(arguments)
        } throws: { Sila.exitCode(for: $0).rawValue == 64 }
    }

    @Test func aWrongNameIsACommandLineError() throws {
        let scratch = try Scratch()
        var command = try Sila.parseAsRoot([
            "init", "--deployment", scratch.path + "/d", "--name", "Not A Name", "--yes",
        ])
        #expect { try command.run() } throws: { Sila.exitCode(for: $0).rawValue == 64 }
        #expect(scratch.listing().isEmpty)
    }

    @Test func aPassphraseFileIsTakenFromOptionOrEnvironment() throws {
        let scratch = try Scratch()
        let file = scratch.path + "/passphrase"
        #expect(FileManager.default.createFile(atPath: file, contents: Data("twelve chars\n".utf8)))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
        #expect(throws: Never.self) { try PassphrasePrompt.new(file: file, environment: [:]) }
        #expect(throws: Never.self) {
            try PassphrasePrompt.new(file: nil, environment: ["SILA_PASSPHRASE_FILE": file])
        }
        let missing = #expect(throws: CommandFailure.self) {
            try PassphrasePrompt.new(file: file + "x", environment: ["SILA_PASSPHRASE_FILE": file])
        }
        #expect(missing?.code == .missing)
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file)
        let open = #expect(throws: CommandFailure.self) { try PassphrasePrompt.new(file: file, environment: [:]) }
        #expect(open?.code == .permission)
        #expect(open?.description.contains("chmod 600") == true)
    }

    @Test func aShortPassphraseIsRefused() throws {
        let scratch = try Scratch()
        let file = scratch.path + "/passphrase"
        #expect(FileManager.default.createFile(atPath: file, contents: Data("short\n".utf8)))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
        #expect(throws: UnsealingError.self) { try PassphrasePrompt.new(file: file, environment: [:]) }
    }

    @Test func theReportShowsEachWordOnceWithItsNumber() throws {
        let scratch = try Scratch()
        let founding = try scratch.founding()
        let report = InitReport(founding, files: try scratch.files(), member: try scratch.member())
        for (index, word) in founding.recoveryKey.words.enumerated() {
            #expect(report.text.contains("\(index + 1). \(word)"))
        }
        #expect(report.text.contains(founding.verified.fingerprint))
        #expect(try RecoveryWords.parse(report.recoveryWords.joined(separator: " ")).count == 32)
    }

    @Test func everyExitStatusIsInTheHelp() {
        let help = Sila.helpMessage(columns: 200)
        for code: CommandFailure.Code in [
            .data, .missing, .unavailable, .software, .exists, .io, .again, .permission,
        ] {
            #expect(help.contains("  \(code.rawValue)  "))
        }
    }
}
