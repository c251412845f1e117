import Testing

@testable import XMPP

private let header =
    "<?xml version='1.0'?><stream:stream xmlns='jabber:client' "
    + "xmlns:stream='http://etherx.jabber.org/streams' id='s1' xml:lang='en'>"
private let huge = String(repeating: "x", count: 300_000)
/// An element that is left out, as long as the scanner looks for tags.
private let tooLarge = "<message from='e@example.org'><x a='\(huge)'><y/></x></message>"

private func stanzas(_ text: String, cut: ClosedRange<Int>, limits: XMLLimits = XMLLimits()) throws -> [Element] {
    let parser = try StreamParser(limits: limits)
    var rest = Array(text.utf8)[...]
    var stanzas: [Element] = []
    while !rest.isEmpty {
        let piece = rest.prefix(Int.random(in: cut))
        rest = rest.dropFirst(piece.count)
        for case .stanza(let stanza) in try parser.feed(Array(piece)) { stanzas.append(stanza) }
    }
    return stanzas
}

/// What a stream may hold for long, and what one stanza can do to those after it.
@Suite struct StreamLimitTests {
    private static let cuts: [ClosedRange<Int>] = [1...3, 1...5_000, 10_000_000...10_000_000]

    /// XML 1.0 §2.7: no server of ours writes it, but it is text, and the scanner goes on behind it.
    @Test(arguments: cuts) func characterDataIsText(_ cut: ClosedRange<Int>) throws {
        let text = "<b> </message> ' ]] ]> > ]"
        let stanza = "<message><body>a<![CDATA[\(text)]]]>b<![CDATA[]]></body></message>"
        let read = try stanzas(header + stanza + tooLarge + stanza, cut: cut)
        try #require(read.count == 3)
        for stanza in [read[0], read[2]] {
            #expect(stanza.first("body", Namespace.client)?.text == "a\(text)]b")
            #expect(stanza.refusal == nil)
        }
        #expect(read[1].refusal == .stanzaTooLarge)
        #expect(read[1].children.count == 1, "only the mark")
    }

    @Test func characterDataCountsAndIsLeftOutLikeText() throws {
        let data = "<![CDATA[<z>\(String(repeating: "]", count: 40_000))]]>"
        let limits = XMLLimits(stanzaBytes: 20_000)
        let many = "<message from='e@example.org'><body>\(data)</body><x a='\(huge)'>\(data)</x></message><iq/>"
        let read = try stanzas(header + many, cut: 1...9_000, limits: limits)
        try #require(read.count == 2)
        #expect(read[0].refusal == .stanzaTooLarge)
        #expect(read[0].serialized().count < 20_000)
        #expect(read[1] == Element("iq", Namespace.client))
    }

    @Test func afterALongHeaderAndALongEndTagTheScannerGoesOn() throws {
        let long = header.dropLast() + " a='\(huge)'>"
        let spaces = String(repeating: " ", count: 300_000)
        let read = try stanzas("\(long)<message><b>1</b\(spaces)></message>\(tooLarge)<iq/>", cut: 1...9_000)
        try #require(read.count == 3)
        #expect(read[0].first("b", Namespace.client)?.text == "1")
        #expect(read[1].children.map(\.name) == ["refused"])
        #expect(read[2].refusal == nil)
    }

    /// What only the server itself could do: nothing of it is held beyond four stanzas.
    @Test(arguments: ["", "<!--", "</stream:stream"]) func whatHasNoEndIsRefusedInTheEnd(_ begin: String) throws {
        let limits = XMLLimits(stanzaBytes: 20_000)
        let parser = try StreamParser(limits: limits)
        _ = try parser.feed(Array((begin.isEmpty ? "<stream " : header + begin).utf8))
        var fed = 0
        #expect(throws: XMLError(.stanzaTooLarge)) {
            while fed < 10_000_000 {
                _ = try parser.feed([UInt8](repeating: 0x20, count: 1_000))
                fed += 1_000
            }
        }
        #expect(fed >= 60_000)
        #expect(fed < 120_000)
    }

    /// Each element within a long namespace costs its length, however short a prefix makes it.
    @Test(arguments: ["'", "\""]) func aVeryLongNamespaceIsLeftOut(_ quote: String) throws {
        let name = quote + String(repeating: "n", count: 5_000) + quote
        let child = "<message from='e@example.org'><a b='xmlns='/><x c='' xmlns:p = \(name)><p:y/></x></message>"
        let own = "<message xmlns:p=\(name) from='e@example.org'><p:y/></message>"
        let value = "<message from='e@example.org' b=\(name)><x c=\(name)/></message>"
        let read = try stanzas(header + child + own + value, cut: 1...900)
        try #require(read.count == 3)
        #expect(read[0].children.map(\.name) == ["a", "refused"])
        #expect(read[1].children.map(\.name) == ["refused"])
        #expect(read.map { $0["from"] } == Array(repeating: "e@example.org", count: 3))
        #expect(read[2].refusal == nil)
    }

    /// expat keeps each name that it has seen. Anybody can invent names, and a stream lasts for months.
    @Test func inventedNamesAreForgotten() throws {
        let parser = try ExpatParser(limits: XMLLimits(), cutsExcess: true)
        _ = try parser.feed(header.utf8)
        var read = 0
        let long = String(repeating: "n", count: 30_000)
        for round in 0..<200 {
            let names = (0..<2).map { "<n\(round)x\($0)\(long)/>" }.joined()
            for case .child(let stanza) in try parser.feed("<message>\(names)</message> <iq/>".utf8) {
                #expect(stanza.refusal == nil)
                #expect(stanza.namespace == Namespace.client)
                read += 1
            }
        }
        #expect(read == 400)
        #expect(parser.renewals == 2)
        _ = try parser.feed("</stream:stream>".utf8)
    }
}
