import Foundation

/// A message as our archive keeps it (XEP-0313 §4.2).
public struct ArchivedMessage: Hashable, Sendable {
    /// The archive's id: the same as in `<stanza-id/>` of the live message.
    public let id: String
    /// When the server took it.
    public let sentAt: Date?
    /// Marked (`Element.refusal`) when it is not whole; then its `from` may be missing as well.
    public let message: Element
}

extension ArchivedMessage {
    /// From the archive's answer.
    /// - Parameter refusal: of the answer: what was cut out of it was cut out of the message in it.
    init(id: String, result: Element, refusal: XMLError.Kind?) {
        let forwarded = result.first("forwarded", Namespace.forward)
        let inner = forwarded?.first("message", Namespace.client)
        var message = inner ?? Element("message", Namespace.client)
        // Without the message there is something to report all the same: it must not just be gone.
        if let kind = refusal ?? (inner == nil ? .incomplete : nil) { message.append(Element.refused(kind)) }
        let sentAt = forwarded?.first("delay", Namespace.delay)?["stamp"].flatMap(DateTime.date)
        self.init(id: id, sentAt: sentAt, message: message)
    }
}

/// What to ask the archive (XEP-0313 §4.1).
public struct ArchiveQuery: Hashable, Sendable {
    /// Only messages to or from this account.
    public var with: JID?
    /// Not older than this.
    public var start: Date?
    /// Only behind this archive id; `nil`: from the beginning.
    public var after: String?
    /// Messages in one page.
    public var limit = 50

    public init(with: JID? = nil, start: Date? = nil, after: String? = nil, limit: Int = 50) {
        self.with = with
        self.start = start
        self.after = after
        self.limit = limit
    }

    func element(queryID: String) -> Element {
        var fields = [Self.field("FORM_TYPE", Namespace.archive, type: "hidden")]
        if let with { fields.append(Self.field("with", with.text)) }
        if let start { fields.append(Self.field("start", DateTime.text(start))) }
        let form = Element("x", Namespace.dataForms, attributes: [("type", "submit")], children: fields)
        var set = Element("set", Namespace.resultSet, children: [Element("max", Namespace.resultSet, text: "\(limit)")])
        if let after { set.append(Element("after", Namespace.resultSet, text: after)) }
        return Element("query", Namespace.archive, attributes: [("queryid", queryID)], children: [form, set])
    }

    private static func field(_ name: String, _ value: String, type: String? = nil) -> Element {
        var field = Element(
            "field", Namespace.dataForms, attributes: [("var", name)],
            children: [Element("value", Namespace.dataForms, text: value)])
        field["type"] = type
        return field
    }
}

/// One page of the archive.
public struct ArchivePage: Hashable, Sendable {
    /// In the archive's order.
    public let messages: [ArchivedMessage]
    /// Nothing follows this page.
    public let isComplete: Bool
    /// The last id, for the next page.
    public let last: String?
}

extension XMPPClient {
    /// Reads one page of our own archive.
    ///
    /// Its messages are not events; they need no `committed`.
    /// - Throws: `StanzaError` (`item-not-found`: the archive no longer has `after`), `ClientError`.
    public func archive(_ query: ArchiveQuery, deadline: Duration = .seconds(60)) async throws -> ArchivePage {
        let id = Self.randomID()
        archivePages[id] = []
        defer { archivePages[id] = nil }
        let answer = try await iq("set", query.element(queryID: id), deadline: deadline)
        let fin = answer.first("fin", Namespace.archive)
        let messages = archivePages[id] ?? []
        let last = fin?.first("set", Namespace.resultSet)?.first("last", Namespace.resultSet)?.text
        return ArchivePage(
            messages: messages, isComplete: fin?["complete"] == "true" || fin?["complete"] == "1" || last == nil,
            last: last)
    }

    /// Takes a message that belongs to a page being read.
    func takeArchived(_ message: Element) -> Bool {
        guard let result = message.first("result", Namespace.archive), isOwnAccount(message["from"]),
            let query = result["queryid"], let id = result["id"], archivePages[query] != nil
        else { return false }
        archivePages[query]?.append(ArchivedMessage(id: id, result: result, refusal: message.refusal))
        return true
    }
}
