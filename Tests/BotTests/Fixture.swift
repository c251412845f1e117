@testable import Bot

/// A small content of invented topics, for tests of the engine. Its sentences are their own keys.
enum Fixture {
    static let content = compile(source)

    /// Compiles with thresholds of its own: so few examples teach none that hold.
    static func compile(_ source: ContentSource) -> CompiledContent {
        CompiledContent(compiling: source, thresholds: Thresholds(answer: 0.9, ask: 0.6, danger: 0.35))
    }

    static let source = ContentSource(
        topics: [
            topic("lost-bag"),
            topic("opening-hours", handOver: .none),
            topic("complaint-term", needsLawReview: true),
            topic("signed-term", needsLawReview: true, isLawReviewed: true, handOver: .lawyer),
            topic("old-price", expiresAt: 1_000),
            topic("despair", kind: .danger, handOver: .crisis),
        ],
        examples: examples.flatMap { topic, variety, lines in
            lines.split(separator: "\n").map { line in
                ContentSource.Example(
                    topic: topic == "_other" ? nil : TopicID(topic), variety: variety, text: String(line))
            }
        },
        texts: Dictionary(uniqueKeysWithValues: Variety.written.map { ($0, texts(in: $0)) }))

    private static func topic(
        _ id: String, kind: Topic.Kind = .answer, needsLawReview: Bool = false, isLawReviewed: Bool = false,
        handOver: HandOverTarget = .intern, expiresAt: Int64 = .max
    ) -> Topic {
        Topic(
            id: TopicID(id), group: "fixture", audience: [.person], kind: kind, handOver: handOver,
            needsLawReview: needsLawReview, isLawReviewed: isLawReviewed, confidence: .high, expiresAt: expiresAt)
    }

    private static func texts(in variety: Variety) -> [TextKey: String] {
        var texts: [TextKey: String] = [:]
        for key in TextKey.general { texts[key] = "<\(key)@\(variety.rawValue)>" }
        texts[.askOption] = "{n}) {title}"
        texts[.askNone] = none[variety]
        texts[.askPerson] = person[variety]
        for id in ["lost-bag", "opening-hours", "complaint-term", "signed-term", "old-price"] {
            texts[.answer(TopicID(id))] = "<answer \(id)@\(variety.rawValue)>"
        }
        texts[.answer(TopicID("despair"))] = "<calm words@\(variety.rawValue)>"
        texts[.safe(TopicID("complaint-term"))] = "<safe complaint-term@\(variety.rawValue)>"
        for (id, title) in titles[variety] ?? [:] { texts[.title(TopicID(id))] = title }
        return texts
    }

    private static let none: [Variety: String] = [
        .nl: "Iets anders", .en: "Something else", .fr: "Autre chose", .ar: "لا شيء من هذا", .ary: "حتى وحدة من هادو",
        .aryLatn: "7ta wa7da",
    ]
    private static let person: [Variety: String] = [
        .nl: "Een mens", .en: "A person", .fr: "Une personne", .ar: "أريد إنسانا", .ary: "بغيت بنادم",
        .aryLatn: "bghit bnadem",
    ]
    private static let titles: [Variety: [String: String]] = [
        .en: [
            "lost-bag": "My suitcase is gone", "opening-hours": "When the shop is open",
            "complaint-term": "How many days to complain", "signed-term": "How long to appeal to the judge",
            "old-price": "What a ticket costs", "despair": "I feel terrible",
        ],
        .nl: [
            "lost-bag": "Mijn koffer is weg", "opening-hours": "Wanneer de winkel open is",
            "complaint-term": "Hoeveel dagen om te klagen", "signed-term": "Hoe lang in beroep bij de rechter",
            "old-price": "Wat een kaartje kost", "despair": "Het gaat heel slecht met me",
        ],
    ]

