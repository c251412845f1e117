import StaffProtocol

/// A conversation as `--json` prints it. Times are ISO 8601 in UTC; empty: not so.
struct RowReport: Encodable, Equatable {
    struct Bot: Encodable, Equatable {
        struct Candidate: Encodable, Equatable {
            let topic: String
            let confidence: Double
        }

        let decision: String
        let reason: String
        let target: String
        let topic: String
        let candidates: [Candidate]
        let at: String
    }

    let id: String
    let contact: Int64
    let channel: String
    /// `bridge`, `host`, `meta`, `none`.
    let encryptionEndsAt: String
    let waitsSince: String
    let dangerSince: String
    let lastInAt: String
    let lastOutAt: String
    let language: String
    let assigned: String
    let takenOverBy: String
    let takenOverUntil: String
    let bot: Bot?
    let unheardVoice: Int
    let notDelivered: Int
    let proposals: Int
    let tasksDue: Int
    let isPractice: Bool
    let newest: Int64
    /// Devices nobody has confirmed or refused, and replies that wait because of them.
    let newDevices: Int
    let held: Int
    /// When the person writes from several addresses.
    let person: Person?

    struct Person: Encodable, Equatable {
        let contact: Int64
        let conversations: [String]
        /// `first`, `arrival-words`, `staff`.
        let how: String
        let since: String
        let recognisedAt: String
        let recognisedBy: String

        init(_ link: PersonLink) {
            contact = link.contact
            conversations = link.conversations.map { ShortID(.conversation, $0).description }
            how = link.how
            since = Moments.iso(link.since)
            recognisedAt = Moments.iso(link.recognisedAt)
            recognisedBy = link.recognisedBy
        }
    }

    init(_ row: InboxRow) {
        id = ShortID(.conversation, row.conversation).description
        contact = row.contact
        channel = row.channel
        encryptionEndsAt = row.endsAt.rawValue
        waitsSince = Moments.iso(row.waitsSince)
        dangerSince = Moments.iso(row.dangerSince)
        lastInAt = Moments.iso(row.lastInAt)
        lastOutAt = Moments.iso(row.lastOutAt)
        language = row.language
        assigned = row.assigned
        takenOverBy = row.takenOverBy
        takenOverUntil = Moments.iso(row.takenOverUntil)
        bot = row.bot.map { bot in
            Bot(
                decision: bot.decision, reason: bot.reason, target: bot.target, topic: bot.topic,
                candidates: bot.candidates.map { .init(topic: $0.topic, confidence: $0.confidence) },
                at: Moments.iso(bot.at))
        }
        unheardVoice = row.unheardVoice
        notDelivered = row.troubled
        proposals = row.proposals
        tasksDue = row.tasksDue
        isPractice = row.isPractice
        newest = row.newestItem
        newDevices = row.newDevices ?? 0
        held = row.held ?? 0
        person = row.person.map(Person.init)
    }
}

/// What most changes of one conversation print.
struct ChangeReport: Encodable {
    let version = 1
    /// A fixed word: `assigned`, `taken-over`, ….
    let done: String
    /// The conversation as it is now.
    let conversation: RowReport
}
