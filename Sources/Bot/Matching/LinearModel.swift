/// A trained linear classifier: for each feature the classes it speaks for or against. Weights
/// too small to matter are left out, the others are kept as 16-bit numbers.
struct LinearModel: Sendable {
    let classes: Int
    private let rowStart: [UInt32]
    private let entryClass: [UInt16]
    private let entryWeight: [Int16]
    private let scale: Float
    private let constant: [Float]

    /// Number of bytes the weights take.
    var byteCount: Int { rowStart.count * 4 + entryClass.count * 4 }

    /// Packs dense weights as `Trainer.train` returns them. Of each feature only weights of at
    /// least `threshold` times the largest of all are kept.
    init(dense: [Float], classes: Int, threshold: Float) {
        self.classes = classes
        let features = classes == 0 ? 0 : dense.count / classes - 1
        var largest: Float = 0
        for weight in dense[..<(features * classes)] { largest = max(largest, abs(weight)) }
        scale = largest > 0 ? largest / 32_000 : 1
        let least = largest * threshold
        var starts: [UInt32] = [0]
        var entryClass: [UInt16] = []
        var entryWeight: [Int16] = []
        starts.reserveCapacity(features + 1)
        for feature in 0..<features {
            for index in 0..<classes {
                let weight = dense[feature * classes + index]
                guard abs(weight) > least else { continue }
                entryClass.append(UInt16(index))
                entryWeight.append(Int16((weight / scale).rounded()))
            }
            starts.append(UInt32(entryClass.count))
        }
        rowStart = starts
        self.entryClass = entryClass
        self.entryWeight = entryWeight
        constant = Array(dense[(features * classes)...])
    }

    func write(to writer: inout ModelWriter) {
        writer.add(rowStart)
        writer.add(entryClass)
        writer.add(entryWeight)
        writer.add(scale)
        writer.add(constant)
    }

    init(from reader: inout ModelReader, classes: Int, features: Int) throws(ModelReader.Unreadable) {
        self.classes = classes
        rowStart = try reader.values()
        entryClass = try reader.values()
        entryWeight = try reader.values()
        scale = try reader.value()
        constant = try reader.values()
        guard rowStart.count == features + 1, rowStart.first == 0, Int(rowStart[features]) == entryClass.count,
            zip(rowStart, rowStart.dropFirst()).allSatisfy({ $0 <= $1 }), entryWeight.count == entryClass.count,
            entryClass.allSatisfy({ Int($0) < classes }), constant.count == classes
        else { throw ModelReader.Unreadable() }
    }

    /// The score of each class: the log-odds, before any calibration.
    func scores(_ vector: FeatureVector, withoutConstant: Bool = false) -> [Float] {
        var scores = withoutConstant ? [Float](repeating: 0, count: classes) : constant
        for (feature, value) in zip(vector.indices, vector.values) {
            let scaled = value * scale
            for entry in Int(rowStart[Int(feature)])..<Int(rowStart[Int(feature) + 1]) {
                scores[Int(entryClass[entry])] += scaled * Float(entryWeight[entry])
            }
        }
        return scores
    }

    /// The share, 0 to 1, of the vector's length that speaks for `label`.
    func support(_ vector: FeatureVector, for label: Int) -> Float {
        var supporting: Float = 0
        var total: Float = 0
        for (feature, value) in zip(vector.indices, vector.values) {
            total += value * value
            for entry in Int(rowStart[Int(feature)])..<Int(rowStart[Int(feature) + 1])
            where Int(entryClass[entry]) == label && entryWeight[entry] > 0 {
                supporting += value * value
            }
        }
        return total > 0 ? supporting / total : 0
    }
}
