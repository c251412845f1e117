@testable import InboxReader

/// Invented people and what they wrote.
extension Desk {
    static let members = [
        ReaderMember(name: "nora", role: "coordinator", assigned: 12),
        ReaderMember(name: "samira", role: "staff", assigned: 4),
        ReaderMember(name: "yassin", role: "intern", assigned: 7),
    ]

    static let karim = ReaderRow(
        id: 7, shortID: "c7", name: "كريم", snippet: "واش ممكن نعرف علاش باقي ما جاوبتونيش؟",
        waitsSince: now - 3_000 * minute, lastAt: now - 60 * minute, language: "ary",
        bot: ReaderBot(decision: .handover, reason: "unsure"), unheardVoice: 2, newest: 6)

    static let mother = ReaderRow(
        id: 12, shortID: "c12", name: "Moeder van Y.", snippet: "khoya mahdarch m3aya men lbareh",
        waitsSince: now - 130 * minute, dangerSince: now - 12 * minute, lastAt: now - 12 * minute,
        language: "ary-Latn", assigned: "samira", bot: ReaderBot(decision: .urgent, reason: "danger"), newest: 9)

    static let rows = [
        ReaderRow(
            id: 3, shortID: "c3", name: "Ahmed B.", snippet: "ok merci", lastAt: now - 100 * minute,
            language: "fr", bot: ReaderBot(decision: .answer, topic: "lost-belongings"), proposals: 1, tasksDue: 1,
            newest: 3),
        ReaderRow(
            id: 31, shortID: "c31", snippet: "Waar kan ik mijn spullen ophalen?", endsAt: .none,
            waitsSince: now - 35 * minute, lastAt: now - 35 * minute, language: "nl", assigned: "nora",
            takenOverBy: "nora", takenOverUntil: now + 400 * minute, bot: ReaderBot(decision: .unencrypted),
            troubled: 1, newest: 5),
        karim,
        ReaderRow(
            id: 40, shortID: "c40", name: "De neef", snippet: "Is mijn neef bij jullie?",
            waitsSince: now - 5 * minute, lastAt: now - 5 * minute, language: "fr", assigned: "samira",
            bot: ReaderBot(decision: .ask), isPractice: true, newest: 5),
        mother,
    ]

    static let lines = [
        ReaderLine(
            .contact, number: 1, shortID: "m1", position: 1, at: now - 3_000 * minute,
            body: .text(
                "السلام عليكم، أنا كريم. بغيت نعرف واش ممكن ندير شكاية في هولندا على داكشي اللي وقع ليا، وشحال عندي ديال الوقت؟"
            ),
            endsAt: .bridge),
        ReaderLine(
            .bot, number: 2, shortID: "m2", position: 2, at: now - 2_999 * minute,
            body: .text("واحد الإنسان غادي يقرا الميساج ديالك."), endsAt: .bridge, stage: .confirmed),
        ReaderLine(
            .note, number: 1, shortID: "n1", position: 3, at: now - 200 * minute, author: "nora",
            body: .text("Gebeld, neemt niet op.")),
        ReaderLine(
            .staff, number: 5, shortID: "m5", position: 4, at: now - 90 * minute, author: "nora",
            body: .text("Dag Karim, we kijken het voor je na."), endsAt: .bridge, stage: .uncertain),
        ReaderLine(
            .contact, number: 6, shortID: "m6", position: 5, at: now - 60 * minute,
            body: .file(.init(kind: .voice, id: "a42", size: "34 kB", state: .unheard)), endsAt: .bridge),
        ReaderLine(
            .contact, number: 7, shortID: "m7", position: 6, at: now - 50 * minute,
            body: .text("fin wslat chkaya dyali? 3afak jawbni"), endsAt: .bridge),
    ]

    static let proposal = ReaderLine(
        .proposal, number: 2, shortID: "p2", position: 7, at: now - 20 * minute, author: "yassin",
        body: .text("Salam, chkaya dyalk f lHolanda. Ghadi njawbok."), topic: "complaint-status",
        original: "Salam, chkaya dyalk f lHolanda. Wa7ed l insan ghadi yjawbk.")

    static let colleague = ReaderLine(
        .staff, number: 50, shortID: "m50", position: 50, at: now, author: "nora",
        body: .text("Ik heb al geantwoord."), endsAt: .bridge, stage: .waiting)

    static let suggestion = ReaderSuggestion(
        topic: "complaint-term", confidence: 0.82, sources: ["W55 (2020)"], checked: "2026-10-02",
        review: .released, handOver: "",
        sayable: ["ary": "الشكاية في هولندا خاصها تتصيفط دغيا.", "nl": "Een klacht in Nederland moet snel weg."],
        texts: ["ary": "الشكاية في هولندا خاصها تتصيفط دغيا.", "nl": "Een klacht in Nederland moet snel weg."])

    static let unreleased = ReaderSuggestion(
        topic: "damages", confidence: 0.31, sources: ["RSJ 21/1234"], checked: "2026-09-01", review: .draft,
        handOver: "lawyer", sayable: ["nl": "Bewaar je papieren."],
        texts: ["ary": "يمكن ليك تستحق تعويض.", "nl": "Je kunt recht hebben op vergoeding."])
}
