/// Messages that ask nothing: a greeting, thanks, "ok", an emoji, nothing at all.
enum SmallTalk: Sendable, Equatable {
    case greeting, thanks, acknowledgement

    /// Recognises small talk: all words must belong to it. `nil` for anything else.
    init?(_ text: FoldedText, isEmpty: Bool) {
        guard text.words.count <= 8 else { return nil }
        if text.isEmpty || isEmpty {
            self = .acknowledgement
            return
        }
        var greets = false
        var givesThanks = false
        for word in text.strings {
            if Self.greetingWords.contains(word) {
                greets = true
            } else if Self.thanksWords.contains(word) {
                givesThanks = true
            } else if !Self.fillers.contains(word) && !Self.acknowledgements.contains(word) {
                return nil
            }
        }
        self = givesThanks ? .thanks : greets ? .greeting : .acknowledgement
    }

    private static func set(_ words: String) -> Set<String> {
        Set(words.split(separator: " ").flatMap { FoldedText(String($0)).strings })
    }

    private static let greetingWords = set(
        """
        hallo hoi hey hi hello dag goedemorgen goedemiddag goedenavond goedendag morgen salut bonjour bonsoir coucou \
        salam slm salem salamo assalamo assalam alaykom alaikom aleikum alaykoum 3alaykom 3alikom 3likom selam slt cc \
        labas labass lbas bikhir marhaba ahlan merhaba السلام سلام عليكم مرحبا اهلا صباح الخير مساء النور لاباس بيخير \
        sba7 sbah msa lkhir lkheir good morning evening afternoon yo allo
        """)
    private static let thanksWords = set(
        """
        dank bedankt dankje dankjewel dankuwel thanks thank thx ty tnx merci mrc chokran choukran shukran chukran saha \
        sa7a شكرا مشكور مشكورين تشكر ميرسي يعطيكم الصحه بارك barak baraka شكراا teşekkürler
        """)
    private static let acknowledgements = set(
        """
        ok oke okay okee okey oki k kk d'accord daccord accord goed prima top good great fine bien parfait super safi \
        wakha wakhkha mezyan mzyan mezian واخا صافي مزيان حسنا تمام طيب اوك اوكي ماشي ja yes oui iyeh ah نعم اه ايه \
        understood begrepen compris fhemt فهمت
        """)
    private static let fillers = set(
        """
        je wel u jullie heel erg veel zeer hoor you very much so a lot everyone all beaucoup bien vous toi tous à \
        bezaf bzaf bezzaf lah llah allah ykhelik ykhelikom khelik khelikom fik fikom khoya khouya khti sahbi 3lik \
        3likoum fi wa w و يا الله يخليك يخليكم فيك فيكم جزيلا بزاف خويا ختي صاحبي اخي الحمد لله hamdullah hamdoulilah \
        tout le monde daar there sir madame monsieur meneer mevrouw rahmatullah wabarakatuh ورحمه وبركاته ورحمه الله
        """)
}
