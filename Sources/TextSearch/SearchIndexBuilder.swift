/// Builds a part of a search index. For a large archive use one builder a thread, each with its own messages,
/// and make the index of all parts: nothing is copied then.
public struct SearchIndexBuilder: Sendable {
    private var writer = SegmentWriter()

    /// An empty builder.
    public init() {}

    /// Adds a message. The builder keeps the words of the text, not the text.
    ///
    /// - Parameter id: The message's id; a newer message has a greater id. If one id comes twice, the later
    ///   text counts.
    public mutating func add(_ id: UInt32, _ text: String) { writer.add(id, text) }

    /// The finished part. Do this in the thread that added the messages: it sorts the words.
    public consuming func finish() -> SearchIndexPart { SearchIndexPart(segment: writer.finish()) }
}

/// A finished part of a search index.
public struct SearchIndexPart: Sendable {
    let segment: Segment
}
