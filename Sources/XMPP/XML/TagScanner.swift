import Glibc

/// Leaves out what is too large for expat, before expat holds it.
///
/// expat keeps a tag until it is complete, and the tags of all open elements. A server that writes a
/// long namespace out wherever it is used makes both much larger than what the sender wrote. So this
/// looks for tags, and only for them, in front of it; whether they are well-formed expat says. Of
/// what is left out nothing is kept but how deep it is, and nothing in it is checked.
struct TagScanner {
    /// What to do next, in this order.
    enum Step {
        /// These bytes are for expat.
        case pass([UInt8])
        /// Behind the bytes so far something was left out of the stanza that is open.
        case exceeded(XMLError.Kind)
    }

    private enum State {
        case text
        /// Behind a `<`.
        case opened
        case tag
        /// Something came that no stream may hold: expat will refuse it.
        case through
    }

    private let limits: XMLLimits
    /// Larger tags are not held back until they are complete, but left out, in bytes.
    private let tagLimit: Int
    /// So much deeper than the limit expat may see elements: the builder refuses them by itself.
    private static let spareDepth = 8

    private var state = State.text
    private var steps: [Step] = []
    private var output: [UInt8] = []

    /// Elements that are open; the stream's root counts.
    private var depth = 0
    private var hasBegun = false
    /// Bytes of this stanza that expat got.
    private var passed = 0
    private var isMarked = false
    /// From here on this stanza gets no more elements.
    private var isFull = false
    /// How many elements are open around the one that is being left out.
    private var outside: Int?
    /// How many elements are open in the last `<forwarded>`, with it.
    private var forwarded: Int?
    /// The element whose tag was replaced, by its depth, and what closes it.
    private var replaced: (depth: Int, endTag: [UInt8])?

    /// The tag that is being read, unless it is left out.
    private var held: [UInt8] = []
    private var tagBytes = 0
    private var quote: UInt8?
    /// The byte behind the tag's `<`.
    private var first: UInt8 = 0
    private var last: UInt8 = 0
    private var isOversized = false
    private var addresses: TagAddresses?

    init(limits: XMLLimits) {
        self.limits = limits
        tagLimit = min(256 * 1024, limits.stanzaBytes)
    }

    /// Takes bytes as they come, cut anywhere.
    mutating func scan(_ bytes: [UInt8]) -> [Step] {
        bytes.withUnsafeBufferPointer { buffer in
            var rest = buffer[...]
            while let next = rest.first {
                switch state {
                case .text: rest = rest.dropFirst(text(rest))
                case .opened: open(next)
                case .tag: rest = rest.dropFirst(tag(rest))
                case .through:
                    output.append(contentsOf: rest)
                    rest = rest[rest.endIndex...]
                }
            }
        }
        flush()
        defer { steps = [] }
        return steps
    }

    /// Gives out what is held back, when nothing follows.
    mutating func finish() -> [UInt8] {
        state = .through
        defer { held = [] }
        return held
    }

    private mutating func flush() {
        if !output.isEmpty { steps.append(.pass(output)) }
        output = []
    }

    private mutating func text(_ rest: Slice<UnsafeBufferPointer<UInt8>>) -> Int {
        let length = rest.distance(to: UInt8(ascii: "<"))
        if outside == nil {
            let run = rest.prefix(length ?? rest.count)
            output.append(contentsOf: run)
            if depth > 1 { passed += run.count }
            hasBegun = hasBegun || !run.isEmpty
        }
        guard let length else { return rest.count }
        state = .opened
        held.append(UInt8(ascii: "<"))
        tagBytes = 1
        return length + 1
    }

    private mutating func open(_ next: UInt8) {
        first = next
        let isDeclaration = next == UInt8(ascii: "?") && !hasBegun
        hasBegun = true
        if next == UInt8(ascii: "!") || next == UInt8(ascii: "?") && !isDeclaration { return giveUp() }
        state = .tag
    }

    private mutating func giveUp() {
        output.append(contentsOf: held)
        held = []
        state = .through
    }

