/// Guesses the language and script of a message, short ones too.
struct VarietyGuesser: Sendable {
    /// A guess with its probability, 0 to 1.
    struct Guess: Sendable, Equatable {
        let variety: Variety
        let confidence: Float
    }

    static let classes = Variety.allCases
    let space: FeatureSpace
    let model: LinearModel

    /// Learns from the examples of the content and the seeds.
    init(examples: [(Variety, FoldedText)]) {
        let options = FeatureOptions.varieties
        var texts = examples
        for (variety, sentence) in LanguageSeeds.sentences { texts.append((variety, FoldedText(sentence))) }
        let raw = texts.map { RawFeatures($0.1, options: options, skeleton: false) }
        space = FeatureSpace(raw, options: options)
        let space = space
        let labels = texts.map { Self.classes.firstIndex(of: $0.0) ?? 0 }
        let trainer = Trainer(loss: .multinomial, cost: 10, passes: 12)
        let weights = trainer.train(
            raw.map(space.vector), labels: labels, classes: Self.classes.count, features: space.count)
        model = LinearModel(dense: weights, classes: Self.classes.count, threshold: 0.001)
    }

    /// Guesses the variety; `nil` when there is nothing to go by (no letters).
    func guess(_ text: FoldedText) -> Guess? {
        let script = Script(of: text)
        guard script != .none else { return nil }
        guard script != .other else { return Guess(variety: .other, confidence: 1) }
        var scores = model.scores(space.vector(RawFeatures(text, options: space.options, skeleton: false)))
        if script == .latin {
            // Words of Arabizi weigh more than the letters around them: French and Dutch words
            // are part of how Darija is written.
            let marks = Arabizi.marks(text) / Float(max(text.words.count, 3))
            let boost = marks > 0.12 ? min(marks, 0.7) * 8 : marks == 0 ? -1.5 : 0
            if let index = Self.classes.firstIndex(of: .aryLatn) { scores[index] += boost }
        }
        for (index, variety) in Self.classes.enumerated() {
            let fits = variety == .other || variety.isArabicScript == (script == .arabic)
            if !fits { scores[index] = -.infinity }
        }
        let probabilities = FloatMath.softmax(scores)
        guard let best = probabilities.indices.max(by: { probabilities[$0] < probabilities[$1] }) else { return nil }
        return Guess(variety: Self.classes[best], confidence: probabilities[best])
    }
}
