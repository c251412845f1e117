import Foundation

/// What coordinators decide about one member, beside the roster.
public struct MemberSettings: Codable, Sendable, Equatable {
    /// Whether replies of this member that were written or edited go out without a second person.
    /// Of interns only: all others may.
    public var repliesAlone: Bool
    /// Varieties in which this member may be the second person for an intern.
    public var experiencedIn: [String]

    public init(repliesAlone: Bool = false, experiencedIn: [String] = []) {
        self.repliesAlone = repliesAlone
        self.experiencedIn = experiencedIn
    }
}

/// One member as `GET /v1/staff` shows them.
public struct StaffMember: Codable, Sendable, Equatable {
    public var member: String
    public var role: String
    public var settings: MemberSettings
    /// Conversations assigned, and tasks not done.
    public var assigned: Int
    public var tasks: Int

    public init(member: String, role: String, settings: MemberSettings, assigned: Int, tasks: Int) {
        self.member = member
        self.role = role
        self.settings = settings
        self.assigned = assigned
        self.tasks = tasks
    }
}

/// What lies open with a member: `GET /v1/staff/{member}/open`.
public struct OpenWork: Codable, Sendable, Equatable {
    public var conversations: [Int64]
    public var tasks: [Int64]
    public var proposals: [Int64]
    public init(conversations: [Int64], tasks: [Int64], proposals: [Int64]) {
        self.conversations = conversations
        self.tasks = tasks
        self.proposals = proposals
    }
}

/// `POST /v1/staff/changes`: roster, keyring and reassignment in one go: all of it or nothing.
public struct StaffChange: Codable, Sendable, Equatable {
    /// The number of the last roster entry that the author saw; else a `conflict`.
    public var after: Int64
    /// The whole new roster in its stored form (`roster.json`).
    public var roster: Data
    /// The whole new keyring in its stored form (`archive-keyring.json`).
    public var keyring: Data
    /// Everything open of the first goes to the second.
    public var reassign: Reassignment?

    public struct Reassignment: Codable, Sendable, Equatable {
        public var from: String
        /// Empty: to nobody.
        public var to: String
        public init(from: String, to: String) {
            self.from = from
            self.to = to
        }
    }

    public init(after: Int64, roster: Data, keyring: Data, reassign: Reassignment? = nil) {
        self.after = after
        self.roster = roster
        self.keyring = keyring
        self.reassign = reassign
    }
}

/// One line of the audit log.
public struct AuditLine: Codable, Sendable, Equatable {
    public var id: Int64
    public var at: Milliseconds
    /// A fixed word.
    public var kind: String
    /// A row number.
    public var subject: Int64
    /// The member whose session did it; empty for the daemon itself.
    public var actor: String
    /// How much, for fetches: items served.
    public var amount: Int64
    /// The member to whom it was done.
    public var about: String?
    /// 32 bytes: the chain up to and with this line.
    public var chain: Data

    public init(
        id: Int64, at: Milliseconds, kind: String, subject: Int64, actor: String, amount: Int64, about: String? = nil,
        chain: Data
    ) {
        self.id = id
        self.at = at
        self.kind = kind
        self.subject = subject
        self.actor = actor
        self.amount = amount
        self.about = about
        self.chain = chain
    }
}

/// `GET /v1/audit`
public struct AuditPage: Codable, Sendable, Equatable {
    /// Oldest first.
    public var lines: [AuditLine]
    /// To be given as `after`; 0 on the last page.
    public var next: Int64
    public init(lines: [AuditLine], next: Int64) {
        self.lines = lines
        self.next = next
    }
}

/// `POST /v1/audit/opened`: what a staff program opened of what it was served before.
public struct OpenedReport: Codable, Sendable, Equatable {
    public var conversation: Int64
    /// How many items.
    public var items: Int64
    public init(conversation: Int64, items: Int64) {
        self.conversation = conversation
        self.items = items
    }
}

/// `GET /v1/status`: how the bridge is doing, for `sila doctor` and `sila today`.
public struct BridgeStatus: Codable, Sendable, Equatable {
    public var version: String
    public var startedAt: Milliseconds
    public var now: Milliseconds
    /// `file`, `operator`, `tpm`.
    public var keyMode: String
    /// Channel name → `online` or `offline`, and since when.
    public var channels: [Channel]
    public var waiting: Int
    public var danger: Int
    /// Outbox stage → count.
    public var outbox: [String: Int]
    /// Code → count of what was set aside.
    public var setAside: [String: Int]
    public var schemaVersion: String
    /// Fixed words for what staff should look at: `key-mode-file`, `draft-answers-shown`, ….
    public var warnings: [String]
    /// Replies of staff that wait for a decision about a device; `nil` of a bridge that does not say.
    public var held: Int?
    /// Times in which messages may be missing, until somebody acknowledges them; oldest first.
    public var gaps: [ArchiveGap]

    public struct Channel: Codable, Sendable, Equatable {
        public var name: String
        public var isOnline: Bool
        public var since: Milliseconds
        public init(name: String, isOnline: Bool, since: Milliseconds) {
            self.name = name
            self.isOnline = isOnline
            self.since = since
        }
    }

    public init(
        version: String, startedAt: Milliseconds, now: Milliseconds, keyMode: String, channels: [Channel],
        waiting: Int, danger: Int, outbox: [String: Int], setAside: [String: Int], schemaVersion: String,
        warnings: [String], held: Int? = nil, gaps: [ArchiveGap] = []
    ) {
        self.held = held
        self.version = version
        self.startedAt = startedAt
        self.now = now
        self.keyMode = keyMode
        self.channels = channels
        self.waiting = waiting
        self.danger = danger
        self.outbox = outbox
        self.setAside = setAside
        self.schemaVersion = schemaVersion
        self.warnings = warnings
        self.gaps = gaps
    }
}
