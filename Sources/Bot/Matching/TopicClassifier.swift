/// A classifier over topics with its features, without any calibration.
struct TopicClassifier: Sendable {
    /// One training example, ready to be used: its features and its topic, -1 for none.
    struct Example: Sendable {
        let text: FoldedText
        let raw: RawFeatures
        let label: Int
        /// Whether the shared skeleton is taken from it.
        let hasSkeleton: Bool

        init(_ text: FoldedText, label: Int, hasSkeleton: Bool, options: FeatureOptions) {
            self.text = text
            self.label = label
            self.hasSkeleton = hasSkeleton
            raw = RawFeatures(text, options: options, skeleton: hasSkeleton)
        }
    }

    let space: FeatureSpace
    let model: LinearModel

    /// One that was trained before.
    init(space: FeatureSpace, model: LinearModel) {
        self.space = space
        self.model = model
    }

    /// Trains on examples. `classes` is the number of topics, also of those without examples here.
    init(_ examples: [Example], classes: Int, options: FeatureOptions, trainer: Trainer) {
        let space = FeatureSpace(examples.map(\.raw), options: options)
        let weights = trainer.train(
            examples.map { space.vector($0.raw) }, labels: examples.map(\.label), classes: classes,
            features: space.count)
        self.space = space
        model = LinearModel(dense: weights, classes: classes, threshold: 0.002)
    }

    /// A text with its scores.
    struct Scored: Sendable {
        /// Log-odds by topic.
        let scores: [Float]
        /// Topics, best first; at most three.
        let ranking: [Int]
        let signals: MatchSignals
    }

    /// Scores a text; `nil` when there is no topic at all. Topics in `excluded` do not compete.
    func score(_ raw: RawFeatures, words: Int, excluded: Set<Int> = []) -> Scored? {
        let vector = space.vector(raw)
        var scores = model.scores(vector)
        for index in excluded { scores[index] = -20 }
        let ranking = Array(scores.indices.sorted { (scores[$0], $1) > (scores[$1], $0) }.prefix(3))
        guard let best = ranking.first else { return nil }
        let signals = MatchSignals(
            scores: scores, best: best, vector: vector, support: model.support(vector, for: best), words: words)
        return Scored(scores: scores, ranking: ranking, signals: signals)
    }

    /// The word that speaks most for a topic, by its position; `nil` when no word does.
    func tellingWord(_ text: FoldedText, label: Int) -> Int? {
        var best: (position: Int, weight: Float)?
        for position in text.words.indices {
            let raw = RawFeatures(text.window(position..<position + 1), options: space.options, skeleton: false)
            let weight = model.scores(space.vector(raw), withoutConstant: true)[label]
            if weight > best?.weight ?? 0 { best = (position, weight) }
        }
        return best?.position
    }
}
