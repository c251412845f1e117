import Bot
import BotContent
import Foundation
import Testing

/// Suggestions for staff, from the content that ships.
@Suite("Suggestions for staff")
struct SuggestionTests {
    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path
    private static let bundle = Result { try ContentLoader.bundle(ContentFolders(root: root)) }
    /// 21 November 2026, before everything that ships expires.
    private static let now: Int64 = 1_795_219_200
    private static let afterAll: Int64 = 4_102_444_800

    private func maker() throws -> SuggestionMaker { SuggestionMaker(try Self.bundle.get()) }

    @Test(
        "A question in any variety brings its topic first, with all that is needed to judge it",
        arguments: [
            (Variety.nl, "iemand wil dat ik eerst betaal om mijn geld te krijgen, klopt dat?"),
            (.en, "they ask me to pay to get my money"),
            (.fr, "on me demande de payer pour recevoir mon argent"),
            (.ar, "طلبوا مني أن أدفع لكي أستلم مالي"),
            (.ary, "قالو ليا خاصني نخلص باش ناخد فلوسي"),
            (.aryLatn, "galou lia khasni nkhelles bach nakhod flousi"),
        ])
    func suggests(variety: Variety, question: String) throws {
        let found = try maker().suggest(question, now: Self.now)
        #expect(found.variety == variety)
        #expect(found.suggestions.count <= 3)
        let first = try #require(found.suggestions.first)
        #expect(first.topic.rawValue == "payment-fraud-warning")
        #expect(first.confidence > 0.5 && first.confidence <= 1)
        #expect(first.sources.contains { $0.key == "W31" && $0.date == "2022" })
        #expect(first.sources.allSatisfy { !$0.title.isEmpty })
        #expect(first.checked == "2026-11-20")
        #expect(first.review == .released)
        #expect(first.handOver != .none)
        #expect(Set(first.texts.keys) == Set(Variety.written))
        #expect(Set(first.titles.keys) == Set(Variety.written))
        #expect(first.texts[.nl]?.hasPrefix("Betaal niets en stuur niets.") == true)
        #expect(first.safeTexts == [:])
        #expect(zip(found.suggestions, found.suggestions.dropFirst()).allSatisfy { $0.confidence >= $1.confidence })
    }

    @Test("What waits for a lawyer is a draft, with its safe step in all varieties")
    func draft() throws {
        let found = try maker().suggest("wat is een inreisverbod eigenlijk", now: Self.now)
        let first = try #require(found.suggestions.first)
        #expect(first.topic.rawValue == "entry-ban-what-is-it")
        #expect(first.review == .draft)
        #expect(Set(first.safeTexts.keys) == Set(Variety.written))
        #expect(Set(first.texts.keys) == Set(Variety.written))
    }

    @Test("Past its date an answer is expired")
    func expired() throws {
        let found = try maker().suggest("they ask me to pay to get my money", now: Self.afterAll)
        #expect(found.suggestions.first?.review == .expired)
    }

    @Test("Danger stands first, and has no ready-made text: a person writes their own")
    func danger() throws {
        let found = try maker().suggest(
            "hoe staat het met mijn klacht? ik wil niet meer leven", now: Self.now)
        let first = try #require(found.suggestions.first)
        #expect(first.isDanger && first.handOver == .crisis)
        #expect(first.texts == [:] && first.safeTexts == [:])
        #expect(found.suggestions.contains { $0.topic.rawValue == "complaint-status-question" && !$0.isDanger })
    }

    @Test("Nothing to go by brings nothing", arguments: ["", "   ", "?!", "🙂"])
    func nothing(text: String) throws {
        let found = try maker().suggest(text, now: Self.now)
        #expect(found.variety == nil)
        #expect(found.suggestions == [])
    }

    @Test("The limit is kept, and each topic stands once")
    func limit() throws {
        let story =
            "mijn koffer is weg. wat is een inreisverbod? hoe staat het met mijn klacht? wanneer komt mijn geld?"
        let all = try maker().suggest(story, now: Self.now, limit: 10).suggestions.map(\.topic)
        #expect(Set(all).count == all.count)
        #expect(Set(all.map(\.rawValue)).isSuperset(of: ["luggage-missing-on-arrival", "entry-ban-what-is-it"]))
        #expect(try maker().suggest(story, now: Self.now, limit: 1).suggestions.count == 1)
        #expect(try maker().suggest(story, now: Self.now, limit: 0).suggestions == [])
    }

