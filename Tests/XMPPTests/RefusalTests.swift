import Testing

@testable import XMPP

/// What is kept of a stanza that could not be read whole.
@Suite struct RefusalTests {
    private static let own = "a@example.org"
    private static let size = 3 * Element.abridgedSize

    private static func message(_ children: [Element], text: String = "") -> Element {
        Element(
            "message", Namespace.client,
            attributes: [("from", "e@example.org"), ("id", "1"), ("x", String(repeating: "x", count: size))],
            children: children, text: text)
    }

    private static func body(_ count: Int) -> Element {
        Element("body", Namespace.client, text: String(repeating: "x", count: count))
    }

    @Test func itIsSmallAndKeepsWhatSaysWhoseItIs() throws {
        let nested = (0..<1_000).reduce(Element("z", "u:z")) { inner, _ in
            Element("z", "u:z", children: [inner, Self.body(100)])
        }
        let parts = [
            Self.body(10), Self.body(Self.size), nested, Element("b", String(repeating: "n", count: Self.size)),
        ]
        for part in parts {
            let id = Element("stanza-id", Namespace.stanzaIDs, attributes: [("by", Self.own), ("id", "7")])
            let stanza = Self.message([Self.body(10), part, id, Element.refused(.stanzaTooLarge)])
            let abridged = stanza.abridged
            #expect(abridged.serialized().count < 2 * Element.abridgedSize)
            #expect(abridged.attributes.map(\.name) == ["from", "id"])
            #expect(abridged.stanzaID(by: try JID(Self.own)) == "7")
            #expect(abridged.refusal == .stanzaTooLarge)
            #expect(abridged.first("body", Namespace.client) == Self.body(10))
        }
    }

    @Test func anArchivedMessageKeepsItsSender() {
        let forwarded = Element("forwarded", Namespace.forward, children: [Self.message([Self.body(Self.size)])])
        let result = Element("result", Namespace.archive, attributes: [("id", "1")], children: [forwarded])
        let message = Self.message([result, Element.refused(.stanzaTooLarge)]).abridged
            .first("result", Namespace.archive)?.first("forwarded", Namespace.forward)?
            .first("message", Namespace.client)
        #expect(message?["from"] == "e@example.org")
        #expect(message?.first("body", Namespace.client)?.text == "")
    }
}
