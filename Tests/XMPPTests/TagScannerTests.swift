import Testing

@testable import XMPP

private let header =
    "<?xml version='1.0'?><stream:stream xmlns='jabber:client' "
    + "xmlns:stream='http://etherx.jabber.org/streams' id='s1' xml:lang='en'>"
private let archiveID = "<stanza-id xmlns='urn:xmpp:sid:0' by='a@example.org' id='1'/>"
private let after = "<iq id='next'><x xmlns='u:x'>whole</x></iq>"

/// Feeds a stream cut anywhere.
private func stanzas(
    _ text: String, cut range: ClosedRange<Int>, limits: XMLLimits = XMLLimits()
) throws -> [Element] {
    let parser = try StreamParser(limits: limits)
    var rest = Array((header + text).utf8)[...]
    var stanzas: [Element] = []
    while !rest.isEmpty {
        let piece = rest.prefix(Int.random(in: range))
        rest = rest.dropFirst(piece.count)
        for case .stanza(let stanza) in try parser.feed(Array(piece)) { stanzas.append(stanza) }
    }
    return stanzas
}

private func expectCut(_ stanzas: [Element], _ kind: XMLError.Kind = .stanzaTooLarge) throws {
    try #require(stanzas.count == 2)
    #expect(stanzas[0].name == "message")
    #expect(stanzas[0].namespace == Namespace.client)
    #expect(stanzas[0].refusal == kind)
    #expect(stanzas[0]["from"] == "e@example.org")
    #expect(stanzas[0].stanzaID(by: try JID("a@example.org")) == "1")
    #expect(stanzas[0].serialized().count < XMLLimits().stanzaBytes + 100_000)
    #expect(stanzas[1].refusal == nil)
    #expect(stanzas[1].first("x", "u:x")?.text == "whole")
}

@Suite struct TagScannerTests {
    private static let cuts: [ClosedRange<Int>] = [1...40_000, 16_384...16_384, 100_000_000...100_000_000]

    private static func manyAttributes(_ count: Int = 10_000, quote: String = "'") -> String {
        let value = "urn:" + String(repeating: "n>", count: 1_500)
        return (0..<count).map { " xmlns:p\($0)=\(quote)\(value)\(quote) p\($0):a=''" }.joined()
    }

    @Test(arguments: cuts)
    func anElementsTagOfThirtyMegabytesIsLeftOut(_ cut: ClosedRange<Int>) throws {
        let text =
            "<message from='e@example.org'><body>b</body><x\(Self.manyAttributes())><y>in</y></x><z/>\(archiveID)</message>"
        #expect(text.utf8.count > 30_000_000)
        let read = try stanzas(text + after, cut: cut)
        try expectCut(read)
        #expect(read[0].first("x", Namespace.client) == nil)
    }

    @Test(arguments: cuts, [1_500, 100_000])
    func elementsNestedInTwoLongNamespacesAreLeftOut(_ cut: ClosedRange<Int>, _ length: Int) throws {
        let names = ["n", "m"].map { "urn:" + String(repeating: $0, count: length) }
        let count = 20_000_000 / length
        let open = (0..<count).map { "<p:a xmlns:p='\(names[$0 % 2])'>" }.joined()
        let text = open + String(repeating: "</p:a>", count: count)
        let read = try stanzas("<message from='e@example.org'>\(text)\(archiveID)</message>" + after, cut: cut)
        try expectCut(read, length > 60_000 ? .stanzaTooLarge : .tooDeep)
    }

