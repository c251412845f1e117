/// One thing of a conversation, opened.
public struct ReaderLine: Sendable, Equatable {
    public enum Kind: String, Sendable, CaseIterable {
        /// Words of the contact.
        case contact
        /// Words of the bot to the contact.
        case bot
        /// Words of staff to the contact.
        case staff
        /// Stays here: a note that interns read too, one that they do not, a tag, a task.
        case note, confidentialNote, tag, task
        /// A reply that waits for a second person.
        case proposal
    }

    /// What there is to read.
    public enum Body: Sendable, Equatable {
        case text(String)
        /// It lies in a compartment that this member cannot open.
        case withheld
        /// It could not be opened: its record is damaged.
        case damaged
        /// It was erased.
        case erased
        /// The bridge could not decrypt what came; a fixed word says why.
        case unreadable(String)
        /// A file, which is opened outside of the reader.
        case file(File)
    }

    /// What is known of a file without fetching it.
    public struct File: Sendable, Equatable {
        public enum Kind: Sendable, CaseIterable { case voice, photo, video, document }
        public enum State: Sendable, CaseIterable { case here, unheard, heard, onItsWay, lost }
        public var kind: Kind
        /// As `sila attachment` takes it: `a5`.
        public var id: String
        /// With its unit; empty while not known.
        public var size: String
        public var state: State

        public init(kind: Kind, id: String, size: String, state: State) {
            self.kind = kind
            self.id = id
            self.size = size
            self.state = state
        }
    }

    /// How far a message of ours came.
    public enum Stage: String, Sendable, CaseIterable {
        case waiting, held, handedOver, confirmed, uncertain, failed
    }

    /// How a task, tag or proposal ended.
    public enum Outcome: String, Sendable, CaseIterable {
        case done, removed, approved, returned, withdrawn
    }

    /// What a reader should know besides.
    public enum Remark: String, Sendable, CaseIterable {
        /// Written on a device of the contact that was not seen before.
        case newDevice
        /// What the bridge says of it is not what was sealed.
        case doubtful
        /// What the contact does with it to an earlier message of the conversation.
        case corrects, takesBack, reacts
        /// What a later message of the contact did to it.
        case corrected, takenBack
    }

    public var kind: Kind
    /// The row number within its kind, and what a person types for it: `m345`.
    public var number: Int64
    public var shortID: String
    /// The order within the conversation.
    public var position: Int64
    public var at: ReaderTime
    /// The member who wrote it; empty for the contact and the bot.
    public var author: String
    public var body: Body
    /// Where the encryption of this message ended; `nil` for what stays here.
    public var endsAt: ReaderEnd?
    public var stage: Stage?
    /// Tasks: for whom, and the day it is due (days since 1970-01-01).
    public var assignee: String
    public var due: Int32?
    /// Proposals: the topic whose text it was, and that text.
    public var topic: String
    public var original: String
    public var outcome: Outcome?
    public var closedBy: String
    public var remarks: [Remark]

    public init(
        _ kind: Kind, number: Int64, shortID: String, position: Int64, at: ReaderTime, author: String = "",
        body: Body, endsAt: ReaderEnd? = nil, stage: Stage? = nil, assignee: String = "", due: Int32? = nil,
        topic: String = "", original: String = "", outcome: Outcome? = nil, closedBy: String = "",
        remarks: [Remark] = []
    ) {
        self.kind = kind
        self.number = number
        self.shortID = shortID
        self.position = position
        self.at = at
        self.author = author
        self.body = body
        self.endsAt = endsAt
        self.stage = stage
        self.assignee = assignee
        self.due = due
        self.topic = topic
        self.original = original
        self.outcome = outcome
        self.closedBy = closedBy
        self.remarks = remarks
    }

    /// Whether it waits for somebody to end it.
    var isOpenItem: Bool { outcome == nil && (kind == .tag || kind == .task || kind == .proposal) }
    /// Whether a colleague made it: what a reply must not pass over unseen.
    var isOfStaff: Bool { kind == .staff || kind == .proposal }
}

/// A page of a conversation.
public struct ReaderConversation: Sendable, Equatable {
    public var row: ReaderRow
    /// Oldest first.
    public var lines: [ReaderLine]
    /// To be given as `before` for older lines; empty when there are none.
    public var older: String
    /// Older lines exist that this member is not served.
    public var olderWithheld: Bool

    public init(row: ReaderRow, lines: [ReaderLine], older: String = "", olderWithheld: Bool = false) {
        self.row = row
        self.lines = lines
        self.older = older
        self.olderWithheld = olderWithheld
    }
}

/// One topic of the bot, for a person to judge.
public struct ReaderSuggestion: Sendable, Equatable {
    public enum Review: String, Sendable, CaseIterable {
        case released
        /// Waits for a lawyer: only its safe step may be said.
        case draft
        /// Nobody checked it in time: only its safe step may be said.
        case expired
    }

    public var topic: String
    /// Estimated probability, 0 to 1.
    public var confidence: Double
    public var sources: [String]
    /// The day its sources were checked, `2026-11-21`.
    public var checked: String
    public var review: Review
    /// Who is to look along; empty if nobody.
    public var handOver: String
    /// What may be said now, by variety: the answer, or the safe step where it is not released.
    public var sayable: [String: String]
    /// The answer by variety, to read.
    public var texts: [String: String]
    /// The variety of the question, as the bot sees it; empty if not known.
    public var asked: String

    public init(
        topic: String, confidence: Double, sources: [String], checked: String, review: Review, handOver: String,
        sayable: [String: String], texts: [String: String], asked: String = ""
    ) {
        self.topic = topic
        self.confidence = confidence
        self.sources = sources
        self.checked = checked
        self.review = review
        self.handOver = handOver
        self.sayable = sayable
        self.texts = texts
        self.asked = asked
    }
}

/// A place where a search found something.
public struct ReaderHit: Sendable, Equatable {
    public var conversation: Int64
    public var shortID: String
    public var name: String
    /// The position of the line that was found.
    public var position: Int64
    public var at: ReaderTime
    /// The words around what was found.
    public var snippet: String

    public init(
        conversation: Int64, shortID: String, name: String, position: Int64, at: ReaderTime, snippet: String
    ) {
        self.conversation = conversation
        self.shortID = shortID
        self.name = name
        self.position = position
        self.at = at
        self.snippet = snippet
    }
}

/// One thing of today's work.
public struct ReaderTodayItem: Sendable, Equatable {
    public enum Kind: String, Sendable, CaseIterable {
        case danger, waiting, proposal, task, troubled
    }

    public var kind: Kind
    public var conversation: Int64
    public var shortID: String
    public var name: String
    /// Since when; for a task when its day began.
    public var since: ReaderTime
    public var text: String

    public init(
        kind: Kind, conversation: Int64, shortID: String, name: String, since: ReaderTime, text: String
    ) {
        self.kind = kind
        self.conversation = conversation
        self.shortID = shortID
        self.name = name
        self.since = since
        self.text = text
    }
}
