import BotContent

/// Reads and checks `Bots/practice`: `<id>.yaml` for each story, `_lesson.yaml` for what is said around them.
///
/// Unknown keys are errors: a misspelt condition must not be taken by every reply.
public enum PracticeReader {
    /// The content of the folder.
    ///
    /// - Parameters:
    ///   - bots: the folder that holds `practice`; without that folder there are no stories.
    ///   - forbidden: what is never said, by which the examples of the stories are tried.
    /// - Throws: `ContentError` with all errors, each with its file and, where it has one, its line.
    public static func load(_ bots: String, forbidden: ForbiddenPhrases) throws(ContentError) -> PracticeContent {
        let (content, problems) = read(bots, forbidden: forbidden)
        guard problems.isEmpty else { throw ContentError(problems: problems) }
        return content
    }

    /// What of the folder can be used, and everything that is wrong, in the order of files.
    public static func read(_ bots: String, forbidden: ForbiddenPhrases) -> (PracticeContent, [Problem]) {
        let folder = bots + "/practice"
        guard let names = TextFile.names(in: folder) else { return (.none, []) }
        var lesson: PracticeContent.Lesson?
        var stories: [PracticeStory] = []
        var problems: [Problem] = []
        if !names.contains(LessonFile.name) {
            problems.append(Problem(file: folder + "/" + LessonFile.name, "is missing; it holds what the lesson says"))
        }
        for name in names {
            let path = folder + "/" + name
            guard name.hasSuffix(".yaml") else {
                problems.append(Problem(file: path, "does not belong here; stories are named <id>.yaml"))
                continue
            }
            switch TextFile.read(path) {
            case .failure(let failure): problems.append(failure.problem)
            case .success(let text) where name == LessonFile.name:
                let (read, found) = LessonFile.read(text, file: path)
                lesson = read
                problems += found
            case .success(let text):
                let (story, found) = StoryFile.read(
                    text, file: path, name: String(name.dropLast(5)), forbidden: forbidden)
                problems += found
                if let story, found.isEmpty { stories.append(story) }
            }
        }
        return (PracticeContent(lesson: lesson ?? PracticeContent.none.lesson, stories: stories), problems)
    }
}
