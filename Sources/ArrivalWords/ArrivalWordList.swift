/// The 128 words, in each of their languages, and the sentence that stands above them on a card.
///
/// The list is carried by both programs: it is the same for the staff machine that gives a card and for the bridge
/// that reads what somebody repeats, whatever content a deployment has. A line keeps its place for ever.
public enum ArrivalWordList {
    /// A column of the list: a language in a script. The raw value is its BCP 47 tag.
    public enum Column: String, CaseIterable, Sendable {
        case nl, en, fr
        case aryLatn = "ary-Latn"
        case ary

        var index: Int { Self.allCases.firstIndex(of: self) ?? 0 }
    }

    public static let count = 128

    /// The word of a number in a language; empty when there is none.
    public static func word(_ number: Int, in column: Column) -> String {
        guard rows.indices.contains(number), rows[number].indices.contains(column.index) else { return "" }
        return rows[number][column.index]
    }

    /// The sentence above the words or digits of a card.
    public static func sentence(_ form: ArrivalCode.Form, in column: Column) -> String {
        let row = sentences.first { $0.first == form.rawValue } ?? []
        return row.indices.contains(column.index + 1) ? row[column.index + 1] : ""
    }

    /// A row a word, in the order of `Column`.
    static let rows = table(PackageResources.words_tsv)
    private static let sentences = table(PackageResources.card_tsv)

    private static func table(_ file: [UInt8]) -> [[String]] {
        String(decoding: file, as: UTF8.self).split(whereSeparator: \.isNewline).filter { !$0.hasPrefix("#") }.map {
            $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        }
    }
}
