import Testing
import XMPP

private let header =
    "<?xml version='1.0'?><stream:stream xmlns='jabber:client' "
    + "xmlns:stream='http://etherx.jabber.org/streams' id='s1' xml:lang='en'>"

private func feed(_ text: String, limits: XMLLimits = XMLLimits()) throws -> [StreamParser.Event] {
    try feed(Array(text.utf8), limits: limits)
}

private func feed(_ bytes: [UInt8], limits: XMLLimits = XMLLimits()) throws -> [StreamParser.Event] {
    try StreamParser(limits: limits).feed(Array(header.utf8) + bytes)
}

@Suite struct ParserTests {
    @Test func aStreamIsReadTheSameWhereverItIsCut() throws {
        let stanza =
            "<message to='a@example.org' xml:lang='ar'><body>سلام &amp; &#x1F600;</body><x xmlns='u:x' xmlns:p='u:p' p:q='1'/></message>"
        let bytes = Array((header + stanza + " \n<iq/></stream:stream>").utf8)
        let whole = try StreamParser().feed(bytes)
        let parser = try StreamParser()
        var single: [StreamParser.Event] = []
        for byte in bytes { single += try parser.feed([byte]) }
        #expect(single == whole)
        #expect(whole.count == 4)
        guard case .stanza(let message) = whole[1] else {
            Issue.record("no stanza")
            return
        }
        #expect(message.first("body", Namespace.client)?.text == "سلام & 😀")
        let lang = Element.Attribute("lang", "ar", namespace: "http://www.w3.org/XML/1998/namespace")
        #expect(message.attributes.contains(lang))
        #expect(message.first("x", "u:x")?.attributes == [Element.Attribute("q", "1", namespace: "u:p")])
        #expect(whole.last == .closed)
    }

    /// RFC 6120 §11.6. Found by fuzzing: expat takes the first two bytes for a sign of UTF-16.
    @Test(
        arguments: [[0xFE, 0xFF], [0xFF, 0xFE], [0x3C, 0x00, 0x3E], [0x00, 0x3C], [0x62, 0x00, 0x3E]] as [[UInt8]])
    func aStreamInAnotherEncodingIsRefused(_ bytes: [UInt8]) throws {
        #expect(throws: XMLError(.invalidUTF8)) { try StreamParser().feed(bytes) }
        let parser = try StreamParser()
        #expect(throws: XMLError.self) { for byte in bytes { _ = try parser.feed([byte]) } }
    }

