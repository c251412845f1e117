import BotContent
import Foundation
import Practice

/// The stories that ship.
enum RealStories {
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path
    static let bots = root + "/Bots"

    /// The lists of what is never said, read as their files stand, without compiling the content.
    static let forbidden: Result<ForbiddenPhrases, any Error> = Result {
        try ContentLoader.forbidden(ContentFolders(root: root))
    }
    static let content: Result<PracticeContent, any Error> = Result {
        try PracticeReader.load(bots, forbidden: try forbidden.get())
    }

    static func engine() throws -> PracticeEngine {
        PracticeEngine(content: try content.get(), forbidden: try forbidden.get())
    }
}

/// One way through a story: a reply for each choice, and where it ends.
struct Walk: CustomStringConvertible {
    let replies: [String]
    let notes: [Words?]
    let ending: PracticeStory.Step

    var description: String { "\(replies.count) replies to \(ending.id)" }

    /// All ways from a step to an ending, by the examples of the choices.
    static func all(_ story: PracticeStory) -> [Walk] {
        guard let first = story.steps.first else { return [] }
        return from(first, story)
    }

    private static func from(_ step: PracticeStory.Step, _ story: PracticeStory) -> [Walk] {
        guard case .replies(let choices) = step.exit else { return [Walk(replies: [], notes: [], ending: step)] }
        return choices.flatMap { choice -> [Walk] in
            guard let next = story.step(choice.next) else { return [] }
            return from(next, story).map {
                Walk(replies: [choice.example] + $0.replies, notes: [choice.note] + $0.notes, ending: $0.ending)
            }
        }
    }
}
