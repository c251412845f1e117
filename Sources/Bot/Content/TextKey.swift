/// The stable key of a sentence in the translations.
public struct TextKey: RawRepresentable, Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
    private init(_ rawValue: String) { self.rawValue = rawValue }
    public var description: String { rawValue }
    public static func < (a: TextKey, b: TextKey) -> Bool { a.rawValue < b.rawValue }

    public static let greeting = TextKey("greeting")
    public static let handOver = TextKey("handover")
    public static let handOverAgain = TextKey("handover.again")
    public static let smallTalkGreeting = TextKey("smalltalk.greeting")
    public static let smallTalkThanks = TextKey("smalltalk.thanks")
    public static let smallTalkOK = TextKey("smalltalk.ok")
    public static let askWhich = TextKey("ask.which")
    /// Holds `{n}` and `{title}`.
    public static let askOption = TextKey("ask.option")
    public static let askNone = TextKey("ask.none")
    public static let askPerson = TextKey("ask.person")
    public static let encryptionSwitchOn = TextKey("encryption.switch-on")
    public static let unreadableResend = TextKey("unreadable.resend")
    public static let draftMark = TextKey("draft.mark")
    public static let dangerHandOver = TextKey("danger.handover")
    public static let languageChanged = TextKey("language.changed")
    /// To a contact who waits for a reply that staff are preparing.
    public static let workingOnIt = TextKey("working-on-it")
    /// To a contact whose conversation the bot answers again after a colleague had it.
    public static let takeoverEnded = TextKey("takeover-ended")
    /// To the words of a card: it goes on here. Says nothing about whom we know.
    public static let arrivalRight = TextKey("arrival.right")
    public static let arrivalNotRecognised = TextKey("arrival.not-recognised")
    public static let arrivalTooOften = TextKey("arrival.too-often")

    /// To a contact who sent a voice note: the bot cannot listen, a person will.
    public static let attachmentVoice = TextKey("attachment.voice")
    /// To one who sent a photo, a video or a document: a person will look.
    public static let attachmentFile = TextKey("attachment.file")

    /// The sentences that belong to no topic; each written variety must have all of them.
    public static let general: [TextKey] = [
        .greeting, .handOver, .handOverAgain, .smallTalkGreeting, .smallTalkThanks, .smallTalkOK,
        .askWhich, .askOption, .askNone, .askPerson, .encryptionSwitchOn, .unreadableResend,
        .draftMark, .dangerHandOver, .languageChanged, .workingOnIt, .takeoverEnded,
        .arrivalRight, .arrivalNotRecognised, .arrivalTooOften,
        .attachmentVoice, .attachmentFile,
    ]

    /// The answer of a topic.
    public static func answer(_ topic: TopicID) -> TextKey { TextKey("topic.\(topic.rawValue).answer") }
    /// The safe step of a topic whose answer awaits a lawyer's signature.
    public static func safe(_ topic: TopicID) -> TextKey { TextKey("topic.\(topic.rawValue).safe") }
    /// The short name of a topic in a list of choices.
    public static func title(_ topic: TopicID) -> TextKey { TextKey("topic.\(topic.rawValue).title") }

    /// The sentences a topic must have. A danger topic is answered by `danger.handover`.
    public static func required(for topic: Topic) -> [TextKey] {
        switch topic.kind {
        case .danger: [.title(topic.id)]
        case .answer:
            topic.needsLawReview
                ? [.title(topic.id), .answer(topic.id), .safe(topic.id)] : [.title(topic.id), .answer(topic.id)]
        }
    }

    /// The placeholders, such as `{n}`, that the sentence must hold.
    public var placeholders: Set<String> { self == .askOption ? ["{n}", "{title}"] : [] }
}