    private static let examples: [(String, Variety, String)] = [
        (
            "lost-bag", .en,
            """
            my suitcase did not arrive
            i lost my bag on the plane
            where is my luggage
            my bags are missing after the flight
            the suitcase with my clothes is gone
            luggage never came
            they lost my suitcase
            no bag on the belt
            """
        ),
        (
            "lost-bag", .nl,
            """
            mijn koffer is niet aangekomen
            ik ben mijn tas kwijt in het vliegtuig
            waar is mijn bagage
            mijn tassen zijn weg na de vlucht
            de koffer met mijn kleren is weg
            bagage nooit gekomen
            ze hebben mijn koffer kwijtgemaakt
            geen tas op de band
            """
        ),
        (
            "lost-bag", .aryLatn,
            """
            lbaliza dyali ma wslatch
            tlef lia sak f tiyara
            fin lbaliza dyali
            7wayji ma jawch m3aya
            dayin lia lbagage
            lbaliza b 7wayji mchat
            ma l9itch lbaliza
            """
        ),
        (
            "lost-bag", .ary,
            """
            الباليزة ديالي ما وصلاتش
            تلف ليا الساك فالطيارة
            فين الباليزة ديالي
            حوايجي ما جاوش معايا
            ضيعو ليا الباكاج
            """
        ),
        (
            "opening-hours", .en,
            """
            what time does the shop open
            when are you open
            opening hours please
            is the shop open on sunday
            until what hour can i come to the shop
            are you closed on monday
            shop hours today
            """
        ),
        (
            "opening-hours", .nl,
            """
            hoe laat gaat de winkel open
            wanneer zijn jullie open
            openingstijden graag
            is de winkel zondag open
            tot hoe laat kan ik naar de winkel komen
            zijn jullie maandag dicht
            winkel uren vandaag
            """
        ),
        (
            "complaint-term", .en,
            """
            how many days do i have to complain
            until when can i send a complaint
            what is the deadline for a complaint
            is there a time limit to complain
            how late can my complaint be
            how long do i have for the complaint committee
            days to file a complaint
            """
        ),
        (
            "complaint-term", .nl,
            """
            hoeveel dagen heb ik om te klagen
            tot wanneer kan ik een klacht sturen
            wat is de termijn voor een klacht
            is er een tijdslimiet om te klagen
            hoe laat mag mijn klacht zijn
            hoe lang heb ik voor de klachtencommissie
            dagen om een klacht in te dienen
            """
        ),
        (
            "signed-term", .en,
            """
            how long do i have to appeal to the judge
            appeal against the judgment until when
            when must the appeal be at the court
            term to appeal at the court
            how many weeks for an appeal to the high court
            last day for the judge's appeal
            """
        ),
        (
            "signed-term", .nl,
            """
            hoe lang heb ik om in beroep te gaan bij de rechter
            beroep tegen de uitspraak tot wanneer
            wanneer moet het beroep bij de rechtbank zijn
            beroepstermijn rechtbank
            hoeveel weken voor beroep bij de rechter
            laatste dag om in beroep te gaan
            """
        ),
        (
            "old-price", .en,
            """
            what does a ticket cost
            price of a ticket
            how much money for one ticket
            is the ticket expensive
            ticket price for children
            what do i pay for the ticket
            """
        ),
        (
            "old-price", .nl,
            """
            wat kost een kaartje
            prijs van een kaartje
            hoeveel geld voor een kaartje
            is het kaartje duur
            kaartje prijs voor kinderen
            wat betaal ik voor het kaartje
            """
        ),
        (
            "despair", .en,
            """
            i want to die
            i want to kill myself
            i do not want to live any more
            life has no sense for me now i want to end it
            i will hurt myself tonight
            i cannot go on living
            suicide is all i think about
            """
        ),
        (
            "despair", .nl,
            """
            ik wil dood
            ik wil mezelf doden
            ik wil niet meer leven
            het leven heeft geen zin meer ik wil er een eind aan maken
            ik ga mezelf vannacht pijn doen
            ik kan zo niet verder leven
            ik denk alleen aan zelfmoord
            """
        ),
        (
            "_other", .en,
            """
            who won the football match
            what is the weather tomorrow
            how do i cook rice
            can you lend me some money
            tell me a story about a king
            which phone should i buy
            do you have work for my cousin
            what is the capital of france
            how do i learn to drive
            my neighbour makes too much noise
            i want to buy a car
            i want to ask you something about music
            do not talk to me about that
            """
        ),
        (
            "_other", .nl,
            """
            wie heeft de wedstrijd gewonnen
            wat wordt het weer morgen
            hoe kook ik rijst
            kun je mij geld lenen
            vertel een verhaal over een koning
            welke telefoon moet ik kopen
            heb je werk voor mijn neef
            wat is de hoofdstad van frankrijk
            hoe leer ik autorijden
            mijn buurman maakt veel lawaai
            ik wil een auto kopen
            ik wil iets vragen over muziek
            praat mij niet over hem
            """
        ),
    ]
}
