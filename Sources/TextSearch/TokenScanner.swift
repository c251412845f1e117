/// Finds the words of a UTF-8 text one after another, folded, without an allocation a word.
///
/// The bytes must be valid UTF-8 and outlive the scanner: it is used inside `String.withUTF8` only.
struct TokenScanner {
    /// Bytes kept of a folded word; what is longer is cut, in texts and in queries alike, so that it still
    /// finds itself and no hostile text makes a huge dictionary entry.
    static let longestWord = 96

    /// The folded form of the word last found, UTF-8.
    private(set) var folded: [UInt8] = []
    /// Where that word stands in the text, in bytes.
    private(set) var range: Range<Int> = 0..<0
    /// Whether the word is a shortened one before an apostrophe: "l'avocat", "qu'il".
    private(set) var isElided = false

    private let bytes: UnsafeBufferPointer<UInt8>
    private var position = 0
    private var previous: UInt32 = 0
    private var run = 0
    private var lastWidth = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    /// Goes to the next word. Returns false at the end of the text.
    mutating func next() -> Bool {
        folded.removeAll(keepingCapacity: true)
        previous = 0
        run = 0
        var start = position
        let ascii = LetterFolding.ascii
        while position < bytes.count {
            let first = bytes[position]
            if first < 0x80 {
                let letter = ascii[Int(first)]
                if letter != 0 {
                    if folded.isEmpty { start = position }
                    position += 1
                    append(UInt32(letter))
                } else {
                    let apostrophe = first == 0x27 || first == 0x60
                    if separator(from: start, width: 1, apostrophe: apostrophe) { return true }
                }
                continue
            }
            let (scalar, width) = decode(first)
            switch LetterFolding.fold(scalar) {
            case .separator:
                let apostrophe = scalar == 0x2019 || scalar == 0x2018 || scalar == 0xB4
                if separator(from: start, width: width, apostrophe: apostrophe) { return true }
                continue
            case .nothing:
                break
            case .letter(let letter):
                if folded.isEmpty { start = position }
                append(letter)
            case .pair(let one, let two):
                if folded.isEmpty { start = position }
                append(one)
                append(two)
            case .word(let letters):
                if folded.isEmpty { start = position }
                for letter in letters { append(letter) }
            }
            position += width
        }
        return close(from: start)
    }

    /// Steps over what is no letter. Returns true if a word ends here.
    private mutating func separator(from start: Int, width: Int, apostrophe: Bool) -> Bool {
        if apostrophe, !folded.isEmpty, letterFollows(width), !isElision {
            // "don't" is one word; 3' and 7' are letters of their own in Latin Darija.
            if folded.last == 0x33 {
                folded.replaceSubrange(folded.count - 1..<folded.count, with: [0x67, 0x68])
            } else if folded.last == 0x37 {
                folded.replaceSubrange(folded.count - 1..<folded.count, with: [0x6B, 0x68])
            } else if folded.last == 0x72, folded.count <= 2, !nextIs(0x73, after: width) {
                // "br'it" is bghit, "Mr's" is not.
                folded.replaceSubrange(folded.count - 1..<folded.count, with: [0x67, 0x68])
            }
            previous = 0
            position += width
            return false
        }
        let ended = close(from: start)
        isElided = ended && apostrophe && letterFollows(width) && isElision
        position += width
        return ended
    }

    private mutating func close(from start: Int) -> Bool {
        range = start..<position
        isElided = false
        dropDoubledEnd()
        return !folded.isEmpty
    }

    /// "بناءا" for "بناءً", "شيئ" for "شيء": once the hamza is gone, ا or ي stands twice.
    private mutating func dropDoubledEnd() {
        let count = folded.count
        guard count >= 6, folded[count - 1] == folded[count - 3], folded[count - 2] == folded[count - 4] else { return }
        let isAlef = folded[count - 2] == 0xD8 && folded[count - 1] == 0xA7
        let isYeh = folded[count - 2] == 0xD9 && folded[count - 1] == 0x8A
        if isAlef || isYeh { folded.removeLast(2) }
    }

    private func nextIs(_ byte: UInt8, after width: Int) -> Bool {
        position + width < bytes.count && bytes[position + width] | 0x20 == byte
    }

    private func letterFollows(_ width: Int) -> Bool {
        guard position + width < bytes.count else { return false }
        let next = bytes[position + width]
        return next >= 0x80 || (LetterFolding.ascii[Int(next)] != 0 && next > 0x39)
    }

    /// "l'avocat" is two words.
    private var isElision: Bool { TokenScanner.isElision(folded) }

    /// Whether a word stands before an apostrophe in French.
    static func isElision(_ word: [UInt8]) -> Bool {
        switch word.count {
        case 1: [0x6C, 0x64, 0x6A, 0x6E, 0x73, 0x6D, 0x74, 0x63].contains(word[0])
        case 2: word == [0x71, 0x75]
        case 3...: word.suffix(3) == [0x73, 0x71, 0x75] || word.suffix(3) == [0x6C, 0x71, 0x75]
        default: false
        }
    }

    /// Adds a letter; "saaaalam": a letter said three times or more was said once. Digits stay.
    private mutating func append(_ scalar: UInt32) {
        run = scalar == previous ? run + 1 : 1
        previous = scalar
        if run >= 3, scalar > 0x39 {
            if run == 3, folded.count > lastWidth { folded.removeLast(lastWidth) }
            return
        }
        lastWidth = 0
        guard folded.count <= TokenScanner.longestWord - 4 else { return }
        let before = folded.count
        ScalarBytes.append(scalar, to: &folded)
        lastWidth = folded.count - before
    }

    private func decode(_ first: UInt8) -> (scalar: UInt32, width: Int) {
        func tail(_ offset: Int) -> UInt32 {
            position + offset < bytes.count ? UInt32(bytes[position + offset] & 0x3F) : 0
        }
        if first < 0xE0 { return (UInt32(first & 0x1F) << 6 | tail(1), 2) }
        if first < 0xF0 { return (UInt32(first & 0x0F) << 12 | tail(1) << 6 | tail(2), 3) }
        return (UInt32(first & 0x07) << 18 | tail(1) << 12 | tail(2) << 6 | tail(3), 4)
    }
}
