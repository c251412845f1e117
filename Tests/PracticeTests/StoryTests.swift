import BotContent
import Foundation
import Practice
import Testing

@Suite("The practice stories that ship")
struct StoryTests {
    @Test("They pass their check, and the ten that were asked for are there")
    func check() throws {
        let (content, problems) = PracticeReader.read(RealStories.bots, forbidden: try RealStories.forbidden.get())
        #expect(problems.map(\.description) == [])
        #expect(
            Set(content.stories.map(\.id)) == [
                "brother-looks-for-him", "money-pick-up", "no-more-strength", "six-digits", "way-back", "angry-man",
                "mother-who-cannot-read", "lawyers-clerk", "minor-at-the-border", "cut-off-message",
            ])
    }

    @Test("Every way through every story comes to its ending, with the feedback of that ending")
    func everyWay() throws {
        let engine = try RealStories.engine()
        for story in engine.stories {
            let walks = Walk.all(story)
            let endings = Set(walks.map(\.ending.id))
            let wanted = story.steps.filter { if case .ending = $0.exit { true } else { false } }.map(\.id)
            #expect(endings == Set(wanted), "\(story.id)")
            for walk in walks {
                for language in CoachLanguage.allCases {
                    var turn = try engine.begin(story.id, language: language)
                    #expect(turn.lines.first?.speaker == .coach)
                    #expect(turn.lines.filter { $0.speaker == .contact }.map(\.words) == story.steps.first?.says)
                    for (reply, note) in zip(walk.replies, walk.notes) {
                        #expect(!turn.isEnded, "\(story.id): ended before '\(reply)'")
                        turn = try engine.step(state: turn.state, reply: reply)
                        if let note {
                            #expect(turn.lines.first?.words == note[language], "\(story.id): \(reply)")
                            #expect(turn.lines.first?.speaker == .coach)
                        }
                    }
                    guard case .ending(let ending) = walk.ending.exit else { continue }
                    #expect(turn.state.step == walk.ending.id, "\(story.id): \(walk.replies)")
                    #expect(turn.state.result == ending.result)
                    #expect(turn.state.replies == walk.replies.count)
                    let last = turn.lines.last
                    #expect(last?.speaker == .coach)
                    #expect(last?.words.hasPrefix(ending.feedback[language]) == true, "\(story.id)")
                    for words in [story.learn, story.good, story.never] {
                        #expect(last?.words.contains(words[language]) == true)
                        #expect(!turn.lines.dropLast().contains { $0.words.contains(words[language]) })
                    }
                    #expect(try engine.step(state: turn.state, reply: "salam").lines == [])
                }
            }
        }
    }

    @Test("Each story can end well, and badly; a good way needs at least two replies")
    func results() throws {
        for story in try RealStories.content.get().stories {
            let walks = Walk.all(story)
            func ways(_ result: PracticeStory.Ending.Result) -> [Walk] {
                walks.filter { if case .ending(let ending) = $0.ending.exit { ending.result == result } else { false } }
            }
            #expect(!ways(.bad).isEmpty && !ways(.mixed).isEmpty, "\(story.id)")
            #expect((ways(.good).map(\.replies.count).min() ?? 0) >= 2, "\(story.id)")
        }
    }

    @Test("Whatever is replied, a story ends after a few replies")
    func alwaysEnds() throws {
        let engine = try RealStories.engine()
        let odd = ["", "   ", "?", "🙂", "zzz", String(repeating: "la ", count: 5_000), "\u{202E}سلام\u{0}"]
        for story in engine.stories {
            for reply in odd {
                var turn = try engine.begin(story.id, language: .en)
                var count = 0
                while !turn.isEnded, count < 12 {
                    turn = try engine.step(state: turn.state, reply: reply)
                    count += 1
                }
                #expect(turn.isEnded, "\(story.id) with '\(reply.prefix(10))'")
            }
        }
    }

    @Test("Nothing of a story can be taken for a real contact: every line begins with a mark")
    func marked() throws {
        let engine = try RealStories.engine()
        for story in engine.stories {
            for walk in Walk.all(story) {
                var turn = try engine.begin(story.id, language: .nl)
                var lines = turn.lines
                for reply in walk.replies {
                    turn = try engine.step(state: turn.state, reply: reply)
                    lines += turn.lines
                }
                for line in lines {
                    let mark = line.speaker == .contact ? "[practice]" : "[practice: lesson]"
                    #expect(line.text.hasPrefix(mark) && line.text.hasSuffix(line.words))
                    #expect(line.text.count > mark.count + 1)
                }
            }
        }
    }

    @Test("The contact writes Darija in both scripts over the stories, and no story holds a long number")
    func words() throws {
        let stories = try RealStories.content.get().stories
        let said = stories.flatMap { $0.steps.flatMap(\.says) }
        let arabic = said.filter { $0.unicodeScalars.contains { (0x600...0x6FF).contains($0.value) } }
        #expect(arabic.count >= 10)
        #expect(said.count - arabic.count >= 40)
        for story in stories {
            #expect(story.languages.allSatisfy { ["ary", "ary-Latn"].contains($0) }, "\(story.id)")
        }
    }
}

