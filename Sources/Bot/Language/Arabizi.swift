/// Recognises Darija in Latin letters, which general language detectors do not know.
enum Arabizi {
    /// How strongly a folded Latin-script text looks like Arabizi, in marks: a function word or a
    /// digit inside a word counts one, a typical form a half. One mark in three words is plenty.
    static func marks(_ text: FoldedText) -> Float {
        var sum: Float = 0
        for range in text.words { sum += marks(of: text.scalars[range]) }
        return sum
    }

    /// Marks of one word.
    static func marks(of word: ArraySlice<UInt32>) -> Float {
        guard word.count <= 24 else { return 0 }
        if functionWords.contains(hash(word)) { return 1 }
        if hasLetterDigit(word) { return 1 }
        return hasTypicalForm(word) ? 0.5 : 0
    }

    /// Whether a digit stands for a letter: 3 (ع), 7 (ح), 9 (ق), 2 (ء), 5 (خ), 8 (ه) next to
    /// letters, and not as in "3rd", "2x", "mp3", "18u", "covid19".
    static func hasLetterDigit(_ word: ArraySlice<UInt32>) -> Bool {
        guard word.count >= 2, word.contains(where: isLetter) else { return false }
        let digits = word.filter(isDigit)
        guard !digits.isEmpty, digits.count <= 3, digits.allSatisfy({ letterDigits.contains($0) }) else { return false }
        for index in word.indices.dropLast() where isDigit(word[index]) && isDigit(word[index + 1]) {
            // Two digits side by side are a number, except in a few words that double a letter.
            if word[index] != word[index + 1] { return false }
        }
        if notDarija.contains(hash(word)) { return false }
        let first = word[word.startIndex]
        if isDigit(first), measures.contains(hash(word.dropFirst())) { return false }
        if let last = word.last, isDigit(last), digits.count == 1 {
            // "b2", "a7": a room, a form; a word that ends in a letter digit is longer.
            return word.count >= 3 && last != 0x32
        }
        if word.count == 2 { return first == 0x33 || first == 0x37 || first == 0x39 }
        return true
    }

    /// Word shapes that occur in Darija and hardly elsewhere: ka-/kan-/kay- verbs, "ma…ch".
    private static func hasTypicalForm(_ word: ArraySlice<UInt32>) -> Bool {
        guard word.count >= 5 else { return false }
        let text = Array(word)
        let startsMa = text[0] == 0x6D && text[1] == 0x61
        let endsCh = text[text.count - 2] == 0x63 && text[text.count - 1] == 0x68
        if startsMa && endsCh && text.count >= 6 { return true }
        for prefix in verbPrefixes where text.count >= prefix.count + 3 && text.starts(with: prefix) {
            return !isVowel(text[prefix.count])
        }
        // The article before a consonant that no European word would follow.
        if text[0] == 0x6C, !isVowel(text[1]), text[1] != 0x6C, isLetter(text[1]) { return true }
        return false
    }

    private static func isLetter(_ scalar: UInt32) -> Bool { scalar >= 0x61 && scalar <= 0x7A }
    private static func isDigit(_ scalar: UInt32) -> Bool { scalar >= 0x30 && scalar <= 0x39 }
    private static func isVowel(_ scalar: UInt32) -> Bool {
        [0x61, 0x65, 0x69, 0x6F, 0x75, 0x79].contains(scalar)
    }

    private static func hash(_ word: some Sequence<UInt32>) -> UInt64 {
        word.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }

    private static func set(_ words: String) -> Set<UInt64> {
        Set(words.split(separator: " ").map { hash($0.unicodeScalars.map(\.value)) })
    }

    private static let letterDigits: Set<UInt32> = Set("235789".unicodeScalars.map(\.value))
    private static let verbPrefixes: [[UInt32]] = ["kan", "kat", "kay", "tan", "tay", "ghan", "ghat", "ghay"].map {
        $0.unicodeScalars.map(\.value)
    }
    /// What follows a digit that is a number after all.
    private static let measures = set(
        "rd nd th st e de eme er x h u am pm km m cm kg g gb mb jr d j s k ste uur min mnd weken ans mois jours days hrs yrs"
    )
    private static let notDarija = set(
        "mp3 mp4 h264 covid19 ps5 ps3 b2b p2p a2 b2 c2 4x4 2fa g7 g8 s23 s22 m2 h2o co2 w8 l8 l8r m8r gr8 m8 str8 b4 2day 2morrow"
    )

    /// Words of Darija as typed in Latin letters that are no words of Dutch, English or French.
    private static let functionWords = set(
        """
        wach wesh ouach chno chnou chnoo shno shnou chnahiya achno ach kifach kifash kifech kifah kifeh fayn \
        feen winek imta imtaa mnin mnine 3lach 3lash 3la 3liya 3lik 3lih 3ndi 3ndou 3ndo 3ndha 3ndhom chhal \
        ch7al sh7al chkoun shkoun dyal dyali diali dyalek dyalou dyalo dyalha dyalna dyalhom diyali ntaa nta3 \
        nta3i ta3i bghit bghiti bgha bghina bghaw mabghitch mab9ach mazal mzal ba9i ba9a daba dork drk hadi \
        hadchi hadshi hada hadou hadik dik dakchi rah raho rani rana raki rahom rahou kayn kayna kaynin makaynch \
        makayn makayench walo walou bezaf bzaf bezzaf chwiya chouia shwiya ghir ghi 7it ila yla bach bash \
        walakin walakine wlakin ana nta nti howa houwa huwa hiya hna 7na homa huma khoya khouya khti okhti sahbi \
        sa7bi labas labass bikhir hamdullah hamdoulah inchallah nchallah inshallah wallah walah allah lah salam \
        slm salamo alaykom aleikum 3afak 3afakom afak chokran choukran shukran saha barak fik khelik ykhelik \
        llah yallah safi sf wakha wakhkha iyeh ayeh ih na3am lla machi mashi mashy mouch mech moch mch makach \
        kifma kima bhal b7al m3a m3aya maaya fiya fih fiha liya lia liha lihom lina likom mni mnou menni mennou \
        9bel qbel mor moura wra men3and mn3nd 3nd 3end derti drt dert ndir ndirou dirou dayr dayra khas khassni \
        khasni khassek khask khassna lazem lazm yemken ymken ymkn n9der ne9der t9der y9der n9dar mn9drch nqder \
        neqder tqder kanou konte kenti konti kount ghadi ghada gha smiti smitek smito wld wlad weld wladi drari \
        bnt mrati rajel rajli bba yemma lwalid lwalida khouk khoh khoha jat jit mchit mcha mchaw mchat msha rje3 \
        rj3t rej3ouni rj3ouni sifdouni sifdoni siftouni sift siftou siftli derouni 7kmouni flous lflous drahm \
        drahem chikaya chkaya lchikaya nchki chkit tiyara tyara tayara lmatar lbolis lboulis bladi lblad \
        lmaghrib maghrib lmghrib dzayer tounes hollanda holanda lbaliza baliza 7wayj hwayj hwayji tbib lmo7ami \
        mohami lmohami avoka lavoka nsewel nsewlek nswel chnia chnowa chniya 9aleb barcha taw tawa brabi yezzi \
        nheb n7eb nhab 7ab kteb ktebt galou galo 9al 9alou qal qalou sme3t sma3t chft cheft shoft choft fhemt \
        mafhemtch ma3reftch marftch maraftch ma3rftch wsel wslat weslat wslatni maweslatch ktr
        """)
}