    @Test(arguments: ["'", "\""], [true, false])
    func aStanzasOwnTagIsReplaced(_ quote: String, _ isEmpty: Bool) throws {
        let attributes =
            Self.manyAttributes(500, quote: quote) + " type = \(quote)chat\(quote)\n id=\(quote)1>2\(quote)"
        let tag = "<message xmlns=\(quote)jabber:client\(quote)\(attributes) from=\(quote)e@example.org\(quote)"
        let text = tag + (isEmpty ? "/>" : ">text<p1:body><z/></p1:body>\(archiveID)</message>")
        let read = try stanzas(text + after, cut: 1...5_000)
        try #require(read.count == 2)
        #expect(read[0]["id"] == "1>2")
        #expect(read[0]["type"] == "chat")
        #expect(read[0].attributes.count == 3)
        #expect(read[0].first("body", Namespace.client) == nil)
        if isEmpty { #expect(read[0].refusal == .stanzaTooLarge) } else { try expectCut(read) }
    }

    /// The prefix of an archive's id may have been declared in a tag that was replaced.
    @Test func whatNeedsAPrefixIsNotPassedIntoAReplacedTag() throws {
        let forged = "<p1:stanza-id xmlns='urn:xmpp:sid:0'/><stanza-id xmlns='urn:xmpp:sid:0' p1:a=''/>"
        let tag = "<message\(Self.manyAttributes(500)) from='e@example.org'>"
        try expectCut(try stanzas("\(tag)\(forged)\(archiveID)</message>" + after, cut: 1...5_000))
    }

    @Test func anAddressThatIsTooLongAndAnUnknownNamespaceAreNotKept() throws {
        let long = String(repeating: "x", count: 300_000)
        let read = try stanzas("<message xmlns='\(long)' from='\(long)' id='i'></message>" + after, cut: 1...5_000)
        try #require(read.count == 2)
        #expect(read[0].namespace.isEmpty)
        #expect(read[0].attributes == [Element.Attribute("id", "i")])
        #expect(read[0].refusal == .stanzaTooLarge)
    }

    @Test func aForwardedMessagesTagIsReplaced() throws {
        let inner =
            "<message xmlns='jabber:client'\(Self.manyAttributes(500)) from='i@example.org' id='m'><b/></message>"
        let forwarded = "<forwarded xmlns='urn:xmpp:forward:0'><delay xmlns='u:d'/>\(inner)</forwarded>"
        let result = "<result xmlns='urn:xmpp:mam:2' id='r'>\(forwarded)</result>"
        let read = try stanzas("<message from='e@example.org'>\(result)\(archiveID)</message>" + after, cut: 1...5_000)
        try expectCut(read)
        let message = read[0].first("result", "urn:xmpp:mam:2")?.first("forwarded", Namespace.forward)?
            .first("message", Namespace.client)
        #expect(message?.attributes == [Element.Attribute("from", "i@example.org"), Element.Attribute("id", "m")])
        #expect(message?.first("b", Namespace.client) == nil)
    }

    /// It is not kept, so it may be of any size.
    @Test(arguments: [1, 2]) func aTagWithoutEndCostsNothing(_ depth: Int) throws {
        let limits = XMLLimits()
        var scanner = TagScanner(limits: limits)
        let begin = header + (depth == 1 ? "" : "<message from='e@example.org'>") + "<message from='e@example.org'"
        var passed = Self.passed(scanner.scan(Array(begin.utf8))).count
        let piece = Array(" xmlns:p='\(String(repeating: "n", count: 1_000_000))'".utf8)
        for _ in 0..<100 { passed += Self.passed(scanner.scan(piece)).count }
        #expect(passed < 1_000)
        let end = depth == 1 ? ">" : "/>"
        let rest = Self.passed(scanner.scan(Array("\(end)</message>\(after)".utf8)))
        let synthetic = depth == 1 ? "<message from='e@example.org'>" : ""
        #expect(String(decoding: rest, as: UTF8.self) == "\(synthetic)</message>\(after)")
    }

    @Test func elementsWithoutEndCostNothing() throws {
        let limits = XMLLimits(stanzaBytes: 20_000, depth: 4)
        let nested = String(repeating: "<b>", count: 50_000) + String(repeating: "</b>", count: 50_000)
        let read = try stanzas(
            "<message from='e@example.org'>\(nested)\(archiveID)</message>" + after, cut: 1...9_000, limits: limits)
        try expectCut(read, .tooDeep)
    }

    @Test(arguments: [1...1, 1...9, 1...400, 1_000_000...1_000_000])
    func whatIsWithinTheLimitsPassesAsItIs(_ cut: ClosedRange<Int>) {
        let stanza =
            "<message a='1>2' b=\"it's </x>\" c='\"/>'><forwarded><message/></forwarded>سلام &amp; > ' \" \n<x:y xmlns:x='u'\t/ ></x:y ></message>\n"
        let text = header + String(repeating: stanza, count: 20) + "<a/> \(after)</stream:stream>"
        var scanner = TagScanner(limits: XMLLimits())
        var rest = Array(text.utf8)[...]
        var output: [UInt8] = []
        while !rest.isEmpty {
            let piece = rest.prefix(Int.random(in: cut))
            rest = rest.dropFirst(piece.count)
            output += Self.passed(scanner.scan(Array(piece)))
        }
        #expect(String(decoding: output, as: UTF8.self) == text)
    }

    private static func passed(_ steps: [TagScanner.Step]) -> [UInt8] {
        var bytes: [UInt8] = []
        for case .pass(let passed) in steps { bytes += passed }
        return bytes
    }
}
