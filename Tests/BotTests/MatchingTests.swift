import Testing

@testable import Bot

@Suite("Training and matching")
struct MatchingTests {
    @Test("The same content gives the same decisions, in whatever order it is read")
    func deterministic() {
        var shuffled = Fixture.source
        shuffled.topics.reverse()
        shuffled.examples.reverse()
        let other = Fixture.compile(shuffled)
        for text in ["my bag is lost", "until when can i appeal", "waar is mijn koffer", "tell me something"] {
            let folded = FoldedText(text)
            let first = Fixture.content.matcher.match(folded, variety: .en)
            let second = other.matcher.match(folded, variety: .en)
            #expect(first?.odds == second?.odds)
            #expect(first?.confidence == second?.confidence)
        }
    }

    @Test("A question in Latin-script Darija is matched by its twin in Arabic script")
    func twins() throws {
        var source = Fixture.source
        source.examples.removeAll { $0.topic == TopicID("lost-bag") && $0.variety == .aryLatn }
        let content = Fixture.compile(source)
        let match = try #require(content.matcher.match(FoldedText("fin lbaliza dyali"), variety: .aryLatn))
        #expect(content.topics[match.candidates[0].topic].id == TopicID("lost-bag"))
    }

    @Test("Words no topic knows lower the confidence")
    func unknownWords() throws {
        let matcher = Fixture.content.matcher
        let known = try #require(matcher.match(FoldedText("where is my luggage"), variety: .en))
        let strange = try #require(matcher.match(FoldedText("where is my xylophone teacher"), variety: .en))
        #expect(strange.confidence < known.confidence)
        #expect(strange.confidence < matcher.calibration.thresholds.answer)
    }

    @Test("Confidences are probabilities, best first, at most three")
    func confidences() throws {
        for text in ["bag", "how long", "zzz", "my suitcase did not arrive", "1"] {
            let match = try #require(Fixture.content.matcher.match(FoldedText(text), variety: nil))
            #expect(match.candidates.count <= 3)
            #expect(match.candidates.allSatisfy { (0...1).contains($0.confidence) })
            #expect(match.confidence <= match.confidenceInThree)
        }
        #expect(Fixture.content.matcher.match(FoldedText(""), variety: nil) == nil)
    }

    @Test("Content without topics or examples compiles and is never sure")
    func empty() {
        let empty = CompiledContent(compiling: ContentSource(topics: [], examples: [], texts: [:]))
        let (_, events) = Engine(content: empty).step(
            state: DialogueState(), input: Input(text: "where is my bag", isEncrypted: true, now: 0))
        #expect(events.contains(.handOver(reason: .unsure, to: .intern, topic: nil)))
        let bare = CompiledContent(
            compiling: ContentSource(topics: Fixture.source.topics, examples: [], texts: Fixture.source.texts))
        #expect(bare.matcher.match(FoldedText("my bag"), variety: .en).map { $0.confidence < 0.5 } == true)
    }

    @Test("The trainer separates what can be separated, for one class and for none")
    func trainer() {
        func vector(_ index: Int32) -> FeatureVector {
            var vector = FeatureVector()
            vector.indices = [index]
            vector.values = [1]
            return vector
        }
        let vectors = (0..<12).map { vector(Int32($0 % 3)) }
        let labels = (0..<12).map { [0, 1, -1][$0 % 3] }
        let weights = Trainer().train(vectors, labels: labels, classes: 2, features: 3)
        let model = LinearModel(dense: weights, classes: 2, threshold: 0)
        let scores = (0..<3).map { model.scores(vector(Int32($0))) }
        #expect(scores[0][0] > 0 && scores[0][1] < 0)
        #expect(scores[1][1] > 0 && scores[1][0] < 0)
        #expect(scores[2][0] < 0 && scores[2][1] < 0)
    }
}