    private mutating func tag(_ rest: Slice<UnsafeBufferPointer<UInt8>>) -> Int {
        var index = rest.startIndex
        var isComplete = false
        while index < rest.endIndex, !isComplete {
            if let quote {
                guard let length = rest[index...].distance(to: quote) else {
                    index = rest.endIndex
                    break
                }
                index += length
                self.quote = nil
            } else if rest[index] == UInt8(ascii: ">") {
                isComplete = true
            } else if rest[index] == UInt8(ascii: "'") || rest[index] == UInt8(ascii: "\"") {
                quote = rest[index]
            }
            index += 1
        }
        index = min(index, rest.endIndex)
        let piece = rest[..<index]
        let isEmpty = isComplete && (piece.dropLast().last ?? last) == UInt8(ascii: "/")
        last = piece.last ?? last
        take(piece)
        if isComplete, state == .tag { finishTag(isEmpty: isEmpty) }
        return piece.count
    }

    private mutating func take(_ piece: Slice<UnsafeBufferPointer<UInt8>>) {
        tagBytes += piece.count
        if outside != nil || isOversized { return }
        if addresses != nil {
            addresses?.read(piece)
            return
        }
        held.append(contentsOf: piece)
        guard tagBytes > tagLimit else { return }
        // No element has an end tag of this size, and no stream such a header.
        if depth == 0 || first == UInt8(ascii: "/") { return giveUp() }
        if depth == 1 || forwarded == depth && !isOverfull && TagAddresses.name(held) == Array("message".utf8) {
            var addresses = TagAddresses()
            held.withUnsafeBufferPointer { addresses.read($0.dropFirst()) }
            self.addresses = addresses
        } else {
            isOversized = true
        }
        held = []
    }

    private var isOverfull: Bool { isFull || passed > limits.stanzaBytes }

    private mutating func finishTag(isEmpty: Bool) {
        switch first {
        case UInt8(ascii: "?"): output.append(contentsOf: held)
        case UInt8(ascii: "/"): endTag()
        default: startTag(isEmpty: isEmpty)
        }
        held.removeAll(keepingCapacity: held.count < 16 * 1024)
        addresses = nil
        isOversized = false
        state = .text
    }

    private mutating func startTag(isEmpty: Bool) {
        if outside != nil {
            if !isEmpty { depth += 1 }
        } else if let addresses {
            pass(addresses.startTag)
            exceeded(.stanzaTooLarge)
            if isEmpty { pass(addresses.endTag) } else { replaced = (depth + 1, addresses.endTag) }
            opened(isEmpty)
        } else if let kind = violation {
            exceeded(kind)
            if !isEmpty {
                outside = depth
                depth += 1
            }
        } else {
            pass(held)
            opened(isEmpty)
            if !isEmpty, depth > 2, TagAddresses.name(held) == Array("forwarded".utf8) { forwarded = depth }
        }
    }

    private var violation: XMLError.Kind? {
        if depth < 2 { return nil }
        if isOversized { return .stanzaTooLarge }
        if depth >= limits.depth + Self.spareDepth { return .tooDeep }
        return isOverfull && !(depth == 2 && TagAddresses.isArchiveID(held)) ? .stanzaTooLarge : nil
    }

    private mutating func opened(_ isEmpty: Bool) {
        if !isEmpty { depth += 1 } else if depth == 1 { finishStanza() }
    }

    private mutating func endTag() {
        depth = max(0, depth - 1)
        if let outside {
            if depth == outside { self.outside = nil }
            return
        }
        if let replaced, replaced.depth == depth + 1 {
            pass(replaced.endTag)
            self.replaced = nil
        } else {
            pass(held)
        }
        if let forwarded, depth < forwarded { self.forwarded = nil }
        if depth == 1 { finishStanza() }
    }

    private mutating func pass(_ tag: [UInt8]) {
        output.append(contentsOf: tag)
        if depth > 0 { passed += tag.count }
    }

    private mutating func exceeded(_ kind: XMLError.Kind) {
        if kind == .stanzaTooLarge ? isFull : isMarked { return }
        isMarked = true
        isFull = isFull || kind == .stanzaTooLarge
        flush()
        steps.append(.exceeded(kind))
    }

    private mutating func finishStanza() {
        passed = 0
        isMarked = false
        isFull = false
    }
}

extension Slice<UnsafeBufferPointer<UInt8>> {
    /// How many bytes come before the first such one; `nil` if there is none.
    func distance(to byte: UInt8) -> Int? {
        let bytes = UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: self))
        guard let start = bytes.baseAddress, let found = memchr(start, Int32(byte), bytes.count) else { return nil }
        return UnsafeRawPointer(found) - start
    }
}
