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
        /// Between two stanzas, after much has passed: expat may begin anew, behind these bytes, which
        /// open the stream.
        case renew(header: [UInt8])
    }

    private enum State {
        case text
        /// Behind a `<`.
        case opened
        case tag
        /// Behind a `<!`.
        case declaration
        /// Inside `<![CDATA[`: what looks like a tag there is none.
        case characters
        /// Something came that no stream may hold: expat will refuse it.
        case through
    }

    private let limits: XMLLimits
    /// Larger tags are not held back until they are complete, but left out, in bytes.
    private let tagLimit: Int
    /// So much deeper than the limit expat may see elements: the builder refuses them by itself.
    private static let spareDepth = 8
    /// After so many bytes expat begins anew: it never forgets a name, and anybody can invent names.
    static let renewalInterval = 4 * 1024 * 1024
    private static let characterDataStart = Array("<![CDATA[".utf8)

    private var state = State.text
    private var steps: [Step] = []
    private var output: [UInt8] = []
    /// What opened the stream; `nil` when that was too much to keep.
    private var header: [UInt8]? = []
    private var sinceRenewal = 0

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
    /// Too large to be held back, and not to be left out: it passes as it comes.
    private var isPassing = false
    /// Consecutive `]` just read, two at most.
    private var brackets = 0
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
                case .declaration:
                    declare(next)
                    rest = rest.dropFirst()
                case .characters: rest = rest.dropFirst(characters(rest))
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

    private mutating func emit(_ bytes: some Collection<UInt8>) {
        output.append(contentsOf: bytes)
        sinceRenewal += bytes.count
        guard depth == 0, let begun = header else { return }
        header = begun.count + bytes.count > tagLimit ? nil : begun + bytes
    }

    private mutating func text(_ rest: Slice<UnsafeBufferPointer<UInt8>>) -> Int {
        let length = rest.distance(to: UInt8(ascii: "<"))
        if outside == nil {
            let run = rest.prefix(length ?? rest.count)
            emit(run)
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
        if next == UInt8(ascii: "?"), !isDeclaration { return giveUp() }
        isPassing = false
        state = next == UInt8(ascii: "!") ? .declaration : .tag
    }

    /// Comments and document types are refused by expat; character data (XML 1.0 §2.7) is text.
    private mutating func declare(_ byte: UInt8) {
        held.append(byte)
        guard Self.characterDataStart.starts(with: held) else { return giveUp() }
        guard held.count == Self.characterDataStart.count else { return }
        if outside == nil { pass(held) }
        held = []
        brackets = 0
        state = .characters
    }

    private mutating func characters(_ rest: Slice<UnsafeBufferPointer<UInt8>>) -> Int {
        var index = rest.startIndex
        while index < rest.endIndex, state == .characters {
            switch rest[index] {
            case UInt8(ascii: "]"): brackets = min(2, brackets + 1)
            case UInt8(ascii: ">") where brackets == 2: state = .text
            default: brackets = 0
            }
            index += 1
        }
        let run = rest[..<index]
        if outside == nil {
            emit(run)
            if depth > 1 { passed += run.count }
        }
        return run.count
    }

    private mutating func giveUp() {
        emit(held)
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
        if isPassing { return pass(piece) }
        held.append(contentsOf: piece)
        guard tagBytes > tagLimit else { return }
        if depth == 0 || first == UInt8(ascii: "/") {
            // An end tag must come, and a stream's header is the server's own: expat has a limit too.
            isPassing = true
            pass(held)
            held = []
        } else {
            leaveOutTag()
        }
    }

    /// The tag is not for expat: of one that says whose message it is the addresses are kept.
    private mutating func leaveOutTag() {
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
        case UInt8(ascii: "?"): emit(held)
        case UInt8(ascii: "/"): endTag()
        default:
            if depth > 0, outside == nil, TagAddresses.declaresLongNamespace(held) { leaveOutTag() }
            startTag(isEmpty: isEmpty)
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

    private mutating func pass(_ tag: some Collection<UInt8>) {
        emit(tag)
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
        guard sinceRenewal > Self.renewalInterval, let header else { return }
        flush()
        steps.append(.renew(header: header))
        sinceRenewal = 0
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
