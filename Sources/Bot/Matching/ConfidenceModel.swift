/// What is known about one attempt to match a text, before anyone decides.
struct MatchSignals: Sendable, Equatable {
    static let count = 7
    /// The numbers the confidence is computed from.
    var values: [Double]

    init(scores: [Float], best: Int, vector: FeatureVector, support: Float, words: Int) {
        var second = -Float.infinity
        for index in scores.indices where index != best { second = max(second, scores[index]) }
        if second == -.infinity { second = scores[best] - 5 }
        let length = FloatMath.logarithm(Double(1 + words))
        values = [
            Double(scores[best]), Double(scores[best] - second), Double(vector.knownWords),
            Double(vector.knownCharacters), Double(support), length, length * Double(vector.knownWords),
        ]
    }
}

/// Turns signals into the probability that an answer would be right. Learned from examples that
/// were held back, and from topics that were held back whole: questions that come close to what
/// is known and are not covered.
struct ConfidenceModel: Sendable {
    private var weights: [Double]
    private var means: [Double]
    private var spreads: [Double]

    /// One attempt and how it went.
    struct Sample: Sendable {
        let signals: MatchSignals
        let isRight: Bool
        let weight: Double
    }

    /// Fits a logistic regression by gradient steps; deterministic, a few thousand samples at most.
    init(_ samples: [Sample]) {
        let count = MatchSignals.count
        means = Array(repeating: 0, count: count)
        spreads = Array(repeating: 1, count: count)
        weights = Array(repeating: 0, count: count + 1)
        // Without evidence both ways nothing can be learned: never sure.
        guard samples.contains(where: \.isRight), samples.contains(where: { !$0.isRight }) else {
            weights[count] = -10
            return
        }
        let total = samples.reduce(0) { $0 + $1.weight }
        for index in 0..<count {
            means[index] = samples.reduce(0) { $0 + $1.weight * $1.signals.values[index] } / total
            let mean = means[index]
            let variance = samples.reduce(0) { sum, sample in
                let distance = sample.signals.values[index] - mean
                return sum + sample.weight * distance * distance
            }
            spreads[index] = max((variance / total).squareRoot(), 1e-6)
        }
        fit(samples, total: total)
    }

    func write(to writer: inout ModelWriter) {
        writer.add(weights)
        writer.add(means)
        writer.add(spreads)
    }

    init(from reader: inout ModelReader) throws(ModelReader.Unreadable) {
        weights = try reader.values()
        means = try reader.values()
        spreads = try reader.values()
        guard weights.count == MatchSignals.count + 1, means.count == MatchSignals.count,
            spreads.count == MatchSignals.count
        else { throw ModelReader.Unreadable() }
    }

    private mutating func fit(_ samples: [Sample], total: Double) {
        let count = MatchSignals.count
        let rows = samples.map(standardised)
        for _ in 0..<400 {
            var gradient = Array(repeating: 0.0, count: count + 1)
            for (row, sample) in zip(rows, samples) {
                var score = weights[count]
                for index in 0..<count { score += weights[index] * row[index] }
                let error = (FloatMath.sigmoid(score) - (sample.isRight ? 1 : 0)) * sample.weight / total
                for index in 0..<count { gradient[index] += error * row[index] }
                gradient[count] += error
            }
            for index in 0..<count { weights[index] -= 1.0 * (gradient[index] + 0.001 * weights[index]) }
            weights[count] -= 1.0 * gradient[count]
        }
    }

    private func standardised(_ sample: Sample) -> [Double] { standardised(sample.signals) }

    private func standardised(_ signals: MatchSignals) -> [Double] {
        signals.values.indices.map { (signals.values[$0] - means[$0]) / spreads[$0] }
    }

    /// The probability, 0 to 1, that the best topic is what was asked.
    func confidence(_ signals: MatchSignals) -> Double {
        let row = standardised(signals)
        var score = weights[MatchSignals.count]
        for index in row.indices { score += weights[index] * row[index] }
        return FloatMath.sigmoid(score)
    }
}
