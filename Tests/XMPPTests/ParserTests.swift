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
        let stanza = "<message to='a@example.org' xml:lang='ar'><body>سلام &amp; &#x1F600;</body><x xmlns='u:x' xmlns:p='u:p' p:q='1'/></message>"
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

    @Test(arguments: [
        ("<!DOCTYPE x [<!ENTITY a 'b'>]><stream:stream xmlns:stream='http://etherx.jabber.org/streams'>", "document-type"),
        ("<?pi x?><stream:stream xmlns:stream='http://etherx.jabber.org/streams'>", "processing-instruction"),
        ("<other/>", "not-a-stream"), ("<stream xmlns='jabber:client'>", "not-a-stream"), ("<>", "not-well-formed"),
    ])
    func aBadBeginningIsNamed(_ text: String, _ kind: String) {
        #expect(throws: XMLError.self) { try StreamParser().feed(Array(text.utf8)) }
        do { _ = try StreamParser().feed(Array(text.utf8)) } catch { #expect(error.kind.rawValue == kind) }
    }

    @Test(arguments: [
        ("<message><!-- c --></message>", XMLError.Kind.comment), ("<message><?a b?></message>", .processingInstruction),
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

    @Test func limitsAreKept() throws {
        let limits = XMLLimits(stanzaBytes: 20_000, depth: 4, elements: 10, attributes: 2)
        func kind(_ text: String) -> XMLError.Kind? {
            do { _ = try feed(text, limits: limits) } catch { return (error as? XMLError)?.kind }
            return nil
        }
        #expect(kind("<a><b><c/></b></a>") == nil)
        #expect(kind("<a><b><c><d/></c></b></a>") == .tooDeep)
        #expect(kind("<a x='1' y='2'/>") == nil)
        #expect(kind("<a x='1' y='2' z='3'/>") == .tooManyAttributes)
        #expect(kind("<a>" + String(repeating: "<b/>", count: 9) + "</a>") == nil)
        #expect(kind("<a>" + String(repeating: "<b/>", count: 10) + "</a>") == .tooManyElements)
        #expect(kind("<a>" + String(repeating: "x", count: 18_000) + "</a>") == nil)
        #expect(kind("<a>" + String(repeating: "x", count: 60_000) + "</a>") == .stanzaTooLarge)
        // Not even the start tag ends.
        #expect(kind("<a b='" + String(repeating: "x", count: 60_000)) == .stanzaTooLarge)
        // Many small stanzas are no large one, and white space between them is none at all.
        #expect(kind(String(repeating: "<a>1234567890</a>", count: 5000)) == nil)
        #expect(kind(String(repeating: " ", count: 60_000)) == nil)
    }

    @Test func afterAnErrorNothingIsRead() throws {
        let parser = try StreamParser()
        #expect(throws: XMLError.self) { try parser.feed(Array((header + "<a><!-- --></a>").utf8)) }
        #expect(throws: XMLError(.comment)) { try parser.feed(Array("<b/>".utf8)) }
    }

    @Test(arguments: ["", "<a>", "<a/><b/>", "text", "</document>", "<a/></document><document>", "<?xml version='1.0'?><a/>"])
    func aDocumentIsExactlyOneElement(_ text: String) {
        #expect(throws: XMLError.self) { try Element(parsing: text.utf8) }
    }
}
