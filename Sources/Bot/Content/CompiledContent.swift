/// What the content folders say, read and not yet compiled.
public struct ContentSource: Sendable {
    /// One example question.
    public struct Example: Sendable, Equatable {
        /// `nil`: a question that no topic covers.
        public let topic: TopicID?
        public let variety: Variety
        public let text: String

        public init(topic: TopicID?, variety: Variety, text: String) {
            self.topic = topic
            self.variety = variety
            self.text = text
        }
    }

    public var topics: [Topic]
    public var examples: [Example]
    /// Sentences by variety and key.
    public var texts: [Variety: [TextKey: String]]

    public init(topics: [Topic], examples: [Example], texts: [Variety: [TextKey: String]]) {
        self.topics = topics
        self.examples = examples
        self.texts = texts
    }
}

/// Content with its trained models: all the engine needs. Compile once and share it.
public struct CompiledContent: Sendable {
    /// Sorted by id.
    public let topics: [Topic]
    private let texts: [Variety: [TextKey: String]]
    let guesser: VarietyGuesser
    let matcher: TopicMatcher
    private let indices: [TopicID: Int]

    /// Trains the models. Deterministic: the same source gives the same decisions, in whatever
    /// order its parts come.
    public init(compiling source: ContentSource) { self.init(compiling: source, thresholds: nil) }

    /// With models that were trained before from the same source, by the same program: `models` of then.
    ///
    /// Throws when they are not what this version writes.
    public init(source: ContentSource, models: ArraySlice<UInt8>) throws {
        topics = source.topics.sorted { $0.id < $1.id }
        texts = source.texts
        indices = Dictionary(topics.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
        var reader = ModelReader(models)
        guesser = try VarietyGuesser(from: &reader)
        matcher = try TopicMatcher(from: &reader, classes: topics.count)
        try reader.end()
    }

    /// The same with thresholds that are given instead of learned.
    init(compiling source: ContentSource, thresholds: Thresholds?) {
        topics = source.topics.sorted { $0.id < $1.id }
        texts = source.texts
        let indices = Dictionary(topics.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
        self.indices = indices
        let sorted = source.examples.sorted {
            ($0.topic?.rawValue ?? "", $0.variety.rawValue, $0.text) < (
                $1.topic?.rawValue ?? "", $1.variety.rawValue, $1.text
            )
        }
        var folded = sorted.map {
            (variety: $0.variety, label: $0.topic.map { indices[$0] ?? -1 } ?? -1, text: FoldedText($0.text))
        }
        // The title of a topic is an example too.
        for (index, topic) in topics.enumerated() {
            for variety in Variety.written {
                guard let title = source.texts[variety]?[.title(topic.id)] else { continue }
                folded.append((variety, index, FoldedText(title)))
            }
        }
        guesser = VarietyGuesser(examples: folded.map { ($0.variety, $0.text) })
        let options = FeatureOptions.topics
        matcher = TopicMatcher(
            folded.map { variety, label, text in
                TopicClassifier.Example(
                    text, label: label, hasSkeleton: TopicMatcher.wantsSkeleton(text, variety: variety),
                    options: options)
            }, classes: topics.count, options: options, thresholds: thresholds)
    }

    /// The topic with this id, if the content has it.
    public func topic(_ id: TopicID) -> Topic? { indices[id].map { topics[$0] } }

    /// A sentence in a variety. When it is missing there, in the nearest variety that has it:
    /// the other script or standard Arabic for Darija, then English, then any.
    public func text(_ key: TextKey, in variety: Variety) -> (text: String, variety: Variety)? {
        let nearest: [Variety] =
            switch variety {
            case .aryLatn: [.aryLatn, .ary, .ar, .fr]
            case .ary: [.ary, .ar, .aryLatn]
            case .ar: [.ar, .ary]
            default: [variety]
            }
        for candidate in nearest + [.en] + Variety.written {
            if let text = texts[candidate]?[key] { return (text, candidate) }
        }
        return nil
    }

    /// Whether the sentence exists in any variety.
    public func has(_ key: TextKey) -> Bool { texts.values.contains { $0[key] != nil } }
}
