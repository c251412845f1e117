import Testing

@testable import Bot

@Suite("Arabizi")
struct ArabiziTests {
    private func marks(_ text: String) -> Float { Arabizi.marks(FoldedText(text)) }

    @Test(
        "Darija in Latin letters is recognised",
        arguments: [
            "wach n9der nchki", "fin weslat chikaya dyali", "bghit nsewlek", "3afak 3awnouni",
            "rj3ouni lmaghrib lbare7",
            "7wayji mazal f sontr", "slm khoya labas", "rani f dzayer wach ndir dork", "chnowa na3mel taw",
            "makaynch flous",
        ])
    func recognises(text: String) { #expect(marks(text) >= 1) }

    @Test(
        "Digits that are numbers do not make Darija",
        arguments: [
            "the 3rd of may at 5pm", "mijn klacht van 3 mei om 18u", "à 9h30 le 2ème jour", "covid19 en mp3",
            "wait 4u l8r",
            "2x gebeld en 3x gemaild", "room b2", "je suis au 5e étage", "I have 3 kids and 2 cars",
            "5 jaar inreisverbod",
        ])
    func refuses(text: String) { #expect(marks(text) == 0) }
}

@Suite("Language and script of short messages")
struct VarietyTests {
    @Test(
        "Each variety",
        arguments: [
            ("waar is mijn koffer", Variety.nl), ("hoe lang moet ik wachten", .nl), ("ik heb een vraag", .nl),
            ("where is my brother", .en), ("can someone help me", .en), ("how long does it take", .en),
            ("où est mon frère", .fr), ("je veux porter plainte", .fr), ("c'est combien de temps", .fr),
            ("أين أخي", .ar), ("هل يمكنكم مساعدتي", .ar), ("لم تصل حقيبتي حتى الآن", .ar),
            ("فين خويا", .ary), ("واش تقدرو تعاونوني", .ary), ("الباليزة ديالي ما وصلاتش", .ary),
            ("fin khoya", .aryLatn), ("wach dossier dyali mzal", .aryLatn), ("bghit avocat 3afak", .aryLatn),
            ("imta ghadi y3ayto lia", .aryLatn), ("kifach ndir plainte contre la police", .aryLatn),
            ("kardeşim nerede", .other), ("bana yardım eder misiniz", .other), ("dónde está mi hermano", .other),
            ("ich brauche hilfe wo ist mein koffer", .other), ("ሰላም ከመይ ኣለኹም", .other), ("где мой брат", .other),
        ])
    func guesses(text: String, variety: Variety) {
        #expect(Fixture.content.guesser.guess(FoldedText(text))?.variety == variety)
    }

    @Test("Without letters there is nothing to guess", arguments: ["", "123", "👍", "?!"])
    func nothing(text: String) { #expect(Fixture.content.guesser.guess(FoldedText(text)) == nil) }
}

@Suite("Small talk")
struct SmallTalkTests {
    private func kind(_ text: String) -> SmallTalk? {
        SmallTalk(FoldedText(text), isEmpty: text.allSatisfy(\.isWhitespace))
    }

    @Test(
        "Greetings",
        arguments: ["Hallo!", "salam 3alaykom", "Bonjour à tous", "السلام عليكم ورحمة الله", "slm khoya labas"])
    func greetings(text: String) { #expect(kind(text) == .greeting) }

    @Test(
        "Thanks",
        arguments: ["Dank je wel!", "merci beaucoup", "chokran bzaf khoya", "شكرا جزيلا", "ok thanks", "بارك الله فيك"])
    func thanks(text: String) { #expect(kind(text) == .thanks) }

    @Test("Acknowledgements", arguments: ["ok", "👍", "", "   ", "واخا", "d'accord", "🙏🏽🙏🏽", "…"])
    func acknowledgements(text: String) { #expect(kind(text) == .acknowledgement) }

    @Test(
        "A question is none, also with a greeting before it",
        arguments: [
            "salam fin khoya", "hello where is my bag", "merci mais où est mon argent", "ok et ma plainte", "1",
        ])
    func questions(text: String) { #expect(kind(text) == nil) }
}
