import Foundation

/// Turns sections into values; the rules of single keys stand here.
struct ConfigurationReader {
    let top: Section
    let directory: String

    /// `nil` when a problem was noted that leaves no value.
    func read() -> SilaConfiguration? {
        let deployment = section("deployment")
        let store = section("store")
        let language = section("language")
        let log = section("log")
        let staff = section("staff")
        // Everything is read before anything is refused, so that all problems are noted.
        let name = deployment.requiredString("name", example: "Helpline")
        let keys = readKeys(section("keys"))
        let content = readContent(section("content"))
        let defaultLanguage = readLanguage(language)
        let xmpp = readXMPP(section("xmpp"))
        let level = log.choice("level", of: SilaConfiguration.LogLevel.allCases.map(\.rawValue))
        let storePath = path(store, "path", default: "store/sila.sqlite")
        let socket = readSocket(staff)
        let invitation = InvitationKeys(section: section("invitation")).read()
        let attachments = readAttachments(section("attachments"), tls: xmpp?.tls)
        let backup = readBackup(section("backup"))
        guard let name, let keys, let content, let xmpp, let storePath, let socket, let backup else { return nil }
        return SilaConfiguration(
            name: name, store: .init(path: storePath), keys: keys, content: content,
            defaultLanguage: defaultLanguage ?? "ar", xmpp: xmpp, staff: .init(socket: socket),
            attachments: attachments, backup: backup, invitation: invitation,
            log: .init(level: level.flatMap(SilaConfiguration.LogLevel.init(rawValue:)) ?? .info))
    }

    private func section(_ key: String) -> Section { top.section(key, schema: SilaConfiguration.schema) }

    private func readKeys(_ section: Section) -> SilaConfiguration.Keys? {
        let roster = path(section, "roster", default: "keys/roster.json")
        let pin = path(section, "roster-pin", default: "keys/roster.pin")
        let keyring = path(section, "archive-keyring", default: "keys/archive-keyring.json")
        guard section.has("mode") else {
            section.fail("mode", "is missing; write 'tpm' or 'operator', or 'file' for a demo")
            return nil
        }
        var mode: SilaConfiguration.KeyMode?
        switch section.string("mode") {
        case "file":
            if section.has("credential") { section.fail("credential", "belongs to mode 'tpm'; the mode is 'file'") }
            mode = path(section, "working-key", default: "keys/working.key").map { .file(path: $0) }
        case "tpm":
            if section.has("working-key") { section.fail("working-key", "belongs to mode 'file'; the mode is 'tpm'") }
            mode = readCredential(section).map { .tpm(credential: $0) }
        case "operator":
            for (key, owner) in [("credential", "tpm"), ("working-key", "file")] where section.has(key) {
                section.fail(key, "belongs to mode '\(owner)'; the mode is 'operator'")
            }
            mode = .operator
        case let other?:
            section.fail("mode", "is '\(other.prefix(40))', but must be tpm, operator or file")
        case nil:
            break
        }
        guard let mode, let roster, let pin, let keyring else { return nil }
        return .init(mode: mode, roster: roster, rosterPin: pin, archiveKeyring: keyring)
    }

    private func readCredential(_ section: Section) -> String? {
        guard section.has("credential") else { return "sila-working-key" }
        guard let name = section.string("credential") else { return nil }
        // It becomes a file name below $CREDENTIALS_DIRECTORY.
        guard !name.contains("/"), name != ".", name != ".." else {
            section.fail("credential", "must be the name of a systemd credential, not a path")
            return nil
        }
        return name
    }

    /// A socket's path is short: 107 bytes for the kernel (unix(7)), 103 for the server's library.
    private func readSocket(_ section: Section) -> String? {
        guard let socket = path(section, "socket", default: "run/staff.sock") else { return nil }
        guard socket.utf8.count <= 103 else {
            section.fail(
                "socket",
                "is \(socket.utf8.count) bytes long as a whole path, but a socket's path has 103 at most: "
                    + "name a shorter one, such as /run/sila/staff.sock")
            return nil
        }
        return socket
    }

    /// - Parameter tls: of the stream: who signed the server's certificate signed that of its files too, mostly.
    private func readAttachments(_ section: Section, tls: SilaConfiguration.TLS?) -> SilaConfiguration.Attachments {
        let limit = section.integer("limit-mb", in: 1...1024) ?? 25
        return .init(
            limit: Int64(limit) * 1_000_000, caFile: path(section, "ca-file") ?? tls?.caFile,
            allowsPrivate: section.bool("private-addresses") ?? false)
    }

