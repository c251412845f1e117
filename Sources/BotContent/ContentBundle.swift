import Bot

/// Where the answer of a topic comes from.
public struct TopicSource: Sendable, Equatable {
    /// The short name under which the texts cite it: `W13`.
    public let key: String
    public let title: String
    /// As the source gives it: `2022-05-28`, `c. 2022`, `undated`.
    public let date: String
    public let url: String?
}

/// What staff need to judge a topic's answer.
public struct TopicSheet: Sendable, Equatable {
    public let sources: [TopicSource]
    /// The day on which the sources were last looked at: `2026-11-20`.
    public let checked: String
}

/// Everything the content folders hold that a running bridge needs, read once.
public struct ContentBundle: Sendable {
    /// For the engine.
    public let compiled: CompiledContent
    public let sheets: [TopicID: TopicSheet]
    /// What is never said, in all varieties.
    public let forbidden: ForbiddenPhrases
    /// Sentences by variety and key, without fallback from one variety to another.
    let texts: [Variety: [TextKey: String]]

    init(
        compiled: CompiledContent, sheets: [TopicID: TopicSheet], texts: [Variety: [TextKey: String]],
        forbidden: ForbiddenPhrases
    ) {
        self.compiled = compiled
        self.sheets = sheets
        self.texts = texts
        self.forbidden = forbidden
    }
}
