import StaffProtocol

/// In words: that a conversation is one of several of a person.
struct PersonText {
    let row: InboxRow
    let person: PersonLink

    func lines(_ display: Display) -> [Display.Line] {
        let others = person.conversations.map { ShortID(.conversation, $0).description }.joined(separator: ", ")
        let whose = others.isEmpty ? "Of a person with other addresses" : "One person with \(others)"
        var lines = display.wrapped("\(whose): \(Self.words(person)).", indent: 2)
        if person.isUnrecognised {
            lines += display.wrapped(
                "WHO WRITES HERE MAY BE ANYBODY WHO KNOWS THE WORDS. Stage, amount, account and other people's names "
                    + "only after you knew their voice: sila contact recognise \(ShortID(.conversation, row.conversation))",
                weight: .alarm, indent: 2)
        }
        return lines
    }

    /// How it came to the person, and whether somebody knew their voice.
    static func words(_ person: PersonLink) -> String {
        let how =
            switch person.how {
            case "first": "the first address"
            case "arrival-words": "joined by the words on the card"
            case "staff": "joined by a colleague"
            default: Foreign.word(person.how)
            }
        if person.recognisedAt > 0 { return how + "; \(Foreign.word(person.recognisedBy)) knew their voice" }
        return person.isUnrecognised ? how + "; not yet recognised by voice" : how
    }
}
