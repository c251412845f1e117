import Bot

/// A reply of a learner, folded and cut into the parts between marks.
struct ReadReply {
    struct Clause {
        let words: [String]
        /// It has a question mark, or a word that asks or requests.
        let asks: Bool
        /// It has a word that denies.
        let denies: Bool
    }

    let text: String
    let words: [String]
    let clauses: [Clause]

    /// Characters that are looked at; a reply is never longer.
    static let limit = 4_000

    init(_ text: String) {
        self.text = text
        let head = text.prefix(Self.limit)
        words = Self.words(head)
        var clauses: [Clause] = []
        var current = ""
        func close(asks: Bool) {
            let words = Self.words(current[...])
            current = ""
            guard !words.isEmpty else { return }
            clauses.append(
                Clause(
                    words: words, asks: asks || words.contains(where: Self.asking.contains),
                    denies: words.contains(where: Self.isDenying)))
        }
        for character in head {
            switch character {
            case "?", "؟": close(asks: true)
            case ".", "!", ",", ";", ":", "،", "؛", "…", "\n", "\r\n": close(asks: false)
            default: current.append(character)
            }
        }
        close(asks: false)
        self.clauses = clauses
    }

    private static func words(_ text: Substring) -> [String] {
        Folding.folded(String(text)).split(separator: " ").map(String.init)
    }

    private static func set(_ words: String) -> Set<String> {
        Set(words.split(whereSeparator: \.isWhitespace).flatMap { Self.words($0) })
    }

    private static let asking = set(
        """
        wach wash chno chnou chnowa chniya ach fin fen win wayn mnin chkoun imta fo9ach we9tach kifach kifah ki 3lach \
        3lah ch7al gol goul gouli golia goulia 3tini 3tina sifet sift sifti ktebli kteb werrini 3awed kemmel kemmli dir tleb \
        واش شنو شنوا اش فين وين منين شكون امتى إمتى وقتاش كيفاش كيفاه علاش علاه شحال قول قولي قوليا عطيني عطينا صيفط \
        كتب وريني عاود كمل كملي دير طلب هل ما ماذا اين أين متى كيف لماذا كم من ارسل أرسل اكتب \
        wat wie waar wanneer hoe welke waarom stuur geef vertel schrijf kun kunt \
        what who where when how which why send give tell write can \
        quoi qui où quand comment quel quelle pourquoi combien envoie envoyez donne donnez dis dites écris écrivez
        """)

    private static let denying = set(
        """
        ma mashi machi macha7 mouhal mahal ما لا ماشي محال لن لم ليس لست niet geen nooit not no never cannot dont \
        don't can't won't ne pas jamais non aucun
        """)

    private static let soothing = set("matkhafch matkhafich makhafch matkhafouch ماتخافش ماتخافيش")

    /// Darija denies with `ma … ch` around the word, Dutch, English and French with a word.
    private static func isDenying(_ word: String) -> Bool {
        if denying.contains(word) { return true }
        // "Do not be afraid" stands before promises, not against them.
        if soothing.contains(word) { return false }
        let isLatin = word.count > 4 && word.hasPrefix("ma") && word.hasSuffix("ch")
        let isArabic = word.count > 3 && word.hasPrefix("ما") && word.hasSuffix("ش")
        return isLatin || isArabic
    }
}
