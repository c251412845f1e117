/// How sure is sure enough.
struct Thresholds: Sendable, Equatable, BitwiseCopyable {
    /// From this confidence on the bot answers.
    var answer: Double
    /// From this confidence, that one of the best three is right, the bot asks back.
    var ask: Double
    /// From this share of the odds on, a topic of danger raises the alarm.
    var danger: Double
}

/// Learns how far the classifier can be trusted, by holding back examples and whole topics.
struct Calibration: Sendable {
    let best: ConfidenceModel
    let bestThree: ConfidenceModel
    var thresholds: Thresholds

    static let folds = 4
    /// Of all messages in the calibration, how many may be answered wrongly.
    static let toleratedErrors = 0.0075

    /// What happened to one example that was held back.
    private struct Outcome {
        let signals: MatchSignals
        let isBestRight: Bool
        let isAmongThree: Bool
        let isCovered: Bool
    }

    init(best: ConfidenceModel, bestThree: ConfidenceModel, thresholds: Thresholds) {
        self.best = best
        self.bestThree = bestThree
        self.thresholds = thresholds
    }

    init(_ examples: [TopicClassifier.Example], classes: Int, options: FeatureOptions, trainer: Trainer) {
        var outcomes: [Outcome] = []
        for fold in 0..<Self.folds {
            outcomes += Self.outcomes(fold: fold, examples, classes: classes, options: options, trainer: trainer)
        }
        // People ask what no topic covers about as often as what one does: both halves weigh the same.
        let covered = Double(outcomes.filter(\.isCovered).count)
        let uncovered = Double(outcomes.count) - covered
        func weight(_ outcome: Outcome) -> Double {
            outcome.isCovered ? 0.5 / max(covered, 1) : 0.5 / max(uncovered, 1)
        }
        best = ConfidenceModel(
            outcomes.map { .init(signals: $0.signals, isRight: $0.isBestRight, weight: weight($0)) })
        bestThree = ConfidenceModel(
            outcomes.map { .init(signals: $0.signals, isRight: $0.isAmongThree, weight: weight($0)) })
        let best = best
        thresholds = Thresholds(
            answer: Self.answerThreshold(
                outcomes.map { (best.confidence($0.signals), $0.isBestRight, weight($0)) }),
            ask: 0.6, danger: 0.35)
    }

    /// Trains without a fold and a share of the topics, and tries what was held back.
    private static func outcomes(
        fold: Int, _ examples: [TopicClassifier.Example], classes: Int, options: FeatureOptions, trainer: Trainer
    ) -> [Outcome] {
        var training: [TopicClassifier.Example] = []
        var held: [TopicClassifier.Example] = []
        var seen: [Int: Int] = [:]
        for example in examples {
            let rank = seen[example.label, default: 0]
            seen[example.label] = rank + 1
            let isHeldTopic = example.label >= 0 && example.label % folds == fold
            if isHeldTopic || rank % folds == fold { held.append(example) } else { training.append(example) }
        }
        let absent = Set((0..<classes).filter { $0 % folds == fold })
        let classifier = TopicClassifier(training, classes: classes, options: options, trainer: trainer)
        var outcomes: [Outcome] = []
        for example in held {
            let isCovered = example.label >= 0 && !absent.contains(example.label)
            if let scored = classifier.score(example.raw, words: example.text.words.count, excluded: absent) {
                outcomes.append(
                    Outcome(
                        signals: scored.signals, isBestRight: isCovered && scored.ranking.first == example.label,
                        isAmongThree: isCovered && scored.ranking.contains(example.label), isCovered: isCovered))
            }
            // "Where is my ...?" with another word in it is another question: each example without
            // the word that tells most is one that nothing covers.
            guard isCovered, let position = classifier.tellingWord(example.text, label: example.label) else { continue }
            let masked = RawFeatures(
                example.text.masking(position), options: options, skeleton: example.hasSkeleton)
            if let scored = classifier.score(masked, words: example.text.words.count, excluded: absent) {
                outcomes.append(
                    Outcome(signals: scored.signals, isBestRight: false, isAmongThree: false, isCovered: false))
            }
        }
        return outcomes
    }

    /// The lowest confidence above which wrong answers stay within what is tolerated.
    private static func answerThreshold(_ samples: [(confidence: Double, isRight: Bool, weight: Double)]) -> Double {
        let sorted = samples.sorted { $0.confidence > $1.confidence }
        let total = samples.reduce(0) { $0 + $1.weight }
        var wrong = 0.0
        var threshold = 0.95
        for sample in sorted {
            if !sample.isRight { wrong += sample.weight }
            guard wrong <= toleratedErrors * total else { break }
            threshold = sample.confidence
        }
        return min(max(threshold, 0.6), 0.95)
    }
}
