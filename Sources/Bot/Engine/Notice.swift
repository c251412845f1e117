/// Something the contact is told that is no answer to a message of theirs.
public enum Notice: String, Sendable, Codable, CaseIterable {
    /// They wait for a reply that staff are preparing: it stands proposed, and nobody has sent it.
    case workingOnIt
    /// A colleague had the conversation and has it no longer; the bot answers again.
    case takeoverEnded

    /// The sentence that says it.
    public var key: TextKey {
        switch self {
        case .workingOnIt: .workingOnIt
        case .takeoverEnded: .takeoverEnded
        }
    }
}

extension Engine {
    /// The words of a notice in a variety; in the nearest one that has them when it has none
    /// (`CompiledContent.text`). Whether and when it is said, once and not again, decides who asks.
    ///
    /// - Returns: `nil` only with content that has the sentence in no variety at all.
    public func notice(_ notice: Notice, in variety: Variety) -> Reply? {
        let wanted = variety == .other ? settings.defaultVariety : variety
        return content.text(notice.key, in: wanted).map {
            Reply(text: $0.text, variety: $0.variety, keys: [notice.key], topic: nil)
        }
    }

    /// The words of a notice in the variety that the contact reads, as far as the conversation shows it.
    public func notice(_ notice: Notice, state: DialogueState) -> Reply? {
        self.notice(notice, in: state.chosenVariety ?? state.variety ?? settings.defaultVariety)
    }
}
