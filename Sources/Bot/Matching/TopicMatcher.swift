/// Finds the topic a message asks about, and says how sure that is.
struct TopicMatcher: Sendable {
    /// What came of one text.
    struct Match: Sendable {
        /// A topic, by index, that comes into question.
        struct Candidate: Sendable, Equatable {
            let topic: Int
            /// Estimated probability that it is what was asked.
            let confidence: Double
            /// Its share of the odds of all candidates.
            let share: Float
        }

        /// At most three, best first.
        let candidates: [Candidate]
        /// Probability that the first candidate is right.
        let confidence: Double
        /// Probability that one of the candidates is right.
        let confidenceInThree: Double
        /// For each topic, its odds alone as a probability: for alarms, where missing weighs more.
        let odds: [Float]
    }

    let classifier: TopicClassifier
    let calibration: Calibration

    /// Trains on the examples of all topics. Deterministic.
    init(
        _ examples: [TopicClassifier.Example], classes: Int, options: FeatureOptions = .topics,
        thresholds: Thresholds? = nil
    ) {
        let trainer = Trainer()
        classifier = TopicClassifier(examples, classes: classes, options: options, trainer: trainer)
        var calibration = Calibration(examples, classes: classes, options: options, trainer: trainer)
        if let thresholds { calibration.thresholds = thresholds }
        self.calibration = calibration
    }

    /// Whether the skeleton shared by both scripts of Darija is taken from a text.
    static func wantsSkeleton(_ text: FoldedText, variety: Variety?) -> Bool {
        switch Script(of: text) {
        case .arabic: true
        case .latin: variety == .aryLatn || Arabizi.marks(text) > 0
        case .other, .none: false
        }
    }

    /// For each topic, its odds alone as a probability, 0 to 1; empty for a text without words.
    func odds(_ text: FoldedText, variety: Variety?) -> [Float] {
        guard !text.isEmpty else { return [] }
        let raw = RawFeatures(
            text, options: classifier.space.options, skeleton: Self.wantsSkeleton(text, variety: variety))
        return classifier.model.scores(classifier.space.vector(raw)).map { FloatMath.sigmoid($0) }
    }

    /// Matches a text whose variety was guessed.
    func match(_ text: FoldedText, variety: Variety?) -> Match? {
        guard !text.isEmpty else { return nil }
        let raw = RawFeatures(
            text, options: classifier.space.options, skeleton: Self.wantsSkeleton(text, variety: variety))
        guard let scored = classifier.score(raw, words: text.words.count) else { return nil }
        let confidence = calibration.best.confidence(scored.signals)
        let inThree = max(calibration.bestThree.confidence(scored.signals), confidence)
        let shares = FloatMath.softmax(scored.ranking.map { scored.scores[$0] })
        let others = shares.dropFirst().reduce(0, +)
        let candidates = zip(scored.ranking, shares).enumerated().map { position, pair in
            let rest = others > 0 ? Double(pair.1 / others) * max(inThree - confidence, 0) : 0
            return Match.Candidate(topic: pair.0, confidence: position == 0 ? confidence : rest, share: pair.1)
        }
        return Match(
            candidates: candidates, confidence: confidence, confidenceInThree: inThree,
            odds: scored.scores.map { FloatMath.sigmoid($0) })
    }
}
