import Bot
import BotContent
import Foundation
import Testing

/// The content that ships: it passes its check, and questions in words of our own, which are not
/// among the examples, are understood.
@Suite("The content itself")
struct RealContentTests {
    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path
    private static let folders = ContentFolders(root: root)
    private static let content = Result { try ContentLoader.load(folders) }

    private func classify(_ text: String) throws -> Classification {
        let engine = Engine(content: try Self.content.get())
        let (_, events) = engine.step(
            state: DialogueState(), input: Input(text: text, isEncrypted: true, now: 1_795_219_200))
        for case .classified(let found) in events { return found }
        throw ContentError(problems: [])
    }

    @Test("It passes the check")
    func check() { #expect(ContentChecker.check(Self.folders).filter { $0.severity == .error } == []) }

    @Test(
        "Unseen questions: none is answered wrongly, most are answered at once, the others asked back",
        arguments: Variety.written)
    func unseen(variety: Variety) throws {
        let questions = Self.questions[variety] ?? []
        #expect(questions.count >= 10)
        var right = 0
        var among = 0
        for (topic, text) in questions {
            let found = try classify(text)
            #expect(found.variety == variety, "\(text)")
            let isAnswered = found.decision == .answer || found.decision == .urgent
            #expect(
                !isAnswered || found.topic?.rawValue == topic,
                "\(text) was answered with \(String(describing: found.topic))")
            if isAnswered && found.topic?.rawValue == topic { right += 1 }
            if isAnswered || found.decision == .ask && found.candidates.contains(where: { $0.topic.rawValue == topic })
            {
                among += 1
            }
        }
        #expect(right * 10 >= questions.count * 6, "\(right) of \(questions.count) at once")
        #expect(among * 10 >= questions.count * 9, "\(among) of \(questions.count) at once or among the choices")
    }

    @Test("What no topic covers is not answered", arguments: uncovered)
    func notCovered(text: String) throws {
        let found = try classify(text)
        #expect(found.decision != .answer && found.decision != .urgent, "\(text): \(String(describing: found.topic))")
    }