    private func readBackup(_ section: Section) -> SilaConfiguration.Backup? {
        let data = path(section, "data", default: "backup/data")
        let keys = path(section, "keys", default: "backup/keys")
        let keepDays = section.integer("keep-days", in: 1...3650) ?? 30
        let overdueDays = section.integer("overdue-days", in: 1...365) ?? 2
        guard let data, let keys else { return nil }
        guard data != keys else {
            section.fail("keys", "is the folder of the data too; backups of keys lie apart, better on another disk")
            return nil
        }
        return .init(data: data, keys: keys, keepDays: keepDays, overdueDays: overdueDays)
    }

    private func readContent(_ section: Section) -> SilaConfiguration.Content? {
        let bots = path(section, "bots", default: "Bots")
        let translations = path(section, "translations", default: "Translations")
        let showDrafts = section.bool("show-drafts") ?? false
        guard let bots, let translations else { return nil }
        return .init(bots: bots, translations: translations, showDrafts: showDrafts)
    }

    private func readLanguage(_ section: Section) -> String? {
        guard let tag = section.string("default") else { return nil }
        let parts = tag.split(separator: "-", omittingEmptySubsequences: false)
        let isTag = parts.allSatisfy { part in
            (1...8).contains(part.count) && part.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
        }
        guard isTag, let first = parts.first, (2...3).contains(first.count), first.allSatisfy(\.isLetter) else {
            section.fail("default", "is '\(tag.prefix(40))', but must be a language tag such as ar, nl or ary-Latn")
            return nil
        }
        return tag
    }

    private func readXMPP(_ section: Section) -> SilaConfiguration.XMPP? {
        let jid = section.requiredString("jid", example: "bridge@example.org")
        let password = path(section, "password-file")
        if !section.has("password-file") {
            section.fail("password-file", "is missing; for example: xmpp.password-file: keys/xmpp.password")
        }
        let host = section.string("host")
        let port = section.integer("port", in: 1...65_535) ?? 5223
        let resource = section.string("resource") ?? "bridge"
        let tls = readTLS(section.section("tls", schema: SilaConfiguration.schema))
        let proxy = readProxy(section)
        guard let jid else { return nil }
        guard let domain = Self.domain(ofBareJID: jid) else {
            section.fail("jid", "is '\(jid.prefix(80))', but must be a bare JID such as bridge@example.org")
            return nil
        }
        guard let password else { return nil }
        return .init(
            jid: jid, passwordFile: password, host: host ?? domain, port: UInt16(port), resource: resource, tls: tls,
            proxy: proxy)
    }

    /// RFC 7622 §3: one local part and one domain, no resource.
    private static func domain(ofBareJID jid: String) -> String? {
        let parts = jid.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty, jid.utf8.count <= 2047 else { return nil }
        guard jid.allSatisfy({ !$0.isWhitespace && !"/\"&'<>:".contains($0) }) else { return nil }
        return String(parts[1])
    }

    private func readTLS(_ section: Section) -> SilaConfiguration.TLS {
        let pin = section.string("pin")
        if let pin {
            // The form of libcurl's CURLOPT_PINNEDPUBLICKEY.
            let hash = pin.hasPrefix("sha256//") ? Data(base64Encoded: String(pin.dropFirst(8))) : nil
            if hash?.count != 32 {
                section.fail("pin", "must be 'sha256//' and the base64 of the SHA-256 of the server's public key")
            } else if hash?.allSatisfy({ $0 == 0 }) == true {
                section.fail("pin", "is all zeros, which is no key's hash; config/sila.example.yaml says how to get it")
            }
        }
        return .init(caFile: path(section, "ca-file"), pin: pin)
    }

    private func readProxy(_ section: Section) -> SilaConfiguration.Proxy? {
        guard let text = section.string("proxy") else { return nil }
        let parts = URLComponents(string: text)
        guard let parts, parts.scheme == "socks5h", let host = parts.host, !host.isEmpty, let number = parts.port,
            let port = UInt16(exactly: number), port > 0, parts.user == nil, parts.password == nil,
            ["", "/"].contains(parts.path), parts.query == nil
        else {
            section.fail(
                "proxy",
                "must have the form socks5h://host:port, without user and password; other kinds would look names up "
                    + "outside of the proxy")
            return nil
        }
        return .init(host: host, port: port)
    }

    /// An absolute path, from the file's folder on. `nil` when it is absent without a default.
    private func path(_ section: Section, _ key: String, default fallback: String? = nil) -> String? {
        guard let text = section.has(key) ? section.string(key) : fallback else { return nil }
        guard !text.hasPrefix("~") else {
            section.fail(key, "starts with '~', which is not expanded; write the whole path")
            return nil
        }
        return URL(fileURLWithPath: text, relativeTo: URL(fileURLWithPath: directory, isDirectory: true))
            .standardizedFileURL.path
    }
}
