/// Finds the word of the list that somebody meant.
struct WordFinder: Sendable {
    /// Letters from which on one slip is mended: in a shorter word it could be another word.
    static let mendedLength = 5

    static let shared = WordFinder(ArrivalWordList.rows)

    private var spellings: [String: Int] = [:]
    /// Of the two columns of Darija.
    private var skeletons: [String: Set<Int>] = [:]
    private var long: [(letters: [Unicode.Scalar], number: Int)] = []

    init(_ rows: [[String]]) {
        let darija: Set<Int> = [ArrivalWordList.Column.ary.index, ArrivalWordList.Column.aryLatn.index]
        for (number, row) in rows.enumerated() {
            for (column, word) in row.enumerated() {
                let folded = Spelling.fold(word)
                spellings[folded] = number
                if darija.contains(column) {
                    for skeleton in Consonants.skeletons(of: folded) { skeletons[skeleton, default: []].insert(number) }
                }
                if folded.count >= Self.mendedLength { long.append((Array(folded.unicodeScalars), number)) }
            }
        }
    }

    /// The number of a folded word; `nil` when it is none of the list, or may be two.
    func number(of word: String) -> Int? {
        if let number = spellings[word] { return number }
        var found: Set<Int> = []
        for skeleton in Consonants.skeletons(of: word) { found.formUnion(skeletons[skeleton] ?? []) }
        let letters = Array(word.unicodeScalars)
        if letters.count >= Self.mendedLength - 1 {
            for (other, number) in long where !found.contains(number) && Self.isOneSlip(letters, other) {
                found.insert(number)
            }
        }
        return found.count == 1 ? found.first : nil
    }

    /// In which languages a folded word of the list is written so. Spelt otherwise it is taken for Darija, which has
    /// no fixed spelling.
    func columns(of word: String) -> [ArrivalWordList.Column] {
        guard let number = number(of: word) else { return [] }
        let exact = ArrivalWordList.Column.allCases.filter {
            Spelling.fold(ArrivalWordList.word(number, in: $0)) == word
        }
        guard exact.isEmpty else { return exact }
        let isArabic = word.unicodeScalars.contains { (0x600...0x6FF).contains($0.value) }
        guard isArabic || !Consonants.skeletons(of: word).allSatisfy({ skeletons[$0] == nil }) else { return [] }
        return [isArabic ? .ary : .aryLatn]
    }

    /// Whether one letter is missing, too many, another, or two neighbours changed places.
    static func isOneSlip(_ one: [Unicode.Scalar], _ other: [Unicode.Scalar]) -> Bool {
        guard abs(one.count - other.count) <= 1 else { return false }
        let head = zip(one, other).prefix { $0 == $1 }.count
        let tail = zip(one.dropFirst(head).reversed(), other.dropFirst(head).reversed()).prefix { $0 == $1 }.count
        let (mine, theirs) = (one.count - head - tail, other.count - head - tail)
        if mine <= 1 && theirs <= 1 { return true }
        return mine == 2 && theirs == 2 && one[head] == other[head + 1] && one[head + 1] == other[head]
    }
}