/// Replies in words that are not in the stories, as an intern may type them.
@Suite("Replies of our own")
struct OwnReplyTests {
    @Test(
        "Good replies in other words and letters do not end badly",
        arguments: [
            (
                "brother-looks-for-him",
                [
                    "سلام خويا، حنا ما كنقولوش شكون كنعرفو، لا إيه لا لا",
                    "كنفهم الواليدة. تقدر تعيط للسونطر يوصلو ليه ميساج، ولا المحامي ديالو",
                ]
            ),
            (
                "money-pick-up",
                [
                    "salam, had chi f chat ma kangouloch, ghadi n3ayto lik nta bou7dek",
                    "la 3afak matkhelles walo l had siyed",
                ]
            ),
            ("money-pick-up", ["على الفلوس كنهضرو غير فالتيليفون، شمن نيمرو؟", "لا ما تخلص حتى حاجة"]),
            ("way-back", ["لا، على هاد الموضوع ما كنهضروش", "لا. بسلامة"]),
            (
                "lawyers-clerk",
                ["salam, ma kangoulou walo 3la nass hna", "wakha, maître i9der y3ayet l bureau"]
            ),
            (
                "six-digits",
                ["لا ماشي حنا، ما تعطيهم لحتى واحد", "عيط للبنكة دابا وبدل الكود ديال واتساب، وصور الميساجات"]
            ),
            (
                "angry-man",
                [
                    "عندك الحق، هادشي بزاف. سمح لينا", "على الفلوس نعيطو ليك، شمن نيمرو؟",
                    "شكرا، واحد منا غادي يعيط ليك نتا",
                ]
            ),
            ("mother-who-cannot-read", ["وعليكم السلام الوالدة، نعيطو ليك؟", "ما كنقولو والو على الناس"]),
            (
                "minor-at-the-border",
                [
                    "salam khouya, mezyan li ktebti. nta mejrou7? chkoun 7dak daba?",
                    "sir 3nd khaltek lyoum, ma n3ayto l 7ed bla bik",
                ]
            ),
            (
                "cut-off-message",
                [
                    "salam khouya wselni ghir nss, 3afak 3awed lba9i",
                    "chokran. sir l tbib, w wa7ed menna yhder m3ak 3la chikaya f hollanda",
                ]
            ),
            (
                "no-more-strength",
                ["مزيان ملي كتبتي. واش شي واحد معاك دابا؟", "سير عند ختك دابا، وإلا كان الخطر عيطو للطبيب"]
            ),
        ] as [(String, [String])])
    func good(story: String, replies: [String]) throws {
        let engine = try RealStories.engine()
        var turn = try engine.begin(story, language: .nl)
        for reply in replies { turn = try engine.step(state: turn.state, reply: reply) }
        #expect(turn.isEnded, "\(story) stands at \(turn.state.step)")
        #expect(turn.state.result != .bad, "\(story) ended at \(turn.state.step)")
    }

    @Test(
        "What must never be said ends badly in other words too",
        arguments: [
            ("brother-looks-for-him", ["la khouya ma kan3erfouhch"]),
            ("brother-looks-for-him", ["salam", "إيه كتب لينا هادي سيمانة"]),
            ("money-pick-up", ["3ndek 750 euro khouya"]),
            ("six-digits", ["chno howa l code?", "chokran"]),
            ("way-back", ["salam", "wakha n3tihom nimero dyalek"]),
            ("lawyers-clerk", ["iyeh wselatna chikaya dyalo, nsiftha lik"]),
            ("minor-at-the-border", ["tsenna ghadi njiw njibouk"]),
            ("no-more-strength", ["wach kayn chi wa7ed m3ak?", "matkhafch ana nb9a m3ak dima"]),
        ] as [(String, [String])])
    func bad(story: String, replies: [String]) throws {
        let engine = try RealStories.engine()
        var turn = try engine.begin(story, language: .nl)
        for reply in replies { turn = try engine.step(state: turn.state, reply: reply) }
        #expect(turn.state.result == .bad, "\(story) stands at \(turn.state.step)")
    }
}
