import Foundation
import Messaging
import Sealing
import Testing

@testable import Unsealing
@testable import sila

@Suite struct DeploymentMakerTests {
    let scratch: Scratch
    static let all: Set = [
        "d/keys/roster.json", "d/keys/roster.pin", "d/keys/archive-keyring.json", "d/keys/working.key",
        "k/amina.key", "k/roster.pin", "k/profile.json",
    ]

    init() throws { scratch = try Scratch() }

    @Test func everyFileIsMadeAndNoOther() throws {
        try scratch.maker().make(try scratch.founding())
        #expect(scratch.listing() == Self.all)
    }

    @Test func privateFilesAreForTheirOwnerOnly() throws {
        try scratch.maker().make(try scratch.founding())
        let files = try scratch.files()
        for path in [files.workingKey, files.staffKey(try scratch.member())] {
            #expect(try scratch.mode(path) == 0o600)
        }
        for path in [files.keys, files.daemonKeys, files.store] { #expect(try scratch.mode(path) == 0o700) }
        for path in [files.roster, files.rosterPin, files.keyring] { #expect(try scratch.mode(path) & 0o007 == 0) }
    }

    /// What was written is enough to seal on one side and to open on the other.
    @Test func theFilesWorkTogether() throws {
        try scratch.maker().make(try scratch.founding())
        let files = try scratch.files()
        let roster = try VerifiedRoster.load(rosterPath: files.roster, pinPath: files.rosterPin)
        let key = try ArchiveSealer(roster: roster).makeSegment(
            contact: ContactID(1), day: ArchiveDay(daysSince1970: 1), compartment: .casework)
        let sealed = try key.seal([1, 2, 3], kind: .message, record: .row(1))
        _ = try WorkingKeySource.file(path: files.workingKey).load()

        func read(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: path))) }
        let keyFile = try StaffKeyFile(decoding: try read(files.staffKey(try scratch.member())))
        let keyring = try ArchiveKeyring(decoding: try read(files.keyring))
        let opener = try keyring.unlock(
            try keyFile.unlock(Passphrase("a passphrase for tests")), roster: roster)
        #expect(
            try opener.open(key.wrapped, segment: key.segment).open(sealed, kind: .message, record: .row(1))
                == [1, 2, 3])
        #expect(try read(files.staffPin) == read(files.rosterPin))
    }

    @Test func nothingPrivateLiesInTheDeployment() throws {
        let founding = try scratch.founding()
        try scratch.maker().make(founding)
        let keys = try founding.keyFile.unlock(Passphrase("a passphrase for tests"))
        let secrets = [Array(keys.secret.prefix(32)), Array(keys.secret.suffix(32))]
        for name in scratch.listing("d") {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: scratch.path + "/d/" + name))
            let text = String(decoding: bytes, as: UTF8.self)
            for secret in secrets {
                #expect(bytes.range(of: Data(secret)) == nil)
                #expect(!text.contains(Data(secret).base64EncodedString()))
            }
            for word in founding.recoveryKey.words { #expect(!text.contains(word), "\(name) holds a recovery word") }
        }
    }

    @Test func nothingIsOverwritten() throws {
        try scratch.maker().make(try scratch.founding())
        let before = try Data(contentsOf: URL(fileURLWithPath: scratch.path + "/d/keys/roster.json"))
        for maker in [
            try scratch.maker(), try scratch.maker(deployment: "d2"), try scratch.maker(keys: "k2"),
        ] {
            let checked = #expect(throws: CommandFailure.self) { try maker.check() }
            #expect(checked?.code == .exists)
            let made = #expect(throws: CommandFailure.self) { try maker.make(try scratch.founding()) }
            #expect(made?.code == .exists)
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: scratch.path + "/d/keys/roster.json")) == before)
        #expect(scratch.listing() == Self.all)
    }

    @Test func aCutOffRunIsClearedAway() throws {
        let files = try scratch.files()
        try scratch.maker().make(try scratch.founding())
        let old = try Data(contentsOf: URL(fileURLWithPath: files.workingKey))
        // As if the run had been killed before its end: the mark is there, one file is missing.
        try FileManager.default.removeItem(atPath: files.rosterPin)
        let list = Self.all.map { scratch.path + "/" + $0 }.joined(separator: "\n") + "\n\n"
        try Data(list.utf8).write(to: URL(fileURLWithPath: files.unfinished))

        let maker = try scratch.maker()
        try maker.check()
        try maker.make(try scratch.founding())
        #expect(scratch.listing() == Self.all)
        #expect(try Data(contentsOf: URL(fileURLWithPath: files.workingKey)) != old)
    }

    /// A mark left behind is no licence to remove what another run finished elsewhere.
    @Test func onlyListedFilesAreClearedAway() throws {
        try scratch.maker(deployment: "other").make(try scratch.founding())
        let files = try scratch.files()
        try FileManager.default.createDirectory(atPath: files.daemonKeys, withIntermediateDirectories: true)
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: files.daemonKeys)
        try Data((files.roster + "\n\n").utf8).write(to: URL(fileURLWithPath: files.unfinished))
        try Data("old".utf8).write(to: URL(fileURLWithPath: files.roster))
        let key = try Data(contentsOf: URL(fileURLWithPath: scratch.path + "/k/amina.key"))

        let error = #expect(throws: CommandFailure.self) { try scratch.maker().make(try scratch.founding()) }
        #expect(error?.code == .exists)
        #expect(try Data(contentsOf: URL(fileURLWithPath: scratch.path + "/k/amina.key")) == key)
        #expect(!FileManager.default.fileExists(atPath: files.roster))
    }

    @Test func twoRunsAtOnceDoNotMix() throws {
        let files = try scratch.files()
        try FileManager.default.createDirectory(atPath: files.daemonKeys, withIntermediateDirectories: true)
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: files.daemonKeys)
        let mark = try UnfinishedMark(files.unfinished)
        let error = #expect(throws: CommandFailure.self) { try scratch.maker().make(try scratch.founding()) }
        #expect(error?.description.contains("Another 'sila init'") == true)
        try mark.remove()
        #expect(throws: Never.self) { try scratch.maker().make(try scratch.founding()) }
    }

    @Test func whatWasTakenBackLeavesNoKeys() throws {
        let maker = try scratch.maker()
        try maker.make(try scratch.founding())
        maker.discard()
        #expect(scratch.listing().isEmpty)
    }

    @Test func privateKeysDoNotGoIntoTheDeployment() throws {
        for keys in ["d", "d/staff", "d/../d/x"] {
            let error = #expect(throws: CommandFailure.self) { try scratch.maker(keys: keys).check() }
            #expect(error?.code == .permission)
        }
        #expect(throws: Never.self) { try scratch.maker(keys: "d-keys").check() }
    }

    @Test func anOpenFolderIsRefused() throws {
        let path = scratch.path + "/k"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try FileManager.default.setAttributes([.posixPermissions: 0o750], ofItemAtPath: path)
        let error = #expect(throws: CommandFailure.self) { try scratch.maker().make(try scratch.founding()) }
        #expect(error?.code == .permission)
        #expect(error?.description.contains("chmod 700 '\(path)'") == true)
        #expect(scratch.listing().isEmpty)
    }

    @Test func theDefaultFolderOfPrivateKeysIsTheUsers() throws {
        #expect(
            try DeploymentFiles(deployment: "/d", keys: nil, environment: ["HOME": "/home/amina"]).keys
                == "/home/amina/.local/share/sila")
        #expect(
            try DeploymentFiles(
                deployment: "/d", keys: nil, environment: ["HOME": "/home/amina", "XDG_DATA_HOME": "/data"]
            ).keys == "/data/sila")
        #expect(throws: CommandFailure.self) {
            try DeploymentFiles(deployment: "/d", keys: nil, environment: [:])
        }
    }
}
