extension Element {
    /// The id that our own account's archive gave this message (XEP-0359 §3).
    ///
    /// Anybody can write such an element; only one `by` our own bare address counts, because our
    /// server removes those that others put in (§4 rule 5).
    public func stanzaID(by account: JID) -> String? {
        all("stanza-id", Namespace.stanzaIDs)
            .first { $0["by"].flatMap { try? JID($0) } == account.bare }?["id"]
    }

    /// The id that the sender gave this message (XEP-0359 §3).
    public var originID: String? { first("origin-id", Namespace.stanzaIDs)?["id"] }

    public static func originID(_ id: String) -> Element {
        Element("origin-id", Namespace.stanzaIDs, attributes: [("id", id)])
    }
}
