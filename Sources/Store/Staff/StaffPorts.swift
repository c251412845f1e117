import Messaging
import Sealing
import StaffProtocol

/// What the daemon knows of itself, for `StaffService.status`.
public struct BridgeFacts: Sendable {
    public var version: String
    public var startedAt: Milliseconds
    /// `file`, `operator`, `tpm`.
    public var keyMode: String
    public var channels: [BridgeStatus.Channel]
    public var warnings: [String]
    /// The bridge's own address on XMPP: a bare JID.
    public var address: String

    public init(
        version: String, startedAt: Milliseconds, keyMode: String, channels: [BridgeStatus.Channel], warnings: [String],
        address: String = ""
    ) {
        self.address = address
        self.version = version
        self.startedAt = startedAt
        self.keyMode = keyMode
        self.channels = channels
        self.warnings = warnings
    }
}

/// Practice contacts, who tell a story that is written down.
public protocol PracticePort: Sendable {
    /// The channel of their addresses.
    var channel: ChannelID { get }
    /// The ids of the stories.
    var stories: [String] { get }
    /// The languages in which a learner is coached.
    var languages: [String] { get }
    /// A new conversation is committed: the contact may begin to write. The address is
    /// `<story>/<random>`.
    ///
    /// - Parameter language: one of `languages`; `nil` for the deployment's.
    func begin(_ address: Address, language: String?) async
}

/// The server that takes new people in.
public protocol InvitationPort: Sendable {
    /// What stands on every card. Throws `APIError` naming what the configuration lacks.
    func contacts() throws -> CardContacts
    /// Throws `InvitationRefusal`.
    func invite() async throws -> NewInvitation
}

/// Where a backup can be made.
public protocol BackupPort: Sendable {
    /// Throws `APIError`.
    func makeBackup() async throws -> MadeBackup
}

/// What the staff's side of the store needs of the rest of the daemon.
public struct StaffPorts: Sendable {
    /// The members of the roster as it is now.
    public var roles: @Sendable () async -> [MemberID: Role]
    /// Whether a text is, byte for byte, a released text of the topic in some variety; without a
    /// topic: of any.
    public var isReleasedText: @Sendable (_ text: String, _ topic: String?) -> Bool
    /// The bot's best topics for a question.
    public var suggest: @Sendable (_ question: String) async throws -> Suggestions
    /// A reply of staff waits in the outbox of a channel.
    public var wake: @Sendable (ChannelID) async -> Void
    public var facts: @Sendable () async -> BridgeFacts
    /// Staff gave a conversation back: `Transaction.endedTakeovers` may have somebody to tell.
    public var botAnswersAgain: @Sendable () -> Void
    /// `nil`: no practice contacts in this deployment.
    public var practice: (any PracticePort)?
    /// `nil`: the channel's server takes nobody in.
    public var invitations: (any InvitationPort)?
    /// `nil`: none is made from here.
    public var backups: (any BackupPort)?
    /// Does work for which no answer waits.
    public var inBackground: @Sendable (_ work: @escaping @Sendable () async -> Void) -> Void

    public init(
        roles: @escaping @Sendable () async -> [MemberID: Role],
        isReleasedText: @escaping @Sendable (_ text: String, _ topic: String?) -> Bool,
        suggest: @escaping @Sendable (_ question: String) async throws -> Suggestions,
        wake: @escaping @Sendable (ChannelID) async -> Void, facts: @escaping @Sendable () async -> BridgeFacts,
        botAnswersAgain: @escaping @Sendable () -> Void = {}, practice: (any PracticePort)? = nil,
        invitations: (any InvitationPort)? = nil, backups: (any BackupPort)? = nil,
        inBackground: @escaping @Sendable (_ work: @escaping @Sendable () async -> Void) -> Void = { work in
            Task { await work() }
        }
    ) {
        self.roles = roles
        self.isReleasedText = isReleasedText
        self.suggest = suggest
        self.wake = wake
        self.facts = facts
        self.botAnswersAgain = botAnswersAgain
        self.practice = practice
        self.invitations = invitations
        self.backups = backups
        self.inBackground = inBackground
    }
}
