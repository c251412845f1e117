/// What a person typed and has not sent.
public struct ReaderDraft: Sendable, Equatable {
    /// What it is to become. A reply and a note of one conversation are two drafts.
    public enum Purpose: String, Sendable, CaseIterable {
        case reply, note, confidentialNote
        /// Why a proposal goes back to its author.
        case giveBack
    }

    public var conversation: Int64
    public var purpose: Purpose
    /// Empty: there is no draft any more.
    public var text: String
    /// The id of the change that it becomes: kept with it, so that what may have arrived is sent once.
    public var change: String
    /// The topic it was made from, and its variety; empty if none.
    public var topic: String
    public var variety: String
    /// The topic's own text, to tell whether it was edited; empty if none.
    public var original: String
    public var at: ReaderTime

    public init(
        conversation: Int64, purpose: Purpose, text: String, change: String, topic: String = "",
        variety: String = "", original: String = "", at: ReaderTime
    ) {
        self.conversation = conversation
        self.purpose = purpose
        self.text = text
        self.change = change
        self.topic = topic
        self.variety = variety
        self.original = original
        self.at = at
    }
}

/// Something that a person wants changed in a conversation.
public enum ReaderChange: Sendable, Equatable {
    /// Words to the contact. `seen` is the position of the newest line that was on the screen: when a
    /// colleague wrote since, it is a conflict. `topic` and `variety` are empty if the words are no topic's.
    /// With `anyway` also words that are never said to a contact; with `inTheClear` also to one who never wrote
    /// encrypted, readable for every server on the way.
    case reply(
        text: String, seen: Int64, topic: String, variety: String, anyway: Bool = false, inTheClear: Bool = false)
    /// The same words, for a second person to approve. `original` is the topic's text, empty if none.
    case propose(text: String, seen: Int64, topic: String, variety: String, original: String, anyway: Bool = false)
    /// Sends the proposal of this number, whose text is given as it was read; `anyway` and `inTheClear` as in
    /// `reply`.
    case approve(proposal: Int64, text: String, seen: Int64, anyway: Bool = false, inTheClear: Bool = false)
    /// Gives it back with words for its author; an author takes back their own.
    case giveBack(proposal: Int64, reason: String)
    case withdraw(proposal: Int64)
    case note(text: String, confidential: Bool)
    case tag(String)
    case removeTag(Int64)
    /// `due` in days since 1970-01-01.
    case task(text: String, assignee: String, due: Int32?)
    case finishTask(Int64)
    /// `from` is who has it as far as the screen showed; both empty for nobody.
    case assign(to: String, from: String)
    case takeOver(force: Bool)
    case handBack
    /// Whether a person must still look; `seen` as in `reply`.
    case attention(waits: Bool, seen: Int64)
    case hide
}

/// Why something was not done. `message` is for a person, and drawn as text of others.
public struct ReaderFailure: Error, Sendable, Equatable {
    public enum Kind: Sendable, Equatable {
        /// No answer: it may have been done. The same change with the same id may be asked again.
        case offline
        /// Somebody else was faster; who, if known.
        case conflict(by: String)
        /// An earlier text, of which it was not known whether it had arrived, went out; this one did not.
        case earlierSent
        /// The reply needs a second person: it may be proposed.
        case needsSecondPerson
        /// These words in it are never said to a contact; nothing was sent.
        case neverSaid([String])
        /// The contact never wrote encrypted, and nobody said that it may go in the clear; nothing was sent.
        case notEncrypted
        case notAllowed
        /// Not there, or not for this member any more.
        case gone
        /// The session has ended: `sila unlock` and begin again.
        case locked
        case other
    }

    public var kind: Kind
    public var message: String

    public init(_ kind: Kind, _ message: String = "") {
        self.kind = kind
        self.message = message
    }
}

/// Something happened that nobody here asked for.
public enum ReaderEvent: Sendable, Equatable {
    /// A conversation changed; `nil`: several, or all.
    case changed(Int64?)
    /// The bridge is heard, or not.
    case link(isUp: Bool)
    /// A warning for whoever sits here: shown in red until it is confirmed.
    case alarm(String)
    /// The session has ended: nothing more comes.
    case ended
}

/// What the reader reads from and writes to. All of it is asked outside the thread that draws.
///
/// - Changes carry an id; a change whose id was done already gives the same answer and changes nothing more.
/// - Drafts lie sealed on this machine; what `keep` took is in `drafts` after a crash.
public protocol ReaderBackend: Sendable {
    /// Danger first, then who waits longest, then the newest; at most `limit` rows.
    func list(_ filter: ReaderFilter, limit: Int) async throws(ReaderFailure) -> ReaderPage
    /// The newest page, or the one before `before` (`ReaderConversation.older`).
    func open(_ conversation: Int64, before: String) async throws(ReaderFailure) -> ReaderConversation
    func apply(_ change: ReaderChange, to conversation: Int64, id: String) async throws(ReaderFailure)
    /// The bot's best topics for words of this contact, best first.
    func suggestions(for conversation: Int64, text: String) async throws(ReaderFailure) -> [ReaderSuggestion]
    func search(_ words: String) async throws(ReaderFailure) -> [ReaderHit]
    func today() async throws(ReaderFailure) -> [ReaderTodayItem]
    func members() async throws(ReaderFailure) -> [ReaderMember]
    func drafts() async throws(ReaderFailure) -> [ReaderDraft]
    func keep(_ draft: ReaderDraft) async throws(ReaderFailure)
    /// What happens from now on; it reconnects by itself and ends only when the session does. Called once.
    func events() -> AsyncStream<ReaderEvent>
}
