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
        source(of: try usable(folders))
    }

    /// Content for the engine and for staff: what `load` gives, with sources, dates and what is never
    /// said. Reads and compiles once. Throws as `load`.
    public static func bundle(_ folders: ContentFolders) throws(ContentError) -> ContentBundle {
        let content = try usable(folders)
        let source = source(of: content)
        return bundle(content, source, CompiledContent(compiling: source))
    }

    /// The same with the models that were trained at an earlier start, if the content has not changed since.
    public static func bundle(
        _ folders: ContentFolders, cache: ModelCache
    ) throws(ContentError) -> (bundle: ContentBundle, models: ModelCache.Outcome) {
        let content = try usable(folders)
        let source = source(of: content)
        let (compiled, outcome) = cache.compile(source)
        return (bundle(content, source, compiled), outcome)
    }

    private static func bundle(
        _ content: ReadContent, _ source: ContentSource, _ compiled: CompiledContent
    ) -> ContentBundle {
        ContentBundle(
            compiled: compiled,
            sheets: Dictionary(
                content.topics.map {
                    ($0.file.topic.id, TopicSheet(sources: $0.file.sources, checked: $0.file.checked.description))
                }, uniquingKeysWith: { first, _ in first }),
            texts: source.texts, forbidden: ForbiddenPhrases(content.forbidden))
    }

    /// What is never said, without compiling the rest. Throws as `load`.
    public static func forbidden(_ folders: ContentFolders) throws(ContentError) -> ForbiddenPhrases {
        ForbiddenPhrases(try usable(folders).forbidden)
    }

    private static func usable(_ folders: ContentFolders) throws(ContentError) -> ReadContent {
        let content = ContentReader.read(folders)
        let errors = ContentChecker.problems(of: content, folders: folders, today: nil).filter { $0.severity == .error }
        guard errors.isEmpty else { throw ContentError(problems: errors) }
        return content
    }

    private static func source(of content: ReadContent) -> ContentSource {
        ContentSource(
            topics: content.topics.map(\.file.topic),
            examples: content.examples.map {
                .init(topic: $0.topic.map { TopicID($0) }, variety: $0.variety, text: $0.text)
            },
            texts: content.texts.mapValues { texts in
                Dictionary(texts.map { (TextKey(rawValue: $0.key), $0.text) }, uniquingKeysWith: { first, _ in first })
            })
    }
}
