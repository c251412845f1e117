/// Where a practice conversation stands: no text of anyone.
///
/// Versioned: a state written by a newer version is refused when it is decoded, because its meaning is
/// not known here.
public struct PracticeState: Sendable, Equatable, Codable {
    /// The version this code writes.
    public static let currentVersion = 1

    public let version: Int
    /// The id of the story.
    public let story: String
    /// The language in which the learner is coached.
    public let language: CoachLanguage
    /// The id of the step at which the contact waits, or that ended the story.
    public internal(set) var step: String
    /// Replies of the learner so far.
    public internal(set) var replies: Int
    /// How it ended; `nil` while the contact waits.
    public internal(set) var result: PracticeStory.Ending.Result?

    init(story: String, language: CoachLanguage, step: String) {
        version = Self.currentVersion
        self.story = story
        self.language = language
        self.step = step
        replies = 0
    }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        version = try values.decode(Int.self, forKey: .version)
        guard version == Self.currentVersion else {
            throw DecodingError.dataCorruptedError(
                forKey: .version, in: values,
                debugDescription: "practice state of version \(version); this program reads version "
                    + "\(Self.currentVersion). Begin a new practice conversation.")
        }
        story = try values.decode(String.self, forKey: .story)
        language = try values.decode(CoachLanguage.self, forKey: .language)
        step = try values.decode(String.self, forKey: .step)
        replies = try values.decode(Int.self, forKey: .replies)
        result = try values.decodeIfPresent(PracticeStory.Ending.Result.self, forKey: .result)
    }
}
