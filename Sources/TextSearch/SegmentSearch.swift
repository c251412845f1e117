/// Searching one segment.
extension Segment {
    /// What a query found.
    struct Found {
        var documents: Bitset
        /// Those of them in which every word stands in the spelling that was typed.
        var asTyped: Bitset
    }

    /// The documents that meet all clauses.
    func documents(_ query: SearchQuery) -> Found {
        let none = Bitset(capacity: ids.count)
        var result: Bitset?
        // What a word found in its own spelling, where that is less than all it found.
        var typed: [Bitset] = []
        var phrases: [[[UInt32]]] = []
        for clause in query.clauses {
            var places: [[UInt32]] = []
            for word in clause {
                let found = self.terms(of: word)
                if found.all.isEmpty { return Found(documents: none, asTyped: none) }
                var set = documents(of: found.all)
                if found.asTyped.count < found.all.count { typed.append(documents(of: found.asTyped)) }
                if let result { set.formIntersection(result) }
                result = set
                places.append(found.all)
            }
            if clause.count > 1 { phrases.append(places) }
        }
        guard var result else { return Found(documents: none, asTyped: none) }
        for phrase in phrases { keepDocuments(with: phrase, in: &result) }
        var asTyped = result
        for set in typed { asTyped.formIntersection(set) }
        return Found(documents: result, asTyped: asTyped)
    }

    private func documents(of terms: [UInt32]) -> Bitset {
        var set = Bitset(capacity: ids.count)
        for term in terms { insertDocuments(of: term, into: &set) }
        return set
    }

    /// The words of the dictionary that a word of a query finds, in order; none twice.
    func terms(of word: WordMatcher) -> (all: [UInt32], asTyped: [UInt32]) {
        var found: [UInt32] = []
        var asTyped: [UInt32] = []
        for (index, form) in word.forms.enumerated() {
            if index == word.typedForms { asTyped = Self.unique(found) }
            sortedTerms.forEachMatch(
                of: form, isPrefix: word.isPrefix, word: { self.terms[$0] }, { found.append($0) })
            shortForms.forEachMatch(
                of: form, isPrefix: word.isPrefix, word: { self.terms[$0.term].dropFirst(Int($0.offset)) },
                { found.append($0.term) })
        }
        if word.forms.count == word.typedForms { asTyped = Self.unique(found) }
        if !word.sounds.isEmpty { appendBySound(word, to: &found) }
        return (Self.unique(found), asTyped)
    }

    private func appendBySound(_ word: WordMatcher, to found: inout [UInt32]) {
        var candidates: [UInt32] = []
        for sound in word.sounds {
            sounds.forEachTerm(key: sound.form.key, isPrefix: sound.isPrefix) { candidates.append($0) }
        }
        for term in Self.unique(candidates) {
            let text = self.terms[term]
            let agrees = WordSounds.starts(of: text).contains { start in
                SoundForm(text[(text.startIndex + start)...]).map(word.matchesSound) ?? false
            }
            if agrees { found.append(term) }
        }
    }

    private static func unique(_ terms: [UInt32]) -> [UInt32] {
        guard terms.count > 1 else { return terms }
        var last: UInt32?
        return terms.sorted().filter { term in
            defer { last = term }
            return term != last
        }
    }

    /// Drops the documents in which the phrase does not occur: for each of its places the words that fit.
    private func keepDocuments(with phrase: [[UInt32]], in result: inout Bitset) {
        // Each word has a bit for each place it fits (a query has at most 64 words). Going through a document,
        // bit n is set as long as the last n + 1 words are the first n + 1 of the phrase.
        var places = [UInt64](repeating: 0, count: terms.count)
        for (place, words) in phrase.enumerated() {
            for word in words { places[Int(word)] |= 1 << UInt64(place) }
        }
        let complete: UInt64 = 1 << UInt64(phrase.count - 1)
        let candidates = result
        withTermReader { reader in
            candidates.forEach { document in
                var reached: UInt64 = 0
                var occurs = false
                reader.forEachTerm(of: document) { term in
                    reached = (reached << 1 | 1) & places[Int(term)]
                    occurs = occurs || reached & complete != 0
                }
                if !occurs { result.remove(document) }
                return true
            }
        }
    }
}

extension Array {
    /// Goes through the elements, sorted by `word`, that are `text` or begin with it.
    fileprivate func forEachMatch(
        of text: ArraySlice<UInt8>, isPrefix: Bool, word: (Element) -> ArraySlice<UInt8>, _ body: (Element) -> Void
    ) {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if ByteOrder.isLess(word(self[middle]), text) { low = middle + 1 } else { high = middle }
        }
        while low < count {
            let found = word(self[low])
            guard isPrefix ? found.starts(with: text) : found == text else { return }
            body(self[low])
            low += 1
        }
    }
}
