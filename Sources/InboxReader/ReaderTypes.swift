/// Milliseconds since 1970-01-01 UTC; 0 where a time is not set.
public typealias ReaderTime = Int64

/// Where the encryption of a message or a conversation ends.
public enum ReaderEnd: String, Sendable, CaseIterable {
    /// At our bridge (OMEMO).
    case bridge
    /// At the bridge's host (Signal).
    case host
    /// At Meta (WhatsApp).
    case meta
    /// Nowhere: readable on its way.
    case none
}

/// Which conversations the list shows.
public enum ReaderFilter: String, Sendable, CaseIterable {
    case waiting, mine, unassigned, all
}

/// What a member may do beyond reading and writing: keys of what they may not do are not offered. The
/// bridge decides anew each time.
public enum ReaderRight: Sendable, CaseIterable {
    /// Give conversations to colleagues.
    case assign
    /// Take a conversation out of one's own sight ("I know this person").
    case hide
    /// Approve a reply that a colleague wrote.
    case approve
    /// Send a reply that nobody looked at.
    case replyAlone
}

/// Who sits at the terminal.
public struct ReaderMe: Sendable, Equatable {
    public var member: String
    /// The name of the role, as it is shown.
    public var role: String
    public var rights: Set<ReaderRight>

    public init(member: String, role: String, rights: Set<ReaderRight>) {
        self.member = member
        self.role = role
        self.rights = rights
    }
}

/// A colleague to whom something can be given.
public struct ReaderMember: Sendable, Equatable {
    public var name: String
    public var role: String
    /// Conversations that they have.
    public var assigned: Int

    public init(name: String, role: String, assigned: Int) {
        self.name = name
        self.role = role
        self.assigned = assigned
    }
}

/// What the bot made of the last message.
public struct ReaderBot: Sendable, Equatable {
    public enum Decision: String, Sendable, CaseIterable {
        case answer, ask, handover, urgent, smalltalk, language, unencrypted
        /// A person has the conversation.
        case silent
    }

    /// `nil` for a decision that this program does not know.
    public var decision: Decision?
    /// The topic that was answered; empty if none.
    public var topic: String
    /// Why a person was asked to look, a fixed word of the bot (`danger`, `unsure`, …); empty if not.
    public var reason: String

    public init(decision: Decision?, topic: String = "", reason: String = "") {
        self.decision = decision
        self.topic = topic
        self.reason = reason
    }
}

/// One line of the list. Texts are as they were opened: what makes them safe happens when they are drawn.
public struct ReaderRow: Sendable, Equatable {
    /// The number of the conversation.
    public var id: Int64
    /// What a person types for it: `c12`.
    public var shortID: String
    /// What the contact is called; empty when not known.
    public var name: String
    /// The newest words of the contact; empty when they cannot be shown.
    public var snippet: String
    /// `xmpp`, `signal`, `whatsapp`.
    public var channel: String
    public var endsAt: ReaderEnd
    /// Since when a person must read it; 0 when nobody needs to.
    public var waitsSince: ReaderTime
    /// Since when somebody may be in danger here, unread; 0 if not.
    public var dangerSince: ReaderTime
    /// When the newest message came or went.
    public var lastAt: ReaderTime
    /// The variety the contact writes (`nl`, `ary-Latn`); empty when not known.
    public var language: String
    /// The member who has it; empty for nobody.
    public var assigned: String
    /// The member who has it from the bot; empty when the bot answers.
    public var takenOverBy: String
    /// When the take-over lapses; 0 without one.
    public var takenOverUntil: ReaderTime
    public var bot: ReaderBot?
    public var unheardVoice: Int
    /// Messages of ours that failed or are uncertain.
    public var troubled: Int
    /// Replies that wait for a second person.
    public var proposals: Int
    /// Tasks not done whose day has come.
    public var tasksDue: Int
    public var isPractice: Bool
    /// Somebody who knows the words of a person's card, and whom nobody has known by their voice yet.
    public var isUnrecognised = false
    /// The position of the newest item.
    public var newest: Int64

    public init(
        id: Int64, shortID: String, name: String = "", snippet: String = "", channel: String = "xmpp",
        endsAt: ReaderEnd = .bridge, waitsSince: ReaderTime = 0, dangerSince: ReaderTime = 0, lastAt: ReaderTime = 0,
        language: String = "", assigned: String = "", takenOverBy: String = "", takenOverUntil: ReaderTime = 0,
        bot: ReaderBot? = nil, unheardVoice: Int = 0, troubled: Int = 0, proposals: Int = 0, tasksDue: Int = 0,
        isPractice: Bool = false, newest: Int64 = 0
    ) {
        self.id = id
        self.shortID = shortID
        self.name = name
        self.snippet = snippet
        self.channel = channel
        self.endsAt = endsAt
        self.waitsSince = waitsSince
        self.dangerSince = dangerSince
        self.lastAt = lastAt
        self.language = language
        self.assigned = assigned
        self.takenOverBy = takenOverBy
        self.takenOverUntil = takenOverUntil
        self.bot = bot
        self.unheardVoice = unheardVoice
        self.troubled = troubled
        self.proposals = proposals
        self.tasksDue = tasksDue
        self.isPractice = isPractice
        self.newest = newest
    }
}

/// The answer to `list`.
public struct ReaderPage: Sendable, Equatable {
    public var rows: [ReaderRow]
    /// How many wait in all, for this member.
    public var waiting: Int
    /// How many are in danger, unread.
    public var danger: Int
    /// Whether there are more rows than were asked for.
    public var hasMore: Bool

    public init(rows: [ReaderRow], waiting: Int, danger: Int, hasMore: Bool = false) {
        self.rows = rows
        self.waiting = waiting
        self.danger = danger
        self.hasMore = hasMore
    }
}
