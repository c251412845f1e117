/// A greeting, thanks, "ok", an emoji, an empty message: a human answer, no topic.
enum SmallTalkStep: TurnStep {
    static func take(_ turn: inout Turn) -> Bool {
        let understanding = turn.understanding
        guard let talk = SmallTalk(understanding.folded, isEmpty: understanding.isBlank) else { return false }
        turn.classify(.smallTalk)
        switch talk {
        case .greeting: turn.say([.smallTalkGreeting])
        case .thanks: turn.say([.smallTalkThanks])
        case .acknowledgement:
            // A first contact that is an emoji or empty is met as a greeting.
            turn.say([turn.state.variety == nil ? .smallTalkGreeting : .smallTalkOK])
        }
        return true
    }
}
