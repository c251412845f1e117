/// What a deployment's `sila.yaml` says. Every key is documented in `config/sila.example.yaml`.
///
/// Paths are absolute here: relative ones were resolved against the folder of the file.
public struct SilaConfiguration: Sendable, Equatable {
    /// `deployment.name`: shown to staff and in logs.
    public var name: String
    public var store: Store
    public var keys: Keys
    public var content: Content
    /// `language.default`: a BCP 47 tag, used while a contact's language is not known.
    public var defaultLanguage: String
    public var xmpp: XMPP
    public var staff: Staff
    public var attachments: Attachments
    public var backup: Backup
    public var invitation: Invitation
    public var log: Log

    public struct Store: Sendable, Equatable {
        /// `store.path`: the SQLite file.
        public var path: String
    }

    public struct Keys: Sendable, Equatable {
        public var mode: KeyMode
        /// `keys.roster`
        public var roster: String
        /// `keys.roster-pin`
        public var rosterPin: String
        /// `keys.archive-keyring`
        public var archiveKeyring: String
    }

    /// `keys.mode`: where the working key comes from.
    public enum KeyMode: Sendable, Equatable {
        /// A file with mode 0600 (`keys.working-key`). For demos.
        case file(path: String)
        /// A systemd credential bound to the machine's TPM (`keys.credential`).
        case tpm(credential: String)
        /// Nowhere on this machine: staff give it at each start (`sila bridge open`). Until then the
        /// bridge waits locked.
        case `operator`

        /// The word in the file.
        public var name: String {
            switch self {
            case .file: "file"
            case .tpm: "tpm"
            case .operator: "operator"
            }
        }
    }

    public struct Content: Sendable, Equatable {
        /// `content.bots`: the folder with topics and flows.
        public var bots: String
        /// `content.translations`
        public var translations: String
        /// `content.show-drafts`: whether answers that no lawyer has released are given, marked
        /// as drafts. For demos.
        public var showDrafts: Bool
    }

    public struct XMPP: Sendable, Equatable {
        /// `xmpp.jid`: the bare JID of the bridge's account.
        public var jid: String
        /// `xmpp.password-file`: a file with mode 0600; read it with `SecretFile`.
        public var passwordFile: String
        /// `xmpp.host`: defaults to the domain of the JID.
        public var host: String
        /// `xmpp.port`: direct TLS (XEP-0368).
        public var port: UInt16
        /// `xmpp.resource`
        public var resource: String
        public var tls: TLS
        /// `xmpp.proxy`: a SOCKS5 proxy that resolves names.
        public var proxy: Proxy?
    }

    /// `xmpp.tls`: whom to believe that they are the server.
    public struct TLS: Sendable, Equatable {
        /// `xmpp.tls.ca-file`: PEM; `nil` for the system's authorities.
        public var caFile: String?
        /// `xmpp.tls.pin`: the hash of the server's public key, `sha256//` and base64.
        public var pin: String?
    }

    public struct Proxy: Sendable, Equatable, CustomStringConvertible {
        public var host: String
        public var port: UInt16
        /// `socks5h://host:port`, as libcurl takes it.
        public var description: String { "socks5h://\(host):\(port)" }
    }

    public struct Staff: Sendable, Equatable {
        /// `staff.socket`: the Unix socket of the staff API; its folder is made with mode 0750.
        public var socket: String
    }

    public struct Attachments: Sendable, Equatable {
        /// `attachments.limit-mb`: of one file, in bytes here.
        public var limit: Int64
        /// `attachments.ca-file`: an authority that is trusted beside those of the system.
        public var caFile: String?
        /// `attachments.private-addresses`: also from servers in private networks. For tests and the demo.
        public var allowsPrivate: Bool
    }

    public struct Backup: Sendable, Equatable {
        /// `backup.data`: the folder for backups of data.
        public var data: String
        /// `backup.keys`: the folder for backups of keys; better on another disk.
        public var keys: String
        /// `backup.keep-days`: for how long backups of data are kept. Those of keys are kept 30 days.
        public var keepDays: Int
        /// `backup.overdue-days`: after so many days without one, staff and `silad status` are told.
        public var overdueDays: Int
    }

    /// What stands on the card that `sila invite` draws. Found on somebody, it must not say who they are with.
    public struct Invitation: Sendable, Equatable {
        /// `invitation.telephone`: an ordinary number, E.164.
        public var telephone: String?
        /// `invitation.second-way`: beside this channel and the telephone.
        public var secondWay: String?
        /// `invitation.android`, `invitation.iphone`: names of apps.
        public var android: String
        public var iPhone: String
    }

    public struct Log: Sendable, Equatable {
        /// `log.level`
        public var level: LogLevel
    }

    /// The names are those of swift-log.
    public enum LogLevel: String, Sendable, CaseIterable {
        case trace, debug, info, notice, warning, error, critical
    }
}
