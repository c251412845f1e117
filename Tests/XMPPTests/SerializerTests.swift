import Testing
import XMPP

@Suite struct SerializerTests {
    private func text(_ element: Element, inheriting: String = "") -> String {
        String(decoding: element.serialized(inheriting: inheriting), as: UTF8.self)
    }

    @Test func whatIsWrittenIsReadBack() throws {
        var element = Element(
            "message", Namespace.client, attributes: [("to", "a@example.org"), ("x", "<\"'&>\t\r\n")])
        element.attributes.append(.init("lang", "ar", namespace: "http://www.w3.org/XML/1998/namespace"))
        element.attributes.append(.init("q", "1", namespace: "urn:one"))
        element.attributes.append(.init("q", "2", namespace: "urn:two"))
        element.append(Element("body", Namespace.client, text: "a]]>b &lt; \"q\" \r\n\u{1F600} مرحبا \u{85}\u{2028}"))
        element.nodes.append(.text("between"))
        element.append(Element("empty", "", children: [Element("inner", "urn:x")]))
        #expect(try Element(parsing: element.serialized()) == element)
    }

    @Test func namespacesAreDeclaredWhereTheyChange() {
        let body = Element("body", Namespace.client, text: "x")
        let other = Element("y", "urn:y", children: [Element("z", "urn:y")])
        let message = Element("message", Namespace.client, children: [body, other])
        #expect(
            text(message, inheriting: Namespace.client)
                == "<message><body>x</body><y xmlns=\"urn:y\"><z/></y></message>")
        #expect(text(message) == "<message xmlns=\"jabber:client\"><body>x</body><y xmlns=\"urn:y\"><z/></y></message>")
    }

    /// Anybody can put one into a message, and may not make it unreadable for whoever reads it later. Found by fuzzing.
    @Test func anElementOfXMLsOwnNamespaceIsReadBack() throws {
        let bytes = Array("<message xmlns='jabber:client'><xml:a xml:b='1'><c/></xml:a><body>x</body></message>".utf8)
        let message = try Element(parsing: bytes)
        #expect(message.children.map(\.name) == ["a", "body"])
        #expect(try Element(parsing: message.serialized()) == message)
        #expect(try Element(parsing: message.children[0].serialized()) == message.children[0])
    }

    @Test func charactersThatXMLForbidsAreLeftOut() throws {
        let element = Element(
            "a", "urn:a", attributes: [("b", "1\u{0}2\u{FFFF}")], text: "x\u{0}\u{8}\u{B}\u{1F}\u{FFFE}y\t\n")
        let read = try Element(parsing: element.serialized())
        #expect(read["b"] == "12")
        #expect(read.text == "xy\t\n")
    }
}
