import Foundation
import Testing

@testable import Bot

@Suite("The engine")
struct EngineTests {
    private let engine = Engine(content: Fixture.content)

    private func replies(_ events: [Event]) -> [Reply] {
        events.compactMap { if case .reply(let reply) = $0 { reply } else { nil } }
    }

    private func say(_ text: String, state: DialogueState = DialogueState(), now: Int64 = 1_795_000_000) -> (
        DialogueState, [Event]
    ) {
        engine.step(state: state, input: Input(text: text, isEncrypted: true, now: now))
    }

    @Test("A question has a line for each topic, then none of these, then a person")
    func question() throws {
        let reply = try #require(replies(say("until when for the judge or the committee?").1).first)
        let lines = reply.text.split(separator: "\n").map(String.init)
        #expect(lines.first == "<ask.which@en>")
        #expect(
            lines.dropFirst() == [
                "1) How long to appeal to the judge", "2) How many days to complain", "3) When the shop is open",
                "4) Something else", "5) A person",
            ])
    }

    @Test("Every message gets exactly one classification, first")
    func oneClassification() {
        for text in [
            "", "1", "salam", "my bag is lost", "zzz qqq", "i want to die", "english", "🙂", "\u{0}\u{7F}", "؟",
        ] {
            let events = say(text).1
            let count = events.count { if case .classified = $0 { true } else { false } }
            #expect(count == 1, "\(text)")
            guard case .classified? = events.first else {
                Issue.record("first event of \(text)")
                continue
            }
        }
    }

    @Test("The state holds nothing of what was said")
    func stateHoldsNoText() throws {
        var state = DialogueState()
        for text in [
            "canary Zebulon lost his suitcase", "until when for the judge or the committee?", "Zebulon Canary",
            "ik wil dood canary",
        ] {
            state = say(text, state: state).0
            let stored = String(decoding: try JSONEncoder().encode(state), as: UTF8.self).lowercased()
            #expect(!stored.contains("canary") && !stored.contains("zebulon"))
            #expect(stored.utf8.count < 1_000)
        }
    }

    @Test("A state of another version is refused with what to do")
    func otherVersion() throws {
        let stored = Data(#"{"version":2,"isGreeted":true,"encryptionNotices":{}}"#.utf8)
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(DialogueState.self, from: stored) }
        do { _ = try JSONDecoder().decode(DialogueState.self, from: stored) } catch {
            #expect(String(describing: error).contains("version 2"))
        }
    }

    @Test("A megabyte is answered by its last question; danger at its begin is seen")
    func longMessages() {
        let filler = String(repeating: "The road was long and the sky was grey. ", count: 26_000)
        let found = say(filler + "Where is my luggage?").1
        #expect(replies(found).map(\.topic) == [TopicID("lost-bag")])
        let danger = say("I want to kill myself. " + filler).1
        #expect(danger.contains(.handOver(reason: .danger, to: .crisis, topic: TopicID("despair"))))
        let monster = String(repeating: "a", count: 1_000_000)
        #expect(!say(monster).1.isEmpty)
        let spaces = String(repeating: " \n", count: 500_000)
        #expect(!say(spaces).1.isEmpty)
    }

    @Test("What cannot be opened is asked for again, once an hour, in the contact's variety")
    func unreadable() {
        let (first, events) = engine.unreadable(state: DialogueState(), now: 1_000)
        #expect(replies(events).map(\.variety) == [.ar])
        let (second, again) = engine.unreadable(state: first, now: 1_100)
        #expect(again.isEmpty)
        #expect(replies(engine.unreadable(state: second, now: 4_600).1).count == 1)
        let dutch = say("waar is mijn bagage").0
        #expect(replies(engine.unreadable(state: dutch, now: 9_000).1).first?.text == "<unreadable.resend@nl>")
    }

    @Test("A pending question about a topic that the content lost is dropped")
    func vanishedTopic() {
        let (state, events) = say("until when for the judge or the committee?")
        #expect(state.pending != nil && !events.isEmpty)
        var smaller = Fixture.source
        smaller.topics.removeAll { $0.id == TopicID("signed-term") }
        smaller.examples.removeAll { $0.topic == TopicID("signed-term") }
        let (next, after) = Engine(content: Fixture.compile(smaller)).step(
            state: state, input: Input(text: "1", isEncrypted: true, now: 1_795_000_010))
        #expect(next.pending == nil)
        #expect(after.contains(.handOver(reason: .unsure, to: .intern, topic: nil)))
    }

    @Test("A sentence missing in a variety is said in the nearest one")
    func nearestVariety() {
        var source = Fixture.source
        source.texts[.aryLatn]?[.answer(TopicID("lost-bag"))] = nil
        let events = Engine(content: Fixture.compile(source)).step(
            state: DialogueState(), input: Input(text: "lbaliza dyali ma wslatch", isEncrypted: true, now: 0)
        ).1
        #expect(replies(events).first?.variety == .ary)
    }

    @Test("Whatever is said, a topic is given only as its release allows")
    func release() {
        func topic(review: Bool, signed: Bool, expires: Int64) -> Topic {
            Topic(
                id: TopicID("t"), group: "g", audience: [.person], kind: .answer, handOver: .intern,
                needsLawReview: review,
                isLawReviewed: signed, confidence: .high, expiresAt: expires)
        }
        func release(_ topic: Topic, drafts: Bool = false, safe: Bool = true) -> Release {
            Release(topic, now: 100, showDrafts: drafts, hasSafeStep: safe)
        }
        #expect(release(topic(review: false, signed: false, expires: 101)) == .answer)
        #expect(release(topic(review: true, signed: true, expires: 101)) == .answer)
        #expect(release(topic(review: true, signed: false, expires: 101)) == .safe(.review))
        #expect(release(topic(review: true, signed: false, expires: 101), safe: false) == .nothing(.review))
        #expect(release(topic(review: true, signed: false, expires: 101), drafts: true) == .draft)
        #expect(release(topic(review: true, signed: true, expires: 100)) == .safe(.expired))
        #expect(release(topic(review: false, signed: false, expires: 100), safe: false) == .nothing(.expired))
        #expect(release(topic(review: false, signed: false, expires: 100), drafts: true) == .draft)
    }
}
