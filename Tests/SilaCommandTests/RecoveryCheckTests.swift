import Foundation
import Sealing
import Testing

@testable import Unsealing
@testable import sila

@Suite struct RecoveryCheckTests {
    let scratch: Scratch
    let words: String
    let work: RecoveryCheckWork

    init() throws {
        scratch = try Scratch()
        let founding = try scratch.founding()
        try scratch.maker().make(founding)
        words = founding.recoveryKey.words.joined(separator: " ")
        work = RecoveryCheckWork(files: try scratch.files())
    }

    @Test func rightWordsOpenEveryCompartment() throws {
        #expect(try work.check { words }.compartments == Compartment.allCases)
    }

    @Test func wrongWordsAreNamed() {
        let first = words.prefix(5)
        let error = #expect(throws: RecoveryWordsError.self) { try work.check { "x" + words } }
        #expect(error == .notAWord(number: 1, word: "x" + first))
        #expect(CommandFailure(error ?? .none).code == .data)
    }

    @Test func wordsOfAnotherDeploymentAreRefused() throws {
        let other = try RecoveryKey().words.joined(separator: " ")
        let error = #expect(throws: CommandFailure.self) { try work.check { other } }
        #expect(error?.description.contains("another deployment") == true)
    }

    @Test func aMissingDeploymentIsNamedBeforeWordsAreAskedFor() throws {
        let empty = RecoveryCheckWork(files: try scratch.files(deployment: "none"))
        #expect {
            try empty.check {
                Issue.record("words were asked for")
                return ""
            }
        } throws: { CommandFailure($0).code == .missing }
    }

    @Test func anIncompleteKeyringIsFound() throws {
        let keyring = try ArchiveKeyring().encoded()
        try Data(keyring).write(to: URL(fileURLWithPath: try scratch.files().keyring))
        let error = #expect(throws: CommandFailure.self) { try work.check { words } }
        #expect(error?.description.contains("casework, conversation, desk, payments") == true)
    }

    @Test func aReplacedRosterIsRefused() throws {
        try scratch.maker(deployment: "other", keys: "other-k").make(try scratch.founding())
        let files = try scratch.files()
        try FileManager.default.removeItem(atPath: files.roster)
        try FileManager.default.copyItem(
            atPath: try scratch.files(deployment: "other").roster, toPath: files.roster)
        #expect(throws: RosterError.notPinned) { try work.check { words } }
    }
}
