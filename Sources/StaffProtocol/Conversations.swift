import Foundation

/// One line of the inbox: what is known of a conversation without opening anything.
public struct InboxRow: Codable, Sendable, Equatable {
    public var conversation: Int64
    public var contact: Int64
    /// `xmpp`, later `signal`, `whatsapp`.
    public var channel: String
    /// Where the encryption of the last message of the contact ended.
    public var endsAt: EncryptionEnd
    /// Since when a person must read it; 0 when nobody needs to.
    public var waitsSince: Milliseconds
    /// Since when somebody may be in danger here and nobody of staff has read it; 0 if not.
    public var dangerSince: Milliseconds
    public var lastInAt: Milliseconds
    public var lastOutAt: Milliseconds
    /// The variety the contact writes, a BCP 47 tag; empty when not known.
    public var language: String
    /// The member it is assigned to; empty for nobody.
    public var assigned: String
    /// The member who has it from the bot; empty when the bot answers.
    public var takenOverBy: String
    /// When the take-over lapses; 0 without one.
    public var takenOverUntil: Milliseconds
    /// What the bot did last, as far as staff need to know.
    public var bot: BotNote?
    /// Voice notes that nobody heard.
    public var unheardVoice: Int
    /// Messages of ours that failed, or of which it became uncertain whether they arrived, since somebody
    /// of staff last read or answered here. What came of each stands with the message.
    public var troubled: Int
    /// Replies that wait for a second person.
    public var proposals: Int
    /// Tasks not done whose day has come.
    public var tasksDue: Int
    /// A practice contact, who cannot be taken for a real one.
    public var isPractice: Bool
    /// The number of the newest item; a reply names it, so that nothing is answered unseen.
    public var newestItem: Int64
    /// When the oldest voice note came that nobody heard; `nil` when there is none.
    public var voiceSince: Milliseconds?
    /// Devices of the contact that came later, or claim another key, and that nobody has confirmed or refused;
    /// `nil` when there is none.
    public var newDevices: Int?
    /// Replies of staff that wait because of them; `nil` when there is none.
    public var held: Int?
    /// When the person writes from several addresses; `nil` for a conversation that stands alone.
    public var person: PersonLink?

    public init(
        conversation: Int64, contact: Int64, channel: String, endsAt: EncryptionEnd, waitsSince: Milliseconds,
        dangerSince: Milliseconds, lastInAt: Milliseconds, lastOutAt: Milliseconds, language: String,
        assigned: String, takenOverBy: String, takenOverUntil: Milliseconds, bot: BotNote?, unheardVoice: Int,
        troubled: Int, proposals: Int, tasksDue: Int, isPractice: Bool, newestItem: Int64,
        newDevices: Int? = nil, held: Int? = nil, person: PersonLink? = nil, voiceSince: Milliseconds? = nil
    ) {
        self.person = person
        self.conversation = conversation
        self.contact = contact
        self.channel = channel
        self.endsAt = endsAt
        self.waitsSince = waitsSince
        self.dangerSince = dangerSince
        self.lastInAt = lastInAt
        self.lastOutAt = lastOutAt
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
        self.newestItem = newestItem
        self.voiceSince = voiceSince
        self.newDevices = newDevices
        self.held = held
    }
}

/// Where the encryption of a conversation ends.
public enum EncryptionEnd: String, Codable, Sendable, CaseIterable {
    /// At this bridge (OMEMO).
    case bridge
    /// At the bridge's host (Signal).
    case host
    /// At Meta (WhatsApp).
    case meta
    /// Nowhere: readable on its way.
    case none
}

/// What the bot made of the last message: fixed words and topic names, nothing of the text.
public struct BotNote: Codable, Sendable, Equatable {
    public struct Candidate: Codable, Sendable, Equatable {
        public var topic: String
        /// Estimated probability, 0 to 1.
        public var confidence: Double
        public init(topic: String, confidence: Double) {
            self.topic = topic
            self.confidence = confidence
        }
    }

    /// `answer`, `ask`, `handover`, `urgent`, `smalltalk`, `language`, `unencrypted`.
    public var decision: String
    /// Why a person was asked to look: `danger`, `unsure`, `asked`, `review`, …; empty if not.
    public var reason: String
    /// Who was asked to look: `intern`, `coordinator`, `lawyer`, …; empty if nobody.
    public var target: String
    /// The topic that was answered; empty if none.
    public var topic: String
    /// At most three, best first.
    public var candidates: [Candidate]
    public var at: Milliseconds

    public init(
        decision: String, reason: String, target: String, topic: String, candidates: [Candidate], at: Milliseconds
    ) {
        self.decision = decision
        self.reason = reason
        self.target = target
        self.topic = topic
        self.candidates = candidates
        self.at = at
    }
}

/// Which conversations an inbox page shows.
public enum InboxFilter: String, Codable, Sendable, CaseIterable {
    /// Those a person must read, and those in danger.
    case waiting
    /// Assigned to the one who asks.
    case mine
    /// Assigned to nobody and waiting.
    case unassigned
    /// With a voice note that nobody heard: oldest first, whether they wait or not.
    case voice
    case all
}

/// `GET /v1/inbox`: danger first, then who waits longest, then the newest.
public struct InboxPage: Codable, Sendable, Equatable {
    public var rows: [InboxRow]
    /// How many wait in all, for this member.
    public var waiting: Int
    /// How many are in danger, unread.
    public var danger: Int
    /// To be given as `after` for the next page; empty on the last.
    public var next: String
    /// The number of the last event that this page reflects.
    public var event: Int64

    public init(rows: [InboxRow], waiting: Int, danger: Int, next: String, event: Int64) {
        self.rows = rows
        self.waiting = waiting
        self.danger = danger
        self.next = next
        self.event = event
    }
}

/// `GET /v1/conversations/{id}`: a page of a conversation, sealed as it lies in the archive.
public struct ConversationPage: Codable, Sendable, Equatable {
    public var row: InboxRow
    /// Oldest first.
    public var items: [SealedItem]
    public var segments: [SealedSegment]
    /// To be given as `before` for older items; empty when there are none, or none for this member.
    public var older: String
    /// Older items exist that this role is not served.
    public var olderWithheld: Bool
    public var event: Int64
    /// The person's other conversations, whose items stand among these in the order of time; `nil` without any, and
    /// when they were not asked for.
    public var linked: [InboxRow]?

    public init(
        row: InboxRow, items: [SealedItem], segments: [SealedSegment], older: String, olderWithheld: Bool, event: Int64,
        linked: [InboxRow]? = nil
    ) {
        self.linked = linked
        self.row = row
        self.items = items
        self.segments = segments
        self.older = older
        self.olderWithheld = olderWithheld
        self.event = event
    }
}
