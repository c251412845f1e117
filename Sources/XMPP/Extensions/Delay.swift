import struct Foundation.Date

extension Element {
    /// When our own server says it took a stanza that it delivers late (XEP-0203).
    /// - Parameter by: the account's domain or bare address; others' stamps are not believed.
    public func delay(by account: JID) -> Date? {
        all("delay", Namespace.delay)
            .first { $0["from"] == account.domain || $0["from"] == account.text }?["stamp"].flatMap(DateTime.date)
    }
}
