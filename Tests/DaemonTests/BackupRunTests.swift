import Backup
import Foundation
import Sealing
import Store
import Testing

@testable import Daemon
@testable import Unsealing

/// `silad backup` on a deployment, and who is told when there is none.
@Suite struct BackupRunTests {
    private let deployment: Deployment
    private let configuration: String

    init() async throws {
        deployment = try Deployment()
        let key = URL(fileURLWithPath: deployment.path("working.key"))
        try Data(WorkingKeySource.fileContents(deployment.workingKey)).write(to: key)
        let password = URL(fileURLWithPath: deployment.path("password"))
        try Data("secret\n".utf8).write(to: password)
        for path in [key.path, password.path] {
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        }
        try Data("a certificate".utf8).write(to: URL(fileURLWithPath: deployment.path("ca.pem")))
        configuration = deployment.path("sila.yaml")
        try Data(
            """
            deployment: {name: Demo}
            keys: {mode: file, working-key: working.key, roster: roster.json, roster-pin: roster.pin,
              archive-keyring: archive-keyring.json}
            xmpp: {jid: bridge@example.org, password-file: password, tls: {ca-file: ca.pem}}
            """.utf8
        ).write(to: URL(fileURLWithPath: configuration))
        let writer = try Store.open(
            path: deployment.path("store/sila.sqlite"), workingKey: WorkingKey(root: deployment.workingKey),
            sealer: ArchiveSealer(roster: deployment.verified))
        try await writer.perform { try $0.audit("message-in", subject: 1) }
        try Data([1, 2, 3]).write(to: URL(fileURLWithPath: writer.attachments.path + "/orphan"))
        await writer.close()
    }

    private func frames(_ path: String) throws -> [BackupFrame] {
        let handle = try #require(FileHandle(forReadingAtPath: path))
        var opener = try BackupOpener(deployment.recoveryKey) { [UInt8](try handle.read(upToCount: $0) ?? Data()) }
        var frames: [BackupFrame] = []
        while let frame = try opener.next() { frames.append(frame) }
        return frames
    }

    private func files(_ frames: [BackupFrame]) -> [String] {
        frames.compactMap { if case .file(let path) = $0 { path } else { nil } }
    }

    @Test func bothFilesAreMadeAndOpenWithTheWords() throws {
        let report = try BackupRun(configurationPath: configuration).run()
        let (data, keys) = (try frames(report.data), try frames(report.keys))
        #expect(
            files(keys) == [
                "keys/roster.json", "keys/roster.pin", "keys/archive-keyring.json", "keys/xmpp.password",
                "keys/working.key",
            ])
        #expect(files(data) == ["sila.yaml", "ca.pem"], "a file without a row is nobody's")
        #expect(data.contains { if case .table("audit", _) = $0 { true } else { false } })
        #expect(keys.contains { if case .table("segment", _) = $0 { true } else { false } })
        #expect(!data.contains { if case .table("segment", _) = $0 { true } else { false } })
        for path in [report.data, report.keys] {
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber
            #expect(mode?.intValue == 0o600)
            let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            #expect(bytes.range(of: Data("secret".utf8)) == nil)
        }
        let names = try FileManager.default.subpathsOfDirectory(atPath: deployment.path("backup"))
        #expect(names.allSatisfy { !$0.hasSuffix(".new") })
    }

    @Test func keysGoAfterThirtyDaysAndDataWhenItsTimeIsOver() throws {
        let day = 86_400.0
        let old = try BackupRun(configurationPath: configuration).run(now: Date() - 31 * day)
        let young = try BackupRun(configurationPath: configuration).run(now: Date() - 29 * day)
        // Another deployment's, and what is no backup, stay.
        let foreign = (old.keys as NSString).deletingLastPathComponent + "/sila-20200101T000000Z-00000000.keys"
        try Data("not a backup".utf8).write(to: URL(fileURLWithPath: foreign))
        // What a run left that was cut off two days ago, and what one is writing now.
        let cut = try BackupRun(configurationPath: configuration).run(now: Date() - 2 * day)
        let running = try BackupRun(configurationPath: configuration).run(now: Date() - 60)
        for path in [cut.keys, cut.data, running.keys] {
            try FileManager.default.moveItem(atPath: path, toPath: path + ".new")
        }
        let new = try BackupRun(configurationPath: configuration).run()
        let removed = Set([young, cut, running, new].flatMap(\.removed))
        #expect(removed == [old.keys, old.data, cut.keys + ".new", cut.data + ".new"])
        #expect(FileManager.default.fileExists(atPath: running.keys + ".new"))
        for path in [young.keys, young.data, new.keys, new.data, foreign] {
            #expect(FileManager.default.fileExists(atPath: path), "\(path)")
        }
    }

    @Test func whatIsMissingIsNamedAndNothingIsLeft() throws {
        try FileManager.default.removeItem(atPath: deployment.path("working.key"))
        #expect(throws: WorkingKeyError.self) { try BackupRun(configurationPath: configuration).run() }
        #expect(!FileManager.default.fileExists(atPath: deployment.path("backup")))
        #expect(BackupMark(storePath: deployment.path("store/sila.sqlite")).read() == nil)
    }

    @Test func aKeyringThatTheWordsDoNotOpenIsNoBackup() throws {
        try Data(try ArchiveKeyring().encoded()).write(
            to: URL(fileURLWithPath: deployment.path("archive-keyring.json")))
        let error = #expect(throws: DaemonError.self) { try BackupRun(configurationPath: configuration).run() }
        #expect(error?.reason.contains("lacks keys for the recovery words") == true)
        #expect(!FileManager.default.fileExists(atPath: deployment.path("backup")))
    }

    @Test func nobodyIsToldUntilOneIsOverdue() throws {
        let mark = BackupMark(storePath: deployment.path("store/sila.sqlite"))
        let now = Date()
        func warning(begun: Double) -> String? {
            mark.warning(overdueDays: 2, begunAt: now - begun * 86_400, now: now)
        }
        #expect(warning(begun: 1) == nil)
        #expect(warning(begun: 3) == "backup-never")
        #expect(mark.warning(overdueDays: 2, begunAt: nil, now: now) == nil)
        try mark.write(madeAt: now - 86_400)
        #expect(warning(begun: 3) == nil)
        try mark.write(madeAt: now - 3 * 86_400)
        #expect(warning(begun: 1) == "backup-old")
        try Data("damaged".utf8).write(to: URL(fileURLWithPath: deployment.path("store/last-backup.json")))
        #expect(warning(begun: 3) == "backup-never")
    }
}
