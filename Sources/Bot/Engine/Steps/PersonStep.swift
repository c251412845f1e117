/// The contact asks for a person.
enum PersonStep: TurnStep {
    static func take(_ turn: inout Turn) -> Bool {
        guard asks(turn.understanding.folded, content: turn.content) else { return false }
        turn.state.pending = nil
        turn.classify(.handOver)
        turn.promisePerson(.asked, to: .intern)
        return true
    }

    /// Whether a short message is a wish for a person: a phrase of the list in it, or the words of
    /// the choice itself.
    static func asks(_ text: FoldedText, content: CompiledContent) -> Bool {
        guard !text.isEmpty, text.words.count <= 9 else { return false }
        let words = text.strings
        let sentence = " " + words.joined(separator: " ") + " "
        if phrases.contains(where: { sentence.contains($0) }) { return true }
        return Variety.written.contains { variety in
            guard let option = content.text(.askPerson, in: variety) else { return false }
            return FoldedText(option.text).strings == words
        }
    }

    private static let phrases: [String] = [
        "talk to a person", "talk to a human", "talk to someone", "speak to a person", "speak to someone",
        "speak with someone", "speak to a human", "a real person", "human please", "met een mens", "een echt mens",
        "met iemand praten", "iemand spreken", "een medewerker", "met een medewerker", "parler a quelqu un",
        "parler a une personne", "parler avec quelqu un", "une vraie personne", "un humain", "أتحدث مع شخص",
        "اتحدث الى شخص", "أكلم إنسان", "أكلم شخصا", "نهضر مع شي واحد", "نهضر مع شي حد", "نهضر مع بنادم",
        "nhder m3a chi wa7ed",
        "nhder m3a chi wahed", "nhder m3a chi had", "nhder m3a chi 7ed", "nhder m3a bnadem", "nahdar m3a chi wa7ed",
    ].map { " " + FoldedText($0).strings.joined(separator: " ") + " " }
}