    private static let questions: [Variety: [(String, String)]] = [
        .en: [
            ("complaint-continues-after-deportation", "I was sent back last month, does my complaint still run?"),
            ("complaint-continues-after-deportation", "they deported me while my complaint was open. is it over now"),
            ("complaint-continues-after-deportation", "do you still handle my complaint now that im in algeria"),
            ("luggage-missing-on-arrival", "my suitcase did not arrive"),
            ("luggage-missing-on-arrival", "We landed in Nador but my bags never came out"),
            ("payment-fraud-warning", "a man on whatsapp says i must pay first to get my compensation"),
            ("payment-fraud-warning", "they ask me to pay to get my money"),
            ("where-is-my-relative", "I can't find my husband, I think he is in a detention centre in Holland"),
            ("doctor-certificate-abroad", "should i let a doctor here write down my bruises"),
            ("cvt-complaint-7-days", "how many days do i have to complain about the guards in the centre"),
            ("kmar-complaint-one-year", "the marechaussee hurt me on the plane, until when can i complain"),
            ("compensation-when-paid", "when will I receive my compensation"),
            ("entry-ban-what-is-it", "what does entry ban mean"),
            ("just-arrived-first-steps", "i have just landed in morocco, what should i do now"),
            ("tell-how-removal-went", "i want to tell you how the deportation went"),
            ("complaint-status-question", "any news about my complaint?"),
            ("mental-distress-and-suicide", "i don't want to live anymore"),
        ],
        .nl: [
            ("complaint-continues-after-deportation", "Ik ben uitgezet, gaat mijn klacht nog door?"),
            ("complaint-continues-after-deportation", "stopt de klacht als je al in marokko zit"),
            ("luggage-missing-on-arrival", "mijn koffer is niet aangekomen"),
            ("luggage-missing-on-arrival", "waar is mijn tas gebleven na de vlucht"),
            ("payment-fraud-warning", "iemand wil dat ik eerst betaal om mijn geld te krijgen, klopt dat?"),
            ("where-is-my-relative", "mijn broer is opgepakt en we weten niet waar hij zit"),
            ("doctor-certificate-abroad", "moet ik hier naar een dokter gaan voor bewijs van mijn wonden"),
            ("cvt-complaint-7-days", "binnen hoeveel dagen moet ik een klacht bij de commissie indienen"),
            ("kmar-complaint-one-year", "hoe lang kan ik klagen over de marechaussee"),
            ("compensation-when-paid", "wanneer wordt de schadevergoeding uitbetaald"),
            ("entry-ban-what-is-it", "wat is een inreisverbod eigenlijk"),
            ("just-arrived-first-steps", "ik ben net geland in tunis wat nu"),
            ("tell-how-removal-went", "ik wil vertellen wat er gebeurd is bij mijn uitzetting"),
            ("complaint-status-question", "hoe staat het met mijn klacht"),
            ("mental-distress-and-suicide", "ik zie het niet meer zitten, ik wil dood"),
        ],
        .fr: [
            ("complaint-continues-after-deportation", "est-ce que ma plainte continue même si je suis expulsé"),
            ("complaint-continues-after-deportation", "ma plainte est-elle annulée après mon renvoi ?"),
            ("luggage-missing-on-arrival", "ma valise n'est pas arrivée"),
            ("luggage-missing-on-arrival", "j'ai perdu mes bagages dans l'avion du renvoi"),
            ("payment-fraud-warning", "on me demande de payer pour recevoir mon argent"),
            ("where-is-my-relative", "je cherche mon frère, il a été arrêté aux pays-bas"),
            ("doctor-certificate-abroad", "je dois voir un médecin ici pour faire constater mes blessures ?"),
            ("cvt-complaint-7-days", "combien de jours pour porter plainte contre le centre de rétention"),
            ("kmar-complaint-one-year", "la maréchaussée m'a frappé, jusqu'à quand je peux me plaindre"),
            ("compensation-when-paid", "quand est-ce que je touche l'indemnité"),
            ("entry-ban-what-is-it", "c'est quoi l'interdiction d'entrée"),
            ("just-arrived-first-steps", "je viens d'arriver à casablanca, je fais quoi maintenant"),
            ("tell-how-removal-went", "je veux raconter comment ça s'est passé dans l'avion"),
            ("complaint-status-question", "où en est ma plainte"),
            ("mental-distress-and-suicide", "je n'ai plus envie de vivre"),
        ],
        .ar: [
            ("complaint-continues-after-deportation", "هل تستمر شكواي بعد ترحيلي؟"),
            ("luggage-missing-on-arrival", "لم تصل حقيبتي"),
            ("luggage-missing-on-arrival", "ضاعت أمتعتي في الطائرة"),
            ("payment-fraud-warning", "طلبوا مني أن أدفع لكي أستلم مالي"),
            ("where-is-my-relative", "أبحث عن أخي، لا نعرف أين هو محتجز"),
            ("doctor-certificate-abroad", "هل أذهب إلى طبيب هنا ليكتب عن إصاباتي"),
            ("cvt-complaint-7-days", "كم يوما لدي لتقديم شكوى ضد المركز"),
            ("kmar-complaint-one-year", "ضربني الدرك في المطار، إلى متى يمكنني الشكوى"),
            ("compensation-when-paid", "متى سيدفعون لي التعويض"),
            ("entry-ban-what-is-it", "ما معنى حظر الدخول"),
            ("just-arrived-first-steps", "وصلت اليوم إلى المغرب، ماذا أفعل"),
            ("tell-how-removal-went", "أريد أن أحكي كيف تم ترحيلي"),
            ("complaint-status-question", "ما أخبار شكواي"),
            ("mental-distress-and-suicide", "لم أعد أريد أن أعيش"),
        ],
        .ary: [
            ("complaint-continues-after-deportation", "واش الشكاية ديالي باقا خدامة من بعد ما رجعوني؟"),
            ("luggage-missing-on-arrival", "الباليزة ديالي ما وصلاتش"),
            ("luggage-missing-on-arrival", "حوايجي بقاو فالطيارة ما جاوش معايا"),
            ("payment-fraud-warning", "قالو ليا خاصني نخلص باش ناخد فلوسي"),
            ("where-is-my-relative", "خويا شدوه فهولندا و ما عرفناش فين هو"),
            ("doctor-certificate-abroad", "واش نمشي عند الطبيب هنا باش يكتب ليا على الضرب"),
            ("cvt-complaint-7-days", "شحال من نهار عندي باش نشكي على السونطر"),
            ("kmar-complaint-one-year", "بوليس ديال المطار ضربوني، حتى لإمتى نقدر نشكي"),
            ("compensation-when-paid", "إمتى غادي يخلصوني فالتعويض"),
            ("entry-ban-what-is-it", "شنو هو المنع من الدخول لأوروبا"),
            ("just-arrived-first-steps", "يالله وصلت للمغرب شنو ندير دابا"),
            ("tell-how-removal-went", "بغيت نعاود ليكم كيفاش رجعوني"),
            ("complaint-status-question", "فين وصلات الشكاية ديالي"),
            ("mental-distress-and-suicide", "ما بقيتش باغي نعيش"),
        ],
        .aryLatn: [
            ("complaint-continues-after-deportation", "wach chikaya dyali mzal khdama mn b3d ma rej3ouni l maghrib?"),
            ("complaint-continues-after-deportation", "rje3t l bladi, wash chkaya dyali ba9a"),
            ("luggage-missing-on-arrival", "lbaliza dyali ma weslatch"),
            ("luggage-missing-on-arrival", "7wayji ma jawch m3aya f tiyara"),
            ("payment-fraud-warning", "galou lia khasni nkhelles bach nakhod flousi"),
            ("where-is-my-relative", "khoya cheddouh f hollanda w ma3refnach fin howa"),
            ("doctor-certificate-abroad", "wach nmchi 3nd tbib hna bach ykteb lia 3la ddreb"),
            ("cvt-complaint-7-days", "ch7al mn nhar 3ndi bach nchki 3la sontr"),
            ("kmar-complaint-one-year", "bolis dyal lmatar derbouni, 7ta l imta n9der nchki"),
            ("compensation-when-paid", "imta ghadi ykhelsouni f t3wid"),
            ("entry-ban-what-is-it", "chno howa lmna3 dyal oropa"),
            ("just-arrived-first-steps", "yallah wselt l maghrib chno ndir daba"),
            ("tell-how-removal-went", "bghit n3awd likom kifach rej3ouni"),
            ("complaint-status-question", "fin weslat chikaya dyali"),
            ("mental-distress-and-suicide", "ma b9itch bghi n3ich"),
        ],
    ]

