/// What a trained classifier is asked to be good at.
enum Loss: Sendable {
    /// One class of all: probabilities that add up to one.
    case multinomial
    /// Each class against all others: an example may belong to none.
    case oneVersusRest
}

/// Trains a linear classifier with logistic loss by dual coordinate ascent.
///
/// For each example and class there is a dual variable, the probability that the model should
/// give; a pass moves each one towards the probability that the model does give, and the
/// weights with it (Yu, Huang, Lin 2011, "Dual coordinate descent methods for logistic
/// regression and maximum entropy models"). All classes move together, so an example's features
/// are read once a pass. The order is a fixed shuffle: the same examples give the same model.
struct Trainer {
    var loss = Loss.oneVersusRest
    /// Inverse regularisation: larger follows the examples more closely.
    var cost: Float = 20
    var passes = 30

    /// Returns the weights, features by classes, and after them one row for the constant term.
    /// `labels` holds a class for each vector, or -1 for an example that belongs to none.
    func train(_ vectors: [FeatureVector], labels: [Int], classes: Int, features: Int) -> [Float] {
        var weights = [Float](repeating: 0, count: (features + 1) * classes)
        guard classes > 0 else { return weights }
        var duals = [Float](repeating: 0, count: vectors.count * classes)
        for (row, label) in labels.enumerated() where label >= 0 { duals[row * classes + label] = 1 }
        let curvature = vectors.map { cost * ($0.squared + 1) }
        var order = Array(vectors.indices)
        var random = SplitMix64(state: 0x5EED)
        var change = [Float](repeating: 0, count: classes)
        weights.withUnsafeMutableBufferPointer { weights in
            duals.withUnsafeMutableBufferPointer { duals in
                change.withUnsafeMutableBufferPointer { change in
                    for _ in 0..<passes {
                        random.shuffle(&order)
                        var most: Float = 0
                        for row in order {
                            let dual = UnsafeMutableBufferPointer(rebasing: duals[row * classes..<(row + 1) * classes])
                            most = max(
                                most,
                                visit(
                                    vectors[row], dual: dual, curvature: curvature[row],
                                    weights: weights, features: features, change: change))
                        }
                        if most < 0.002 { break }
                    }
                }
            }
        }
        return weights
    }

    /// Moves the dual variables of one example; returns the largest step.
    private func visit(
        _ vector: FeatureVector, dual: UnsafeMutableBufferPointer<Float>, curvature: Float,
        weights: UnsafeMutableBufferPointer<Float>, features: Int, change: UnsafeMutableBufferPointer<Float>
    ) -> Float {
        let classes = dual.count
        let constant = features * classes
        for index in 0..<classes { change[index] = weights[constant + index] }
        for (feature, value) in zip(vector.indices, vector.values) {
            let row = Int(feature) * classes
            for index in 0..<classes { change[index] += value * weights[row + index] }
        }
        squash(change)
        var most: Float = 0
        for index in 0..<classes {
            let middle = 0.5 * (change[index] + dual[index])
            let step = (change[index] - dual[index]) / (1 + curvature * middle * (1 - middle))
            dual[index] += step
            most = max(most, abs(step))
            change[index] = -cost * step
        }
        guard most > 0.000_1 else { return most }
        for index in 0..<classes { weights[constant + index] += change[index] }
        for (feature, value) in zip(vector.indices, vector.values) {
            let row = Int(feature) * classes
            for index in 0..<classes { weights[row + index] += value * change[index] }
        }
        return most
    }

    @inline(__always)
    private func squash(_ scores: UnsafeMutableBufferPointer<Float>) {
        switch loss {
        case .oneVersusRest:
            for index in scores.indices { scores[index] = FloatMath.sigmoid(scores[index]) }
        case .multinomial:
            var most = -Float.infinity
            for score in scores { most = max(most, score) }
            var sum: Float = 0
            for index in scores.indices {
                scores[index] = FloatMath.exponential(scores[index] - most)
                sum += scores[index]
            }
            for index in scores.indices { scores[index] /= sum }
        }
    }
}

/// A small generator of numbers that look random and are the same each time.
struct SplitMix64 {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func shuffle(_ values: inout [Int]) {
        guard values.count > 1 else { return }
        for index in stride(from: values.count - 1, to: 0, by: -1) {
            values.swapAt(index, Int(next() % UInt64(index + 1)))
        }
    }
}
