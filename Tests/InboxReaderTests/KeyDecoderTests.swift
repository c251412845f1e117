import Testing

@testable import InboxReader

struct KeyDecoderTests {
    private func keys(_ text: String) -> [Key] {
        var decoder = KeyDecoder()
        return decoder.decode(Array(text.utf8))
    }

    @Test("Letters of all scripts, in any pieces")
    func letters() {
        let text = "aé شكاية 🙂"
        let wanted = text.map { Key.character($0) }
        #expect(keys(text) == wanted)
        var decoder = KeyDecoder()
        let pieces = Array(text.utf8).flatMap { decoder.decode([$0]) }
        #expect(pieces == wanted)
    }

    @Test("Arrows, editing keys and modifiers, as xterm, rxvt and the linux console send them")
    func sequences() {
        let known: [(String, Key)] = [
            ("[A", .up), ("[B", .down), ("OC", .right), ("OD", .left), ("[H", .home), ("OF", .end), ("[1~", .home),
            ("[7~", .home), ("[4~", .end), ("[8~", .end), ("[3~", .delete), ("[5~", .pageUp), ("[6~", .pageDown),
            ("[1;5C", .wordRight), ("[1;3D", .wordLeft), ("[1;2C", .right), ("b", .wordLeft), ("f", .wordRight),
            ("OM", .enter),
        ]
        for (sequence, key) in known { #expect(keys("\u{1B}" + sequence) == [key], "\(sequence)") }
        #expect(keys("\r\n\t\u{7F}\u{08}") == [.enter, .enter, .tab, .backspace, .backspace])
        #expect(keys("\u{01}\u{13}\u{1A}") == [.control("a"), .control("s"), .control("z")])
    }

    @Test("Escape alone is a key after a silence; twice is one at once")
    func escape() {
        var decoder = KeyDecoder()
        let first = decoder.decode([0x1B])
        #expect(first == [] && decoder.waits)
        let silence = decoder.timeout()
        #expect(silence == [.escape] && !decoder.waits)
        let more = decoder.timeout()
        #expect(more == [])
        let twice = decoder.decode([0x1B, 0x1B])
        #expect(twice == [.escape])
    }

    @Test("Pasted text is no keys, in any pieces, and ends where it ends")
    func paste() {
        let source = "\u{1B}[200~q\rrm \u{1B}[A شكاية\u{1B}[201~x"
        let wanted: [Key] = [.paste("q\rrm \u{1B}[A شكاية"), .character("x")]
        #expect(keys(source) == wanted)
        var decoder = KeyDecoder()
        let pieces = Array(source.utf8).flatMap { decoder.decode([$0]) }
        #expect(pieces == wanted)
        #expect(!decoder.waits)
    }

    @Test("A paste without measure is cut, and its rest is not typed")
    func longPaste() {
        let source = "\u{1B}[200~" + String(repeating: "a", count: KeyDecoder.pasteLimit + 500) + "\u{1B}[201~z"
        let found = keys(source)
        #expect(found.count == 2 && found.last == .character("z"))
        guard case .paste(let text) = found.first else { return #expect(Bool(false), "no paste") }
        #expect(text.utf8.count == KeyDecoder.pasteLimit)
    }

    @Test("What is not known is dropped whole")
    func unknown() {
        #expect(keys("\u{1B}[?2026;1$yq") == [.character("q")])
        #expect(keys("\u{1B}[99Zq") == [.character("q")])
        #expect(keys("\u{1B}[" + String(repeating: "1;", count: 500) + "xq") == [.character("q")])
        #expect(keys("\u{1B}[[Aq") == [.up, .character("q")])
    }

    @Test("Bytes that are no UTF-8 type nothing, and what follows is typed")
    func invalid() {
        var decoder = KeyDecoder()
        for bytes: [UInt8] in [
            [0xFF], [0xC3, 0x28], [0xE0, 0x80, 0x41], [0xF5, 0x80], [0xC0, 0xAF], [0xC2, 0x9B, 0x41],
        ] {
            let found = decoder.decode(bytes + [0x7A])
            #expect(found.last == .character("z"))
            #expect(found.allSatisfy { $0 == .character("z") || $0 == .character("(") || $0 == .character("A") })
        }
    }

    @Test("Any bytes leave the decoder able to go on")
    func arbitrary() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            var decoder = KeyDecoder()
            let bytes = (0..<400).map { _ in UInt8.random(in: 0...255, using: &random) }
            _ = decoder.decode(bytes)
            _ = decoder.decode(Array("\u{1B}[201~".utf8))
            _ = decoder.timeout()
            let last = decoder.decode([0x71]).last
            #expect(last == .character("q"), "\(bytes)")
        }
    }
}
