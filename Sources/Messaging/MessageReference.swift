/// What a message does to an earlier one of the conversation.
public enum ReferenceKind: String, Sendable, CaseIterable {
    /// Its words take the place of those (XEP-0308).
    case correction
    /// Those are taken back (XEP-0424).
    case retraction
    /// A sign put to it (XEP-0444): the text is the signs, empty when they were taken off.
    case reaction
}

/// That a message refers to another, by the id that its sender's app gave that one.
public struct IncomingReference: Sendable, Equatable {
    public let kind: ReferenceKind
    public let target: String

    public init(kind: ReferenceKind, target: String) {
        self.kind = kind
        self.target = target
    }
}