    private static let uncovered = [
        "who won the football match yesterday",
        "what's the weather like in rabat tomorrow",
        "how do I get a visa for spain",
        "which route is best to go back to europe without papers",
        "recipe for harira",
        "how much does a smuggler cost",
        "can you lend me 200 euro",
        "my phone is broken where can i repair it",
        "how do i apply for asylum in germany",
        "can i marry my girlfriend in holland",
        "tell me a joke",
        "what time is it",
        "when does my entry ban end",
        "how much money do i get per day of unlawful detention",
        "can my wife visit me in the centre",
        "my lawyer does not answer",
        "how do I get my passport back from the dutch",
        "wie heeft er gewonnen gisteren, ajax of psv",
        "hoe kom ik aan een visum voor frankrijk",
        "wat kost een vliegticket naar amsterdam",
        "welk weer wordt het morgen",
        "hoe maak ik couscous",
        "mag ik in detentie roken",
        "kan ik mijn advocaat wisselen",
        "wat is de hoofdstad van australie",
        "qui a gagné le match hier soir",
        "comment avoir un visa pour la belgique",
        "recette du tajine poulet",
        "quel est le prix d'un billet pour paris",
        "comment ouvrir un compte bancaire au maroc",
        "من فاز في المباراة أمس",
        "كيف أحصل على تأشيرة إلى إسبانيا",
        "كيف أطبخ الكسكس",
        "كم سعر تذكرة الطائرة إلى باريس",
        "شكون ربح الماتش البارح",
        "كيفاش نحرق لسبانيا من جديد",
        "بشحال الكيلو ديال الخضرة",
        "chkoun rbe7 lmatch lbare7",
        "kifach n7reg l sbanya",
        "bch7al lbillet l amsterdam",
        "3tini wa7ed lwasfa dyal tajin",
        "kifach ndir visa l fransa",
    ]
}
