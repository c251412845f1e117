import ArrivalWords
import TerminalText
import TextSearch

#if FUZZING
    @testable import LinkedSources
#else
    @testable import BotContent
#endif

/// Text of others, made safe for a terminal, wrapped and turned. The first byte is a width.
enum TerminalTarget: FuzzTarget {
    static let name = "terminal-text"
    static let longest = 512
    static let dictionary: String? = "text"

    static func run(_ input: [UInt8]) throws {
        var reader = InputReader(input)
        let columns = 1 + reader.below(40)
        let text = String(decoding: reader.rest, as: UTF8.self)
        let line = SafeText.line(text)
        try check(line)
        for paragraph in SafeText.paragraphs(text) {
            try check(paragraph)
            for wrapped in Wrapping.wrap(paragraph, columns: columns) {
                try check(wrapped)
                try promise(DisplayWidth.columns(of: wrapped) <= columns, "a line is wider than the window")
                try check(BidiReordering.visual(wrapped))
            }
        }
        try promise(DisplayWidth.columns(of: DisplayWidth.fitted(line, to: columns)) == columns, "not as wide as asked")
    }

    /// No control, and each isolate that is opened is closed (UAX #9, 2.4.2).
    private static func check(_ text: String) throws {
        var open = 0
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0..<0x20, 0x7f...0x9f, 0x202a...0x202e: throw BrokenPromise(description: "a control is left")
            case 0x2066...0x2068: open += 1
            case 0x2069: open -= 1
            default: break
            }
            try promise(open >= 0, "an isolate is closed that was not opened")
        }
        try promise(open == 0, "an isolate stays open")
    }
}

/// Folding of what people wrote, and the index over it: a text, a zero byte, a query.
enum SearchTarget: FuzzTarget {
    static let name = "search"
    static let longest = 512
    static let dictionary: String? = "text"

    static func run(_ input: [UInt8]) throws {
        let parts = input.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
        let text = String(decoding: parts[0], as: UTF8.self)
        let query = parts.count == 2 ? String(decoding: parts[1], as: UTF8.self) : text
        var end = text.startIndex
        for token in SearchFolding.tokens(text) {
            try promise(token.range.lowerBound >= end && token.range.upperBound <= text.endIndex, "a word out of place")
            try promise(!token.folded.isEmpty && token.folded.utf8.count <= 96, "an empty word, or a long one")
            end = token.range.upperBound
        }
        var last = text.startIndex
        for place in SearchFolding.highlights(of: query, in: text) {
            try promise(place.lowerBound >= last && place.upperBound <= text.endIndex, "a place that overlaps another")
            last = place.upperBound
        }
        let index = SearchIndex()
        index.add(1, text)
        try promise(index.search(query, limit: 5).ids.allSatisfy { $0 == 1 }, "a text that is not there")
        index.remove([1])
        try promise(index.search(query, limit: 5).ids.isEmpty, "a text that was taken out")
    }
}

/// What somebody writes who repeats the words of a card.
enum ArrivalWordsTarget: FuzzTarget {
    static let name = "arrival-words"
    static let longest = 600
    static let dictionary: String? = "text"

    static func seeds() -> [[UInt8]] {
        let numbers = [3, 17, 40, 77, 90, 121]
        let words = ArrivalWordList.Column.allCases.map { column in
            numbers.map { ArrivalWordList.word($0, in: column) }.joined(separator: " ")
        }
        return (words + ["012 345 67-89", "٠١٢٣٤٥٦٧٨٩", "1. \(words[0])"]).map { Array($0.utf8) }
    }

    static func run(_ input: [UInt8]) throws {
        let text = String(decoding: input, as: UTF8.self)
        _ = ArrivalAttempt.language(of: text)
        guard case .code(let code) = ArrivalAttempt.read(text) else { return }
        try promise(ArrivalCode(canonical: code.canonical) == code, "a code that cannot be looked up")
    }
}

/// PO files: of translators, who may use any program.
enum PhrasebookTarget: FuzzTarget {
    static let name = "po-file"
    static let longest = 1024
    static let dictionary: String? = "po"

    static func run(_ input: [UInt8]) throws {
        let text = String(decoding: input, as: UTF8.self)
        let (file, problems) = POReader.read(text, file: "test.po")
        try promise(Set(file.entries.map(\.key)).count == file.entries.count, "a key that stands twice")
        let lines = problems.compactMap(\.line)
        try promise(lines.allSatisfy { $0 >= 1 && $0 <= input.count + 1 }, "a problem on a line that is not there")
    }
}
