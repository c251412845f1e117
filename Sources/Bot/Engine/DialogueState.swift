/// What the bot remembers of a conversation between two messages: no text of anyone.
///
/// Versioned: a state written by a newer version is refused when it is decoded, because
/// its meaning is not known here.
public struct DialogueState: Sendable, Equatable, Codable {
    /// The version this code writes.
    public static let currentVersion = 1

    public let version: Int
    /// The variety of the last reply.
    public internal(set) var variety: Variety?
    /// The variety the contact asked for; it holds until they ask for another.
    public internal(set) var chosenVariety: Variety?
    /// Whether the contact was greeted.
    public internal(set) var isGreeted: Bool
    /// The question that is open.
    public internal(set) var pending: PendingChoice?
    public internal(set) var handOver: HandOverRecord?
    /// When the contact was last told how to switch encryption on, by variety.
    public internal(set) var encryptionNotices: [Variety: Int64]
    /// When the contact was last asked to send an unreadable message again.
    public internal(set) var resendNotice: Int64?

    /// The state of a conversation that has not begun.
    public init() {
        version = Self.currentVersion
        isGreeted = false
        encryptionNotices = [:]
    }

    /// Takes over in which language the contact is addressed, from a conversation that goes on here.
    public mutating func goOn(from earlier: DialogueState) {
        chosenVariety = chosenVariety ?? earlier.chosenVariety
        variety = variety ?? earlier.variety
        isGreeted = isGreeted || earlier.isGreeted
    }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        version = try values.decode(Int.self, forKey: .version)
        guard version == Self.currentVersion else {
            throw DecodingError.dataCorruptedError(
                forKey: .version, in: values,
                debugDescription: "dialogue state of version \(version); this program reads version "
                    + "\(Self.currentVersion). Use the program that wrote it, or start the conversation's state anew.")
        }
        variety = try values.decodeIfPresent(Variety.self, forKey: .variety)
        chosenVariety = try values.decodeIfPresent(Variety.self, forKey: .chosenVariety)
        isGreeted = try values.decode(Bool.self, forKey: .isGreeted)
        pending = try values.decodeIfPresent(PendingChoice.self, forKey: .pending)
        handOver = try values.decodeIfPresent(HandOverRecord.self, forKey: .handOver)
        encryptionNotices = try values.decode([Variety: Int64].self, forKey: .encryptionNotices)
        resendNotice = try values.decodeIfPresent(Int64.self, forKey: .resendNotice)
    }
}

/// A numbered question that waits for its answer.
public struct PendingChoice: Sendable, Equatable, Codable {
    /// The topics, in the order of their numbers from 1. "None of these" and "a person" follow.
    public let topics: [TopicID]
    /// Seconds since 1970.
    public let askedAt: Int64
}

/// That a person was promised.
public struct HandOverRecord: Sendable, Equatable, Codable {
    /// When the promise was made, in seconds since 1970.
    public let since: Int64
    /// How often the contact was told.
    public internal(set) var timesTold: Int
}
