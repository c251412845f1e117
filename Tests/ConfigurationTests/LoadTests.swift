import Foundation
import Testing

@testable import DeploymentConfiguration

@Suite struct LoadTests {
    static let minimal = """
        deployment:
          name: Demo
        keys:
          mode: file
        xmpp:
          jid: bridge@example.org
          password-file: keys/xmpp.password
        """

    static func parse(_ text: String) throws(ConfigurationError) -> SilaConfiguration {
        try SilaConfiguration.parse(text, path: "sila.yaml", directory: "/srv/demo")
    }

    static func problems(_ text: String) -> [String] {
        do {
            _ = try parse(text)
            return []
        } catch {
            return error.problems.map(\.description)
        }
    }

    @Test func theMinimumGetsItsDefaults() throws {
        let configuration = try Self.parse(Self.minimal)
        #expect(configuration.name == "Demo")
        #expect(configuration.store.path == "/srv/demo/store/sila.sqlite")
        #expect(configuration.keys.mode == .file(path: "/srv/demo/keys/working.key"))
        #expect(configuration.keys.roster == "/srv/demo/keys/roster.json")
        #expect(configuration.keys.rosterPin == "/srv/demo/keys/roster.pin")
        #expect(configuration.keys.archiveKeyring == "/srv/demo/keys/archive-keyring.json")
        #expect(configuration.content.bots == "/srv/demo/Bots")
        #expect(configuration.content.translations == "/srv/demo/Translations")
        #expect(!configuration.content.showDrafts)
        #expect(configuration.defaultLanguage == "ar")
        #expect(configuration.xmpp.host == "example.org")
        #expect(configuration.xmpp.port == 5223)
        #expect(configuration.xmpp.resource == "bridge")
        #expect(configuration.xmpp.passwordFile == "/srv/demo/keys/xmpp.password")
        #expect(configuration.xmpp.tls == .init(caFile: nil, pin: nil))
        #expect(configuration.xmpp.proxy == nil)
        #expect(configuration.log.level == .info)
        #expect(configuration.backup.data == "/srv/demo/backup/data" && configuration.backup.keepDays == 30)
    }

    @Test func everyKeyIsRead() throws {
        let configuration = try Self.parse(
            """
            deployment: {name: "صلة"}
            store: {path: /var/lib/sila/sila.sqlite}
            keys: {mode: tpm, credential: other-key, roster: ../r.json, roster-pin: p}
            content: {bots: b, translations: t, show-drafts: true}
            language: {default: ary-Latn}
            xmpp:
              jid: bridge@example.org
              password-file: pw
              host: localhost
              port: 15223
              resource: second
              tls: {ca-file: tls/ca.pem, pin: "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE="}
              proxy: socks5h://127.0.0.1:9050
            backup: {data: /mnt/data, keys: k, keep-days: 90, overdue-days: 3}
            log: {level: debug}
            """)
        #expect(configuration.name == "صلة")
        #expect(configuration.store.path == "/var/lib/sila/sila.sqlite")
        #expect(configuration.keys.mode == .tpm(credential: "other-key"))
        #expect(configuration.keys.roster == "/srv/r.json")
        #expect(configuration.content.showDrafts)
        #expect(configuration.defaultLanguage == "ary-Latn")
        #expect(configuration.xmpp.host == "localhost")
        #expect(configuration.xmpp.port == 15_223)
        #expect(configuration.xmpp.tls.caFile == "/srv/demo/tls/ca.pem")
        #expect(configuration.xmpp.tls.pin?.hasPrefix("sha256//") == true)
        #expect(configuration.xmpp.proxy?.description == "socks5h://127.0.0.1:9050")
        #expect(configuration.log.level == .debug)
        #expect(configuration.backup == .init(data: "/mnt/data", keys: "/srv/demo/k", keepDays: 90, overdueDays: 3))
    }

