@testable import XMPP

/// The stream as the server sends it, cut anywhere: `TagScanner`, expat, `ElementBuilder`.
///
/// The first byte says how the input is cut, and whether the limits are small ones.
enum StreamTarget: FuzzTarget {
    static let name = "stream"
    static let longest = 2048
    static let dictionary: String? = "xmpp"

    /// Anything the fuzzer writes stays below these in bytes.
    private static let wide = XMLLimits()
    private static let narrow = XMLLimits(stanzaBytes: 512, depth: 6, elements: 20, attributes: 5)

    static func run(_ input: [UInt8]) throws {
        var reader = InputReader(input)
        let pattern = reader.byte()
        let bytes = Array(reader.rest)
        if pattern & 0x80 == 0 {
            try cutsChangeNothing(bytes, pattern & 0x7f)
            try theScannerLosesNothing(bytes, pattern & 0x7f)
        } else {
            try limitsHold(bytes, pattern & 0x7f)
        }
    }

    private static func read(_ chunks: [[UInt8]], _ limits: XMLLimits) -> (events: [StreamParser.Event], failed: Bool) {
        var events: [StreamParser.Event] = []
        do {
            let parser = try StreamParser(limits: limits)
            for chunk in chunks { events += try parser.feed(chunk) }
        } catch {
            return (events, true)
        }
        return (events, false)
    }

    private static func cutsChangeNothing(_ bytes: [UInt8], _ pattern: UInt8) throws {
        let whole = read([bytes], wide)
        let cut = read(pieces(bytes, pattern), wide)
        for case .stanza(let stanza) in cut.events { try canBeWrittenAgain(stanza) }
        // Sizes are looked at piece by piece: what exceeds one may be found a piece later.
        let isTooLarge = { (event: StreamParser.Event) in
            if case .stanza(let stanza) = event { stanza.refusal == .stanzaTooLarge } else { false }
        }
        guard !whole.events.contains(where: isTooLarge), !cut.events.contains(where: isTooLarge) else { return }
        try promise(whole.failed == cut.failed, "a stream that is cut elsewhere is refused, or no longer refused")
        if !whole.failed { try promise(whole.events == cut.events, "cut elsewhere, the same stream is another one") }
    }

    private static func canBeWrittenAgain(_ stanza: Element) throws {
        let written = stanza.serialized()
        guard stanza.refusal == nil, written.count < wide.stanzaBytes else { return }
        guard let again = try? Element(parsing: written) else {
            throw BrokenPromise(description: "a stanza that was read is refused once we have written it")
        }
        try promise(again == stanza, "a stanza that was read says something else once we have written it")
    }

    /// What exceeds no limit goes to expat as it came.
    private static func theScannerLosesNothing(_ bytes: [UInt8], _ pattern: UInt8) throws {
        var scanner = TagScanner(limits: wide)
        var passed: [UInt8] = []
        for piece in pieces(bytes, pattern) {
            for step in scanner.scan(piece) {
                guard case .pass(let bytes) = step else { return }
                passed += bytes
            }
        }
        try promise(passed + scanner.finish() == bytes, "bytes were lost although nothing was too large")
    }

    private static func limitsHold(_ bytes: [UInt8], _ pattern: UInt8) throws {
        for case .stanza(let stanza) in read(pieces(bytes, pattern), narrow).events {
            let measure = Measure(stanza)
            // The mark and the archive ids that are kept beside it come on top (`ElementBuilder.lateIDLimit`).
            try promise(measure.depth < narrow.depth + 2, "a stanza is deeper than it may be")
            try promise(measure.elements <= narrow.elements + 18, "a stanza has more elements than it may have")
            try promise(measure.attributes <= max(narrow.attributes, 4), "an element has more attributes than it may")
            let abridged = Measure(stanza.abridged)
            try promise(abridged.elements <= measure.elements, "what was abridged has grown")
        }
    }

    private struct Measure {
        var depth = 1
        var elements = 1
        var attributes: Int

        init(_ element: Element) {
            attributes = element.attributes.count
            for child in element.children {
                let inner = Measure(child)
                depth = max(depth, inner.depth + 1)
                elements += inner.elements
                attributes = max(attributes, inner.attributes)
            }
        }
    }
}