    @Test(arguments: [
        (
            "<!DOCTYPE x [<!ENTITY a 'b'>]><stream:stream xmlns:stream='http://etherx.jabber.org/streams'>",
            "document-type"
        ),
        ("<?pi x?><stream:stream xmlns:stream='http://etherx.jabber.org/streams'>", "processing-instruction"),
        ("<other/>", "not-a-stream"), ("<stream xmlns='jabber:client'>", "not-a-stream"), ("<>", "not-well-formed"),
    ])
    func aBadBeginningIsNamed(_ text: String, _ kind: String) {
        #expect(throws: XMLError.self) { try StreamParser().feed(Array(text.utf8)) }
        do { _ = try StreamParser().feed(Array(text.utf8)) } catch { #expect(error.kind.rawValue == kind) }
    }

    @Test(arguments: [
        ("<message><!-- c --></message>", XMLError.Kind.comment),
        ("<message><?a b?></message>", .processingInstruction),
        ("<message>&own;</message>", .entity), ("<message></iq>", .notWellFormed), ("text", .strayText),
        ("<message a='1' a='2'/>", .notWellFormed), ("<p:message/>", .notWellFormed),
        ("<message>\u{1}</message>", .notWellFormed), ("<message>&#0;</message>", .notWellFormed),
        ("</stream:stream><message/>", .notWellFormed),
    ])
    func aBadStanzaIsNamed(_ text: String, _ kind: XMLError.Kind) {
        #expect(throws: XMLError.self) { try feed(text) }
        do { _ = try feed(text) } catch { #expect((error as? XMLError)?.kind == kind) }
    }

    @Test(arguments: [[0xFF], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80]] as [[UInt8]])
    func invalidUTF8IsNamed(_ bytes: [UInt8]) {
        let stanza = Array("<message>a".utf8) + bytes + Array("b</message>".utf8)
        do {
            _ = try feed(stanza)
            Issue.record("accepted")
        } catch { #expect((error as? XMLError)?.kind == .invalidUTF8) }
    }

    private static let tight = XMLLimits(stanzaBytes: 20_000, depth: 4, elements: 10, attributes: 2)

    /// A text, and what it exceeds within a stanza `<a>…</a>`.
    private static let excesses: [(String, XMLError.Kind)] = [
        ("<b><c><d/></c></b>", .tooDeep), ("<b x='1' y='2' z='3'/>", .tooManyAttributes),
        (String(repeating: "<b/>", count: 10), .tooManyElements),
        (String(repeating: "x", count: 60_000), .stanzaTooLarge),
    ]

    /// One stanza that exceeds a limit must not end the stream: the server would send it again
    /// after each new connection, and nothing behind it would ever arrive.
    @Test(arguments: excesses)
    func excessIsCutOutOfTheStanzaAndTheStreamGoesOn(_ text: String, _ kind: XMLError.Kind) throws {
        let id = "<stanza-id xmlns='urn:xmpp:sid:0' by='a@example.org' id='1'/>"
        let events = try feed("<a from='e@example.org'>\(text)\(id)</a><b>after</b>", limits: Self.tight)
        #expect(events.count == 3)
        guard events.count == 3, case .stanza(let cut) = events[1], case .stanza(let after) = events[2] else { return }
        #expect(cut.refusal == kind)
        #expect(cut["from"] == "e@example.org")
        #expect(cut.stanzaID(by: try JID("a@example.org")) == "1")
        #expect(cut.serialized().count < 20_000)
        #expect(after.refusal == nil)
        #expect(after.text == "after")
    }

    /// A prefix is short, but servers write the namespace out on each element: a small message of
    /// somebody else becomes a large one on our side, which comes again on every new connection.
    @Test(arguments: [true, false])
    func aLongNamespaceOnManyElementsDoesNotEndTheStream(_ isWrittenOut: Bool) throws {
        let namespace = "urn:" + String(repeating: "n", count: 1_500)
        let one = isWrittenOut ? "<p:a xmlns:p='\(namespace)'/>" : "<p:a/>"
        let children = String(repeating: one, count: 15_000)
        let id = "<stanza-id xmlns='urn:xmpp:sid:0' by='a@example.org' id='1'/>"
        let body = "<body xmlns:p='\(namespace)'>\(children)</body>"
        let text = "<message xmlns='jabber:client' from='e@example.org'>\(body)\(id)</message><iq/>"
        let events = try feed(text)
        guard events.count == 3, case .stanza(let cut) = events[1], case .stanza(let after) = events[2] else {
            Issue.record("\(events.count) events")
            return
        }
        #expect(cut.refusal == .stanzaTooLarge)
        #expect(cut["from"] == "e@example.org")
        #expect(cut.stanzaID(by: try JID("a@example.org")) == "1")
        #expect(cut.serialized().count < XMLLimits().stanzaBytes + 100_000)
        #expect(after == Element("iq", Namespace.client))
    }

    @Test func afterACutNothingGrowsWhateverTheReasonWas() throws {
        let filler = String(repeating: "<b>0123456789</b>", count: 5_000)
        let ids = String(repeating: "<stanza-id xmlns='urn:xmpp:sid:0' by='e@example.org' id='0'/>", count: 5_000)
        let own = "<stanza-id xmlns='urn:xmpp:sid:0' by='a@example.org' id='1'/>"
        let limits = XMLLimits(stanzaBytes: 20_000, depth: 4, elements: 20_000, attributes: 2)
        for (text, kind) in [(Self.excesses[0].0, XMLError.Kind.tooDeep), (Self.excesses[1].0, .tooManyAttributes)] {
            guard case .stanza(let cut) = try feed("<a>\(text)\(filler)\(ids)\(own)</a>", limits: limits)[1] else {
                continue
            }
            #expect(cut.refusal == kind)
            #expect(cut.serialized().count < 40_000)
            #expect(cut.stanzaID(by: try JID("a@example.org")) == "1")
        }
    }

    @Test func aStanzasOwnTagMayBeLargerThanAStanza() throws {
        let tag = "<a from='e@example.org' x='\(String(repeating: "x", count: 60_000))'>"
        let events = try feed(tag + "<b/></a><c/>", limits: Self.tight)
        guard events.count == 3, case .stanza(let cut) = events[1] else {
            Issue.record("\(events.count) events")
            return
        }
        #expect(cut.refusal == .stanzaTooLarge)
        #expect(cut.attributes == [Element.Attribute("from", "e@example.org")])
    }

    @Test func aForwardedMessageKeepsItsAddresses() throws {
        let inner = "<message xmlns='jabber:client' from='e@example.org/x' id='m' x='1' y='2'><b/></message>"
        let text = "<a><forwarded xmlns='urn:xmpp:forward:0'>\(inner)</forwarded></a>"
        guard case .stanza(let cut) = try feed(text, limits: Self.tight)[1] else { return }
        #expect(cut.refusal == .tooManyAttributes)
        let message = cut.first("forwarded", Namespace.forward)?.first("message", Namespace.client)
        #expect(message?.attributes == [Element.Attribute("from", "e@example.org/x"), Element.Attribute("id", "m")])
    }

    @Test func aStanzaWithTooManyAttributesKeepsItsAddresses() throws {
        let events = try feed("<a from='e@example.org' x='1' y='2'><b/></a><c/>", limits: Self.tight)
        #expect(events.count == 3)
        guard case .stanza(let cut) = events[1] else { return }
        #expect(cut.refusal == .tooManyAttributes)
        #expect(cut.attributes == [Element.Attribute("from", "e@example.org")])
    }

    @Test(arguments: excesses)
    func excessEndsTheReadingOfADocument(_ text: String, _ kind: XMLError.Kind) {
        // A document's element is its own root here, one level higher than in a stream.
        let nested = kind == .tooDeep ? "<b>\(text)</b>" : text
        #expect(throws: XMLError(kind)) { try Element(parsing: "<a>\(nested)</a>".utf8, limits: Self.tight) }
    }

    @Test func whatIsWithinTheLimitsIsWhole() throws {
        let parts = [
            "<b><c/></b>", "<b x='1' y='2'/>", String(repeating: "<b/>", count: 9),
            String(repeating: "x", count: 18_000),
        ]
        for part in parts {
            guard case .stanza(let stanza) = try feed("<a>\(part)</a>", limits: Self.tight)[1] else { continue }
            #expect(stanza.refusal == nil)
        }
        // Many small stanzas are no large one, and white space between them is none at all.
        let many = try feed(String(repeating: "<a>1234567890</a>", count: 5000), limits: Self.tight)
        #expect(many.count == 5001)
        #expect(!many.contains { if case .stanza(let stanza) = $0 { stanza.refusal != nil } else { false } })
        #expect(try feed(String(repeating: " ", count: 60_000), limits: Self.tight).count == 1)
    }

    @Test func afterAnErrorNothingIsRead() throws {
        let parser = try StreamParser()
        #expect(throws: XMLError.self) { try parser.feed(Array((header + "<a><!-- --></a>").utf8)) }
        #expect(throws: XMLError(.comment)) { try parser.feed(Array("<b/>".utf8)) }
    }

    @Test(arguments: [
        "", "<a>", "<a/><b/>", "text", "</document>", "<a/></document><document>", "<?xml version='1.0'?><a/>",
    ])
    func aDocumentIsExactlyOneElement(_ text: String) {
        #expect(throws: XMLError.self) { try Element(parsing: text.utf8) }
    }
}
