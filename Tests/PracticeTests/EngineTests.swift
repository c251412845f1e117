import Bot
import BotContent
import Foundation
import Testing

@testable import Practice

@Suite("The practice engine")
struct EngineTests {
    private static let forbidden = ForbiddenPhrases([(Variety.en, "you are safe")])

    private static func patterns(_ texts: [String]) -> [PhrasePattern] { texts.compactMap(PhrasePattern.init) }

    private static func content(_ stories: [PracticeStory]) -> PracticeContent {
        let words = Words(nl: "les", en: "lesson")
        return PracticeContent(
            lesson: .init(begin: words, learn: words, good: words, never: words), stories: stories)
    }

    private static func story(_ condition: ReplyCondition) -> PracticeStory {
        let words = Words(nl: "les", en: "lesson")
        func ending(_ result: PracticeStory.Ending.Result) -> PracticeStory.Exit {
            .ending(.init(result: result, feedback: Words(nl: "\(result) nl", en: "\(result) en")))
        }
        return PracticeStory(
            id: "one", languages: ["ary-Latn"], title: words, learn: words, good: words, never: words,
            steps: [
                .init(
                    id: "start", says: ["salam"], means: words,
                    exit: .replies([
                        .init(condition: condition, example: "x", next: "taken", note: nil),
                        .init(condition: ReplyCondition(), example: "x", next: "other", note: nil),
                    ])),
                .init(id: "taken", says: [], means: words, exit: ending(.good)),
                .init(id: "other", says: [], means: words, exit: ending(.bad)),
            ])
    }

    /// Whether a reply is taken by a condition.
    private func takes(_ reply: String, _ set: (inout ReplyCondition) -> Void) throws -> Bool {
        var condition = ReplyCondition()
        set(&condition)
        let engine = PracticeEngine(content: Self.content([Self.story(condition)]), forbidden: Self.forbidden)
        let turn = try engine.step(state: try engine.begin("one", language: .en).state, reply: reply)
        return turn.state.result == .good
    }

    @Test("Phrases: whole words, without case and accents, `*` for any letters")
    func phrases() throws {
        let says: (inout ReplyCondition) -> Void = { $0.says = Self.patterns(["kteb lina", "*code*", "matsift*"]) }
        #expect(try takes("wah KTEB lina lbare7", says))
        #expect(try takes("sift l'codes", says))
        #expect(try takes("matsiftch walo", says))
        #expect(try !takes("kteb l lina", says))
        #expect(try !takes("makteb linah", says))
    }

    @Test("Asking: a question mark or a word that asks, in the same part")
    func asks() throws {
        let asks: (inout ReplyCondition) -> Void = { $0.asks = Self.patterns(["smitek"]) }
        #expect(try takes("smitek?", asks))
        #expect(try takes("chno smitek", asks))
        #expect(try !takes("smitek mezyana", asks))
        #expect(try !takes("smitek mezyana. kidayr?", asks))
    }

    @Test("Promising: not in a part that denies")
    func promises() throws {
        let promises: (inout ReplyCondition) -> Void = { $0.promises = Self.patterns(["nsift lih", "نقول ليه"]) }
        #expect(try takes("wakha nsift lih", promises))
        #expect(try takes("matkhafch nsift lih", promises))
        #expect(try takes("ma 3reftch, nsift lih", promises))
        #expect(try !takes("man9derch nsift lih", promises))
        #expect(try !takes("ما نقدرش نقول ليه", promises))
    }

    @Test("All parts of a condition must hold; what is lacked must not be there; length; what is never said")
    func parts() throws {
        #expect(
            try !takes("la khelles") { condition in
                condition.says = Self.patterns(["khelles"])
                condition.lacks = Self.patterns(["la"])
            })
        #expect(try takes("abcdef") { $0.longerThan = 5 })
        #expect(try !takes("abcde") { $0.longerThan = 5 })
        #expect(try takes("Khouya, YOU are safe!") { $0.isForbidden = true })
        #expect(try !takes("you are kind") { $0.isForbidden = true })
    }

    @Test("A state survives being stored, and goes on where it was")
    func stored() throws {
        let engine = PracticeEngine(content: Self.content([Self.story(ReplyCondition())]), forbidden: Self.forbidden)
        let state = try engine.begin("one", language: .nl).state
        let read = try JSONDecoder().decode(PracticeState.self, from: try JSONEncoder().encode(state))
        #expect(read == state)
        #expect(try engine.step(state: read, reply: "x") == engine.step(state: state, reply: "x"))
        #expect(engine.meaning(state) == "les")
    }

    @Test("A state of a newer version is refused")
    func newer() throws {
        let text = #"{"version":2,"story":"one","language":"nl","step":"start","replies":0}"#
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(PracticeState.self, from: Data(text.utf8)) }
    }

    @Test("A story that is not there, or was changed in between, says so")
    func changed() throws {
        let engine = PracticeEngine(content: Self.content([Self.story(ReplyCondition())]), forbidden: Self.forbidden)
        #expect(throws: PracticeError.unknownStory("two", known: ["one"])) { try engine.begin("two", language: .nl) }
        var state = try engine.begin("one", language: .nl).state
        state.step = "gone"
        #expect(throws: PracticeError.storyChanged("one")) { try engine.step(state: state, reply: "x") }
    }

    @Test("The next story is the one had least, of equals the first by id")
    func next() throws {
        let stories = ["b", "a", "c"].map {
            PracticeStory(
                id: $0, languages: [], title: Words(nl: "", en: ""), learn: Words(nl: "", en: ""),
                good: Words(nl: "", en: ""), never: Words(nl: "", en: ""), steps: [])
        }
        let engine = PracticeEngine(content: Self.content(stories), forbidden: Self.forbidden)
        #expect(engine.next(had: [:])?.id == "a")
        #expect(engine.next(had: ["a": 1])?.id == "b")
        #expect(engine.next(had: ["a": 2, "b": 2, "c": 1])?.id == "c")
        #expect(PracticeEngine(content: Self.content([]), forbidden: Self.forbidden).next(had: [:]) == nil)
    }

    @Test("A mark before Arabic letters has a line of its own")
    func arabicMark() {
        #expect(PracticeLine(.contact, "سلام").text == "[practice]\nسلام")
        #expect(PracticeLine(.contact, "3afak سلام").text == "[practice] 3afak سلام")
        #expect(PracticeLine(.contact, "salam").text == "[practice] salam")
    }
}
