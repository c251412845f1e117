/// The mark on a stanza of which something was cut out, because it exceeded a limit.
extension Element {
    private static let refusalNamespace = "urn:sila:refused"

    static func refused(_ kind: XMLError.Kind) -> Element {
        Element("refused", refusalNamespace, attributes: [("reason", kind.rawValue)])
    }

    /// Why this stanza is incomplete; `nil` when it is as it came.
    ///
    /// Anybody can write such a mark, but only into their own message, which is then not read.
    public var refusal: XMLError.Kind? {
        first("refused", Self.refusalNamespace)?["reason"].flatMap(XMLError.Kind.init)
    }
}
