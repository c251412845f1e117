/// Arabic Presentation Forms-A (The Unicode Standard, block U+FB50 to U+FDFF), as texts copied from PDF files and from
/// Persian keyboards have them: shapes of letters, and ligatures up to whole words.
enum LigatureForms {
    /// Folds a scalar of the block.
    static func fold(_ scalar: UInt32) -> LetterFolding.Folded {
        guard let letters = table[scalar] else { return .separator }
        let folded = letters.unicodeScalars.compactMap { letter in
            if case .letter(let one) = LetterFolding.arabic(letter.value) { one } else { nil }
        }
        return switch folded.count {
        case 0: .nothing
        case 1: .letter(folded[0])
        case 2: .pair(folded[0], folded[1])
        default: .word(folded)
        }
    }

    /// What each scalar stands for; "-" in a list is a mark that vanishes.
    private static let table: [UInt32: String] = {
        var table: [UInt32: String] = [:]
        for (start, letters) in [(0xFB50, first), (0xFBD3, second)] as [(UInt32, String)] {
            var scalar = start
            for entry in letters.split(separator: " ") {
                for _ in 0..<(entry.last?.wholeNumberValue ?? 0) {
                    table[scalar] = String(entry.dropLast())
                    scalar += 1
                }
            }
        }
        // Farsi yeh, in four shapes.
        for scalar in 0xFBFC...0xFBFF as ClosedRange<UInt32> { table[scalar] = "\u{6CC}" }
        for (start, words) in ligatures {
            for (offset, word) in words.split(separator: " ").enumerated() {
                table[start + UInt32(offset)] = String(word)
            }
        }
        return table
    }()

    /// Letters from U+FB50 and from U+FBD3 on, with their number of shapes.
    private static let first = """
        ٱ2 ٻ4 پ4 ڀ4 ٺ4 ٿ4 ٹ4 ڤ4 ڦ4 ڄ4 ڃ4 چ4 ڇ4 ڍ2 ڌ2 ڎ2 ڈ2 ژ2 ڑ2 ک4 گ4 ڳ4 ڱ4 ں2 ڻ4 ۀ2 ہ4 ھ4 ے2 ۓ2
        """
    private static let second = """
        ڭ4 ۇ2 ۆ2 ۈ2 ۇ1 ۋ2 ۅ2 ۉ2 ې4 ى2
        """

    /// Ligatures, from the scalar in front on.
    private static let ligatures: [(UInt32, String)] = [
        (
            0xFBEA,
            """
            ئا ئا ئە ئە ئو ئو ئۇ ئۇ ئۆ ئۆ ئۈ ئۈ ئې ئې ئې ئى ئى ئى
            """
        ),
        (
            0xFC00,
            """
            ئج ئح ئم ئى ئي بج بح بخ بم بى بي تج تح تخ تم تى تي ثج ثم ثى ثي جح جم حج حم خج خح خم سج سح سخ سم صح صم ضج \
            ضح ضخ ضم طح طم ظم عج عم غج غم فج فح فخ فم فى في قح قم قى قي كا كج كح كخ كل كم كى كي لج لح لخ لم لى لي مج \
            مح مخ مم مى مي نج نح نخ نم نى ني هج هم هى هي يج يح يخ يم يى يي ذ ر ى - - - - - - ئر ئز ئم ئن ئى ئي بر بز \
            بم بن بى بي تر تز تم تن تى تي ثر ثز ثم ثن ثى ثي فى في قى قي كا كل كم كى كي لم لى لي ما مم نر نز نم نن نى \
            ني ى ير يز يم ين يى يي ئج ئح ئخ ئم ئه بج بح بخ بم به تج تح تخ تم ته ثم جح جم حج حم خج خم سج سح سخ سم صح \
            صخ صم ضج ضح ضخ ضم طح ظم عج عم غج غم فج فح فخ فم قح قم كج كح كخ كل كم لج لح لخ لم له مج مح مخ مم نج نح نخ \
            نم نه هج هم ه يج يح يخ يم يه ئم ئه بم به تم ته ثم ثه سم سه شم شه كل كم لم نم نه يم يه - - - طى طي عى عي \
            غى غي سى سي شى شي حى حي جى جي خى خي صى صي ضى ضي شج شح شخ شم شر سر صر ضر طى طي عى عي غى غي سى سي شى شي حى \
            حي جى جي خى خي صى صي ضى ضي شج شح شخ شم شر سر صر ضر شج شح شخ شم سه شه طم سج سح سخ شج شح شخ طم ظم ا ا
            """
        ),
        (
            0xFD50,
            """
            تجم تحج تحج تحم تخم تمج تمح تمخ جمح جمح حمي حمى سحج سجح سجى سمح سمح سمج سمم سمم صحح صحح صمم شحم شحم شجي \
            شمخ شمخ شمم شمم ضحى ضخم ضخم طمح طمح طمم طمي عجم عمم عمم عمى غمم غمي غمى فخم فخم قمح قمم لحم لحي لحى لجج \
            لجج لخم لخم لمح لمح محج محم محي مجح مجم مخج مخم - - مجخ همج همم نحم نحى نجم نجم نجى نمي نمى يمم يمم بخي \
            تجي تجى تخي تخى تمي تمى جمي جحى جمى سخى صحي شحي ضحي لجي لمي يحي يجي يمي ممي قمي نحي قمح لحم عمي كمي نجح \
            مخي لجم كمم لجم نجح جحي حجي مجي فمي بحي كمم عجم صمم سخي نجي
            """
        ),
        (
            0xFDF0,
            """
            صلے قلے الله اكبر محمد صلعم رسول عليه وسلم صلى
            """
        ),
    ]
}
