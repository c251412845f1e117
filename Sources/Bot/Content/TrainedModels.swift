/// The models of a content, trained once and kept as bytes. Training takes about a second, reading them a few
/// hundredths.
///
/// Whoever keeps the bytes sees to it that they come back whole, and only for the same source and program: what is
/// checked here is that they cannot lead outside of an array.
extension CompiledContent {
    /// The trained models, for `init(source:models:)`.
    public var models: [UInt8] {
        var writer = ModelWriter()
        guesser.write(to: &writer)
        matcher.write(to: &writer)
        return writer.bytes
    }

    /// The parts of a source that the models are trained from, each behind its length: two sources with the same
    /// give the same models.
    public static func trainedFrom(_ source: ContentSource) -> [UInt8] {
        var bytes: [UInt8] = []
        func add(_ text: String) {
            var text = text
            text.withUTF8 { utf8 in
                Swift.withUnsafeBytes(of: UInt64(utf8.count)) { bytes.append(contentsOf: $0) }
                bytes.append(contentsOf: utf8)
            }
        }
        for topic in source.topics.sorted(by: { $0.id < $1.id }) {
            add("topic")
            add(topic.id.rawValue)
            for variety in Variety.written { add(source.texts[variety]?[.title(topic.id)] ?? "") }
        }
        for example in source.examples {
            add(example.topic?.rawValue ?? "")
            add(example.variety.rawValue)
            add(example.text)
        }
        return bytes
    }
}

extension VarietyGuesser {
    func write(to writer: inout ModelWriter) {
        space.write(to: &writer)
        model.write(to: &writer)
    }

    init(from reader: inout ModelReader) throws(ModelReader.Unreadable) {
        space = try FeatureSpace(from: &reader, options: .varieties)
        model = try LinearModel(from: &reader, classes: Self.classes.count, features: space.count)
    }
}

extension TopicMatcher {
    func write(to writer: inout ModelWriter) {
        classifier.space.write(to: &writer)
        classifier.model.write(to: &writer)
        calibration.best.write(to: &writer)
        calibration.bestThree.write(to: &writer)
        writer.add(calibration.thresholds)
    }

    init(from reader: inout ModelReader, classes: Int) throws(ModelReader.Unreadable) {
        let space = try FeatureSpace(from: &reader, options: .topics)
        classifier = TopicClassifier(
            space: space, model: try LinearModel(from: &reader, classes: classes, features: space.count))
        calibration = Calibration(
            best: try ConfidenceModel(from: &reader), bestThree: try ConfidenceModel(from: &reader),
            thresholds: try reader.value())
    }
}
