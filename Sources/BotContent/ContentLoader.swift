import Bot

/// Reads, checks and compiles content.
public enum ContentLoader {
    /// Content that the engine can use.
    ///
    /// Topics past their `expires` are loaded: the engine gives their answers no longer.
    /// - Throws: `ContentError` with all errors when there is any; warnings do not stop it.
    public static func load(_ folders: ContentFolders) throws(ContentError) -> CompiledContent {
        CompiledContent(compiling: try source(folders))
    }

    /// The content before compiling. Throws as `load`.
    public static func source(_ folders: ContentFolders) throws(ContentError) -> ContentSource {
        let content = ContentReader.read(folders)
        let errors = ContentChecker.problems(of: content, folders: folders, today: nil).filter { $0.severity == .error }
        guard errors.isEmpty else { throw ContentError(problems: errors) }
        return ContentSource(
            topics: content.topics.map(\.file.topic),
            examples: content.examples.map {
                .init(topic: $0.topic.map { TopicID($0) }, variety: $0.variety, text: $0.text)
            },
            texts: content.texts.mapValues { texts in
                Dictionary(texts.map { (TextKey(rawValue: $0.key), $0.text) }, uniquingKeysWith: { first, _ in first })
            })
    }
}
