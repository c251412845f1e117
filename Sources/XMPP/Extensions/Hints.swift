/// Processing hints for servers (XEP-0334).
public enum Hint: String, Hashable, Sendable {
    /// To be archived although it has no body for the server to see.
    case store
    case noStore = "no-store"
    case noCopy = "no-copy"

    public var element: Element { Element(rawValue, Namespace.hints) }
}