    @Test func backupsOfKeysLieApart() {
        #expect(
            Self.problems(Self.minimal + "\nbackup: {data: b, keys: b}").first?.contains("backups of keys lie apart")
                == true)
    }

    @Test func allProblemsAreToldAtOnceInTheOrderOfTheFile() {
        let text = """
            deployment:
              nam: Demo
            keys:
              mode: fil
            xmpp:
              jid: bridge
              port: 99999
              pasword-file: x
            log:
              level: verbose
            colour: blue
            """
        #expect(
            Self.problems(text) == [
                "line 2: unknown key 'deployment.nam'; did you mean 'name'?",
                "line 2: 'deployment.name' is missing; for example: deployment.name: Helpline",
                "line 4: 'keys.mode' is 'fil', but must be tpm, operator or file",
                "line 6: 'xmpp.password-file' is missing; for example: xmpp.password-file: keys/xmpp.password",
                "line 6: 'xmpp.jid' is 'bridge', but must be a bare JID such as bridge@example.org",
                "line 7: 'xmpp.port' is '99999', but must be a number from 1 to 65535",
                "line 8: unknown key 'xmpp.pasword-file'; did you mean 'password-file'?",
                "line 10: 'log.level' is 'verbose', but must be one of trace, debug, info, notice, warning, error, critical",
                "line 11: unknown key 'colour'; known here: deployment, store, keys, content, language, xmpp, staff, attachments, backup, invitation, log",
            ])
    }

    @Test func inModeOperatorNoKeyIsNamed() throws {
        let keys = try Self.parse(
            Self.minimal.replacingOccurrences(of: "mode: file", with: "mode: operator\n  archive-keyring: k.json")
        ).keys
        #expect(keys.mode == .operator)
        #expect(keys.mode.name == "operator")
        #expect(keys.archiveKeyring == "/srv/demo/k.json")
    }

    @Test func aKeyInTheWrongSectionIsPointedToItsOwn() {
        #expect(
            Self.problems(Self.minimal + "\nshow-drafts: true")
                == ["line 8: unknown key 'show-drafts'; did you mean 'content.show-drafts'?"])
    }

    @Test func anEmptyFileNamesWhatIsMissing() {
        for text in ["", "# nothing\n", "---\n", "null"] {
            let problems = Self.problems(text).joined(separator: "\n")
            for key in ["deployment.name", "keys.mode", "xmpp.jid", "xmpp.password-file"] {
                #expect(problems.contains("'\(key)' is missing"), "\(text)")
            }
        }
    }

    @Test(arguments: [
        ("port: 5223", "port: [1]", "must be a text, not a list or a section"),
        ("port: 5223", "port: {a: 1}", "must be a text"), ("port: 5223", "port:", "has no value"),
        ("port: 5223", "port: ~", "has no value"), ("port: 5223", "port: 0", "1 to 65535"),
        ("port: 5223", "port: 52.5", "1 to 65535"), ("port: 5223", "port: 99999999999999999999", "1 to 65535"),
        ("port: 5223", "tls: yes", "must hold keys of its own"),
        ("port: 5223", "tls: {pin: abc}", "sha256//"), ("port: 5223", "tls: {pin: sha256//AAAA}", "sha256//"),
        ("port: 5223", "tls: {pin: 'sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA='}", "is all zeros"),
        ("port: 5223", "proxy: http://127.0.0.1:1", "socks5h://"),
        ("port: 5223", "proxy: socks5h://u:p@127.0.0.1:1", "without user"),
        ("port: 5223", "proxy: socks5h://127.0.0.1", "socks5h://"),
        ("port: 5223", "proxy: 'not a url at all'", "socks5h://"),
        ("mode: file", "mode: operator\n  credential: x", "belongs to mode 'tpm'; the mode is 'operator'"),
        ("mode: file", "mode: operator\n  working-key: x", "belongs to mode 'file'; the mode is 'operator'"),
        ("mode: file", "mode: file\n  credential: x", "belongs to mode 'tpm'"),
        ("mode: file", "mode: tpm\n  working-key: x", "belongs to mode 'file'"),
        ("mode: file", "mode: tpm\n  credential: ../x", "not a path"),
        ("mode: file", "mode: file\n  roster: ~/r.json", "not expanded"),
        ("jid: bridge@example.org", "jid: bridge@example.org/home", "bare JID"),
        ("jid: bridge@example.org", "jid: a@b@c", "bare JID"),
        ("name: Demo", "name: Demo\nlanguage: {default: Arabic!}", "language tag"),
        ("name: Demo", "name: Demo\ncontent: {show-drafts: ja}", "true or false"),
        ("name: Demo", "name: ''", "has no value"),
    ])
    func wrongValuesAreNamed(_ original: String, _ replacement: String, _ expected: String) {
        let text = (Self.minimal + "\n  port: 5223").replacingOccurrences(of: original, with: replacement)
        let problems = Self.problems(text)
        #expect(problems.count == 1, "\(problems)")
        #expect(problems.first?.contains(expected) == true, "\(problems)")
        #expect(problems.first?.hasPrefix("line ") == true, "\(problems)")
    }

    @Test(arguments: ["a: [", "a: b: c", "\ta: 1", "a: 1\na: 2", "keys: *nothing", "- a\n- b", "just text", "{", "%"])
    func whatIsNotTheRightYAMLIsRefused(_ text: String) {
        #expect(!Self.problems(text).isEmpty)
    }

    @Test func duplicateKeysAreRefusedWithTheirName() {
        #expect(Self.problems("log: {level: info}\nlog: {level: debug}").first?.contains("written twice") == true)
    }

    @Test func aBadFileIsNamed() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("sila-config-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.path + "/sila.yaml"
        func message() -> String {
            do {
                _ = try SilaConfiguration.load(from: path)
                return ""
            } catch {
                return error.description
            }
        }
        #expect(message().contains("no such file (looked for \(path))") && message().contains("--config PATH"))
        try Data([0xff, 0xfe, 0x80]).write(to: URL(fileURLWithPath: path))
        #expect(message().contains("not UTF-8"))
        try Data(repeating: 0x23, count: (1 << 20) + 1).write(to: URL(fileURLWithPath: path))
        #expect(message().contains("more than"))
        try Data("nam: 1\n".utf8).write(to: URL(fileURLWithPath: path))
        #expect(message().hasPrefix("\(path): "))
        try Data(Self.minimal.utf8).write(to: URL(fileURLWithPath: path))
        #expect(
            try SilaConfiguration.load(from: path).store.path == folder.standardizedFileURL.path + "/store/sila.sqlite")
    }

    @Test func whereAFileWasLookedForIsAWholePath() {
        let here = URL(fileURLWithPath: FileManager.default.currentDirectoryPath).standardizedFileURL.path
        let error = #expect(throws: ConfigurationError.self) {
            try SilaConfiguration.load(from: "no-such-folder/../no-such.yaml")
        }
        #expect(error?.description.contains("looked for \(here)/no-such.yaml") == true)
    }

    /// Every key of the schema is in the example, and the example is right.
    @Test func theExampleIsCompleteAndRight() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let path = root.appendingPathComponent("config/sila.example.yaml").path
        let example = try String(contentsOfFile: path, encoding: .utf8)
        #expect(throws: Never.self) { try SilaConfiguration.load(from: path) }
        for (section, keys) in SilaConfiguration.schema {
            for key in keys {
                #expect(example.contains("\(key):"), "\(section).\(key) is not documented")
            }
        }
    }

    @Test func whatStandsOnACardIsReadAndChecked() throws {
        let none = try Self.parse(Self.minimal).invitation
        #expect(none.telephone == nil && none.secondWay == nil)
        #expect(none.android == "Conversations, Cheogram" && none.iPhone == "Monal")
        let text = Self.minimal + "\ninvitation:\n  telephone: \"+442079460123\"\n  second-way: post@example.org\n"
        let read = try Self.parse(text).invitation
        #expect(read.telephone == "+442079460123" && read.secondWay == "post@example.org")
        for wrong in [
            "+44 20 7946 0123", "0044207946012", "442079460123", "+4420794x", "+0442079460123", "+1234567",
            "+1234567890123456", "+٤٤٢٠٧٩٤٦٠١٢٣",
        ] {
            let problems = Self.problems(text.replacing("+442079460123", with: wrong))
            #expect(problems.count == 1 && problems[0].contains("'invitation.telephone'"), "\(wrong)")
        }
        let long = Self.problems(text.replacing("post@example.org", with: String(repeating: "x", count: 61)))
        #expect(long.count == 1 && long[0].contains("'invitation.second-way' must be one line"))
    }

    /// With every key of the example switched on, each of them is known.
    @Test func theKeysThatTheExampleShowsAreKnown() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let path = root.appendingPathComponent("config/sila.example.yaml").path
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map(String.init)
        let shown = lines.map { line in
            line.range(of: #"^ *# [a-z-]+: \S+$"#, options: .regularExpression) == nil
                ? line : line.replacingOccurrences(of: "# ", with: "")
        }
        #expect(shown != lines)
        #expect(
            Self.problems(shown.joined(separator: "\n")) == [
                "line \((shown.firstIndex { $0.contains("credential: ") } ?? 0) + 1): 'keys.credential' belongs to mode 'tpm'; the mode is 'file'"
            ])
    }
}
