/// A finished part of the index: documents with their words, and for each word its documents. Never changed;
/// it overwrites its words when the last reference goes.
///
/// `@unchecked Sendable`: the properties are variables only for `deinit` to overwrite them; nothing else
/// writes them after `init`.
final class Segment: @unchecked Sendable {
    /// The words.
    private(set) var terms: TermTable
    /// Ids of the documents, ascending; a document's number is its place here.
    private(set) var ids: [UInt32]
    private var stream: [UInt32]
    private var starts: [Int]
    /// Numbers of the words in alphabetical order of their bytes.
    private(set) var sortedTerms: [UInt32]
    /// Forms of Arabic words without article and attached letters, in alphabetical order.
    private(set) var shortForms: [TermForm]
    /// Words by the keys of their sounds.
    private(set) var sounds: SoundTable
    /// The documents of each word, ascending: those of word n from `postingStarts[n]` to `postingStarts[n + 1]`.
    private var postings: [UInt32]
    private var postingStarts: [Int]

    /// A form of a word that starts some bytes into it.
    struct TermForm: Sendable {
        let term: UInt32
        let offset: UInt8
    }

    init(terms: TermTable, ids: [UInt32], stream: [UInt32], starts: [Int]) {
        self.terms = terms
        self.ids = ids
        self.stream = stream
        self.starts = starts
        (postings, postingStarts) = Segment.invert(terms: terms.count, stream: stream, starts: starts)
        sortedTerms = (0..<UInt32(terms.count)).sorted { ByteOrder.isLess(terms[$0], terms[$1]) }
        var forms: [TermForm] = []
        var sounds = SoundTable.Builder()
        for term in 0..<UInt32(terms.count) {
            let word = terms[term]
            for start in WordForms.starts(of: word).dropFirst() {
                forms.append(TermForm(term: term, offset: UInt8(clamping: start)))
            }
            for start in WordSounds.starts(of: word) {
                if let form = SoundForm(word[(word.startIndex + start)...]) { sounds.add(term, key: form.key) }
            }
        }
        shortForms = forms.sorted {
            ByteOrder.isLess(terms[$0.term].dropFirst(Int($0.offset)), terms[$1.term].dropFirst(Int($1.offset)))
        }
        self.sounds = sounds.finish()
    }

    deinit {
        terms.overwrite()
        stream.withUnsafeMutableBytes { _ = $0.initializeMemory(as: UInt8.self, repeating: 0) }
        sounds.overwrite()
    }

    /// Memory held, in bytes.
    var byteCount: Int {
        terms.byteCount + sounds.byteCount + (stream.capacity + ids.capacity + sortedTerms.capacity) * 4
            + postings.capacity * 4 + (starts.capacity + postingStarts.capacity) * 8
            + shortForms.capacity * MemoryLayout<TermForm>.stride
    }

    /// The number of the document with an id.
    func document(_ id: UInt32) -> UInt32? {
        var low = 0
        var high = ids.count
        while low < high {
            let middle = (low + high) / 2
            if ids[middle] < id { low = middle + 1 } else { high = middle }
        }
        return low < ids.count && ids[low] == id ? UInt32(low) : nil
    }

    /// The ids of documents, at most `limit`.
    func ids(of documents: Bitset, limit: Int, newestFirst: Bool) -> [UInt32] {
        var found: [UInt32] = []
        let collect = { (document: UInt32) in
            found.append(self.ids[Int(document)])
            return found.count < limit
        }
        if newestFirst { documents.forEachDescending(collect) } else { documents.forEach(collect) }
        return found
    }

    /// Adds the documents of a word to a set.
    func insertDocuments(of term: UInt32, into set: inout Bitset) {
        for index in postingStarts[Int(term)]..<postingStarts[Int(term) + 1] { set.insert(postings[index]) }
    }

    /// Gives access to the words of documents for the time of the call.
    func withTermReader(_ body: (TermReader) -> Void) {
        stream.withUnsafeBufferPointer { stream in
            starts.withUnsafeBufferPointer { starts in body(TermReader(stream: stream, starts: starts)) }
        }
    }

    /// Reads the words of documents.
    struct TermReader {
        fileprivate let stream: UnsafeBufferPointer<UInt32>
        fileprivate let starts: UnsafeBufferPointer<Int>

        /// The words of a document, in order.
        @inline(__always)
        func forEachTerm(of document: UInt32, _ body: (UInt32) -> Void) {
            for position in starts[Int(document)]..<starts[Int(document) + 1] { body(stream[position]) }
        }

        var documentCount: Int { starts.count - 1 }
    }

    /// Turns the words of documents into the documents of words.
    private static func invert(terms: Int, stream: [UInt32], starts: [Int]) -> ([UInt32], [Int]) {
        var postings: [UInt32] = []
        var places = [Int](repeating: 0, count: terms + 1)
        stream.withUnsafeBufferPointer { stream in
            starts.withUnsafeBufferPointer { starts in
                let reader = TermReader(stream: stream, starts: starts)
                // First the number of documents of each word, then their places.
                reader.forEachNew(terms: terms) { _, term in places[term + 1] += 1 }
                for term in 0..<terms { places[term + 1] += places[term] }
                postings = [UInt32](repeating: 0, count: places[terms])
                var next = places
                reader.forEachNew(terms: terms) { document, term in
                    postings[next[term]] = document
                    next[term] += 1
                }
            }
        }
        return (postings, places)
    }
}

extension Segment.TermReader {
    /// The words of all documents, each once a document.
    @inline(__always)
    fileprivate func forEachNew(terms: Int, _ body: (UInt32, Int) -> Void) {
        var lastDocument = [UInt32](repeating: .max, count: terms)
        for document in 0..<UInt32(documentCount) {
            forEachTerm(of: document) { term in
                if lastDocument[Int(term)] != document {
                    lastDocument[Int(term)] = document
                    body(document, Int(term))
                }
            }
        }
    }
}

/// The order of words in dictionaries: by bytes.
enum ByteOrder {
    /// Whether `one` comes before `two`.
    static func isLess(_ one: ArraySlice<UInt8>, _ two: ArraySlice<UInt8>) -> Bool {
        one.withUnsafeBufferPointer { one in
            two.withUnsafeBufferPointer { two in
                let common = min(one.count, two.count)
                for index in 0..<common where one[index] != two[index] { return one[index] < two[index] }
                return one.count < two.count
            }
        }
    }
}