    @Test("Only the very bytes of a released text count as released, in whatever variety")
    func released() throws {
        let maker = try maker()
        let topic = TopicID("payment-fraud-warning")
        let texts = try #require(maker.suggest("ze vragen eerst geld", now: Self.now).suggestions.first).texts
        for variety in Variety.written {
            let text = try #require(texts[variety])
            #expect(maker.isReleasedText(text, topic: topic, now: Self.now), "\(variety)")
            #expect(maker.releasedTopic(of: text, now: Self.now) == topic)
            #expect(maker.releasedTopic(of: text + " ", now: Self.now) == nil)
            #expect(!maker.isReleasedText(text + " ", topic: topic, now: Self.now))
            #expect(!maker.isReleasedText(String(text.dropLast()), topic: topic, now: Self.now))
            #expect(!maker.isReleasedText(text, topic: TopicID("compensation-when-paid"), now: Self.now))
            #expect(!maker.isReleasedText(text, topic: TopicID("no-such-topic"), now: Self.now))
            #expect(!maker.isReleasedText(text, topic: topic, now: Self.afterAll), "expired")
        }
        let french = try #require(texts[.fr])
        let decomposed = french.decomposedStringWithCanonicalMapping
        #expect(decomposed == french, "the same letters")
        #expect(!maker.isReleasedText(decomposed, topic: topic, now: Self.now), "other bytes")
        #expect(!maker.isReleasedText("", topic: topic, now: Self.now))
    }

    @Test("Of a draft only the safe step is released; of danger nothing")
    func releasedSafe() throws {
        let maker = try maker()
        let draft = try #require(maker.suggest("wat is een inreisverbod", now: Self.now).suggestions.first)
        for variety in Variety.written {
            let answer = try #require(draft.texts[variety])
            let safe = try #require(draft.safeTexts[variety])
            #expect(!maker.isReleasedText(answer, topic: draft.topic, now: Self.now))
            #expect(maker.isReleasedText(safe, topic: draft.topic, now: Self.now))
        }
        let content = try Self.bundle.get().compiled
        let danger = TopicID("mental-distress-and-suicide")
        for variety in Variety.written {
            let text = try #require(content.text(.answer(danger), in: variety)).text
            #expect(!maker.isReleasedText(text, topic: danger, now: Self.now))
        }
    }

    @Test(
        "What is never said is found in all varieties, whatever the text is in",
        arguments: [
            (Variety.nl, "Maak je geen zorgen: je bent VEILIG nu", "je bent veilig"),
            (.en, "Dont worry — you are safe now.", "you are safe"),
            (.fr, "c est trop tard mon ami", "c'est trop tard"),
            (.ar, "أَنْتَ في أمان", "أنت في أمان"),
            (.ary, "سير للقنصلية غدا", "سير للقنصلية"),
            (.aryLatn, "wakha khouya, sifet lia lcode", "sifet lia lcode"),
        ])
    func never(variety: Variety, text: String, phrase: String) throws {
        let found = try maker().neverSaid(in: text)
        #expect(found.contains { $0.variety == variety && $0.phrase == phrase }, "\(found)")
    }

    @Test("What may be said is not found, and no text of the content is")
    func allowed() throws {
        let maker = try maker()
        for text in ["We zeggen nooit wie we kennen.", "wa7ed menna y3ayet lik", "Bewaar je papieren.", ""] {
            #expect(maker.neverSaid(in: text) == [], "\(text)")
        }
        let content = try Self.bundle.get().compiled
        for variety in Variety.written {
            for key in TextKey.general {
                let text = try #require(content.text(key, in: variety)).text
                #expect(maker.neverSaid(in: text) == [], "\(variety) \(key)")
            }
        }
    }

    @Test(
        "The notices stand in every variety, each in its own words", arguments: Notice.allCases)
    func notices(notice: Notice) throws {
        let engine = Engine(content: try Self.bundle.get().compiled, settings: EngineSettings(defaultVariety: .fr))
        var said: Set<String> = []
        for variety in Variety.written {
            let reply = try #require(engine.notice(notice, in: variety))
            #expect(reply.variety == variety && reply.keys == [notice.key] && reply.topic == nil)
            // Digits are letters in Darija; a word of nothing but digits would be a time.
            #expect(!reply.text.split(separator: " ").contains { $0.allSatisfy(\.isNumber) }, "no time is promised")
            said.insert(reply.text)
        }
        #expect(said.count == Variety.written.count)
        #expect(engine.notice(notice, in: .other)?.variety == .fr)
        // The variety of the conversation, as the engine left it.
        let (state, _) = engine.step(
            state: DialogueState(),
            input: Input(text: "wach chikaya dyali mazal khdama?", isEncrypted: true, now: Self.now))
        #expect(engine.notice(notice, state: state)?.variety == .aryLatn)
        #expect(engine.notice(notice, state: DialogueState())?.variety == .fr)
    }
}
