/// An error that the other side of an IQ or message reported (RFC 6120 §8.3).
public struct StanzaError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The defined condition: `item-not-found`, `forbidden`; `undefined-condition` when none was given.
    public let condition: String
    /// `auth`, `cancel`, `continue`, `modify` or `wait`.
    public let type: String

    public init(condition: String, type: String) {
        self.condition = condition
        self.type = type
    }

    /// Reads the `<error/>` of a stanza. Only what RFC 6120 defines is taken over: a condition that it
    /// does not know becomes `undefined-condition`, a type `cancel`.
    public init(_ stanza: Element) {
        let error = stanza.children.first { $0.name == "error" }
        let type = error?["type"].flatMap { DefinedConditions.types.contains($0) ? $0 : nil }
        self.init(
            condition: DefinedConditions.condition(in: error, Namespace.stanzaErrors, of: DefinedConditions.stanza),
            type: type ?? "cancel")
    }

    public var isTemporary: Bool { type == "wait" }

    public var description: String { "The server answered with the error \(condition) (\(type))." }

    /// The element that reports this error.
    public var element: Element {
        Element(
            "error", Namespace.client, attributes: [("type", type)],
            children: [Element(condition, Namespace.stanzaErrors)])
    }
}
