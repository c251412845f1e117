import Foundation
import StaffProtocol
import Testing

@testable import Inbox
@testable import sila

@Suite struct OutputTests {
    private struct Words: Codable, Equatable {
        var text: String
    }

    @Test("Nothing in --json acts on a terminal, and the value is the same")
    func escapes() throws {
        let acting = [0x7F...0x9F, 0x61C...0x61C, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF...0xFEFF]
            .flatMap { $0.compactMap { Unicode.Scalar(UInt32($0)) } }
        let words = Words(text: "a" + String(String.UnicodeScalarView(acting)) + "\u{E0041}\u{1b}[2J سلام 👩\u{200D}🦰 é")
        for json in [try Output.json(words), try Output.jsonLine(words)] {
            let raw = json.unicodeScalars.filter { scalar in
                acting.contains(scalar) || scalar == "\u{E0041}" || scalar == "\u{1b}"
            }
            #expect(raw.isEmpty)
            #expect(json.contains("سلام 👩\u{200D}🦰 é"))
            #expect(json.contains(#"\u009b"#))
            #expect(try JSONDecoder().decode(Words.self, from: Data(json.utf8)) == words)
        }
        #expect(try Output.jsonLine(words).filter(\.isNewline).count == 1)
    }
}

@Suite struct WordsForSuggestionsTests {
    /// Messages of the contact, each with what is wrong with it; the newest last.
    private func words(_ changes: ((inout ConversationLine) -> Void)...) -> String? {
        let since = Date(timeIntervalSince1970: Double(Sample.now) / 1000 - 60)
        var lines =
            [Sample.message("right")]
            + changes.map { change in
                var line = Sample.message("wrong")
                line.compartment = .conversation
                change(&line)
                return line
            }
        lines[0].compartment = .conversation
        let page = OpenedConversation(row: Sample.row(), lines: lines, older: "", olderWithheld: false, event: 0)
        return EntryFinder.words(of: page, since: since)
    }

    @Test("The bridge gets no words that are old, in doubt, or sealed as something else")
    func words() {
        #expect(words() == "right")
        #expect(words({ $0.at -= 61 }) == "right")
        #expect(words({ $0.doubts = [.contact] }) == "right")
        #expect(words({ $0.compartment = .casework }) == "right")
        #expect(words({ $0.compartment = nil }) == "right")
        #expect(words({ $0.author = .bot }) == "right")
        #expect(words({ $0.content = .note("wrong") }) == "right")
        // Nothing is wrong with it: it is the newest.
        #expect(words({ _ in }) == "wrong")
    }
}
