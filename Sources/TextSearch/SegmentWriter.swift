/// Collects documents for a segment: the numbers of their words.
struct SegmentWriter: Sendable {
    private(set) var terms = TermTable()
    private(set) var ids: [UInt32] = []
    /// The words of all documents, one document after another.
    private(set) var stream: [UInt32] = []
    /// Where each document starts in `stream`, and the end of the last.
    private(set) var starts: [Int] = [0]

    var isEmpty: Bool { ids.isEmpty }

    /// Adds a document.
    mutating func add(_ id: UInt32, _ text: String) {
        var text = text
        text.withUTF8 { bytes in
            var scanner = TokenScanner(bytes)
            while scanner.next() { stream.append(terms.number(of: scanner.folded)) }
        }
        close(id)
    }

    /// Memory held, in bytes.
    var byteCount: Int { terms.byteCount + ids.capacity * 4 + stream.capacity * 4 + starts.capacity * 8 }

    /// Adds documents of finished segments: those for which `keeps` holds, given the segment's place, the
    /// document's id and its number.
    mutating func add(from segments: [Segment], keeps: (Int, UInt32, UInt32) -> Bool) {
        var numbers = segments.map { [UInt32](repeating: .max, count: $0.terms.count) }
        var documents: [(id: UInt32, segment: Int, document: UInt32)] = []
        for (index, segment) in segments.enumerated() {
            for document in 0..<UInt32(segment.ids.count) {
                let id = segment.ids[Int(document)]
                if keeps(index, id, document) { documents.append((id, index, document)) }
            }
        }
        if segments.count > 1 { documents.sort { ($0.id, $0.segment) < ($1.id, $1.segment) } }
        for (id, index, document) in documents {
            segments[index].withTermReader { reader in
                reader.forEachTerm(of: document) { term in
                    var number = numbers[index][Int(term)]
                    if number == .max {
                        number = terms.number(of: segments[index].terms[term])
                        numbers[index][Int(term)] = number
                    }
                    stream.append(number)
                }
            }
            close(id)
        }
    }

    /// Overwrites the words and forgets all.
    mutating func wipe() {
        terms.overwrite()
        stream.withUnsafeMutableBytes { _ = $0.initializeMemory(as: UInt8.self, repeating: 0) }
        self = SegmentWriter()
    }

    private mutating func close(_ id: UInt32) {
        ids.append(id)
        starts.append(stream.count)
    }

    /// The finished segment. Documents are sorted by id; of several with one id the last stays.
    consuming func finish() -> Segment {
        if zip(ids, ids.dropFirst()).contains(where: { $0 >= $1 }) { sort() }
        terms.freeze()
        return Segment(terms: terms, ids: ids, stream: stream, starts: starts)
    }

    private mutating func sort() {
        let order = ids.indices.sorted { (ids[$0], $0) < (ids[$1], $1) }
        var sorted = SegmentWriter()
        for (place, index) in order.enumerated() {
            if place + 1 < order.count, ids[order[place + 1]] == ids[index] { continue }
            sorted.stream.append(contentsOf: stream[starts[index]..<starts[index + 1]])
            sorted.close(ids[index])
        }
        ids = sorted.ids
        stream = sorted.stream
        starts = sorted.starts
    }
}
