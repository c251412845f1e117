/// What the parser accepts before it gives up on the other side.
public struct XMLLimits: Hashable, Sendable {
    /// The largest stanza, in bytes as received. Servers take half a megabyte of a stranger at most.
    public var stanzaBytes: Int
    /// How deep elements may be nested; the stream's root counts.
    public var depth: Int
    /// Elements in one stanza.
    public var elements: Int
    /// Attributes of one element.
    public var attributes: Int

    public init(stanzaBytes: Int = 1024 * 1024, depth: Int = 64, elements: Int = 20_000, attributes: Int = 64) {
        self.stanzaBytes = stanzaBytes
        self.depth = depth
        self.elements = elements
        self.attributes = attributes
    }
}

/// Why XML was refused. Holds nothing of the input: it may be logged.
public struct XMLError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// Not well-formed; `code` is expat's.
        case notWellFormed = "not-well-formed"
        case invalidUTF8 = "invalid-utf-8"
        /// A document type declaration (RFC 6120 §11.1).
        case documentType = "document-type"
        /// A processing instruction (RFC 6120 §11.1).
        case processingInstruction = "processing-instruction"
        /// A comment (RFC 6120 §11.1).
        case comment
        /// A reference to an entity that XML does not predefine (RFC 6120 §11.1).
        case entity
        /// Text between stanzas that is not white space.
        case strayText = "stray-text"
        case tooDeep = "too-deep"
        case stanzaTooLarge = "stanza-too-large"
        case tooManyElements = "too-many-elements"
        case tooManyAttributes = "too-many-attributes"
        /// The input ended in the middle of an element, or held nothing.
        case incomplete
        /// The stream's root is not `<stream:stream>`, or anything came after its end.
        case notAStream = "not-a-stream"
        case outOfMemory = "out-of-memory"
    }

    public let kind: Kind
    /// expat's own error code, where it found the error.
    public let code: Int?

    public init(_ kind: Kind, code: Int? = nil) {
        self.kind = kind
        self.code = code
    }

    public var description: String {
        let detail = code.map { " (expat error \($0))" } ?? ""
        return "The XML was refused: \(kind.rawValue)\(detail)."
    }
}

/// Namespaces that XML itself gives a meaning.
enum XMLNamespace {
    /// Bound to the prefix `xml` without a declaration: `xml:lang`.
    static let xml = "http://www.w3.org/XML/1998/namespace"
}
