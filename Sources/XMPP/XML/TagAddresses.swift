/// What is kept of a tag that is too large: whose stanza it was.
///
/// Reads the tag as it goes by, and makes a small one of it.
struct TagAddresses {
    private enum State {
        case element
        case space
        case name
        case value(quote: UInt8)
    }

    /// What every stanza has (RFC 6120 §8.1), and its namespace.
    private static let wanted = ["xmlns", "from", "to", "id", "type"].map { Array($0.utf8) }
    /// An address has 3071 bytes at most (RFC 7622 §3.1).
    private static let valueLimit = 3_100
    private static let nameLimit = 64
    private static let archiveIDLimit = 1024
    private static let namespaceLimit = 4096

    private var state = State.element
    private var element: [UInt8] = []
    private var name: [UInt8] = []
    private var value: [UInt8] = []
    private var isTooLong = false
    private var kept: [(name: [UInt8], value: [UInt8], quote: UInt8)] = []
    /// Its namespace is not known: it must not be taken for one of ours.
    private var isForeign = false

    /// Takes the bytes behind the tag's `<`, cut anywhere.
    mutating func read(_ piece: Slice<UnsafeBufferPointer<UInt8>>) {
        var rest = piece
        while let byte = rest.first {
            if case .value(let quote) = state {
                let length = rest.distance(to: quote)
                take(rest.prefix(length ?? rest.count))
                rest = rest.dropFirst(length ?? rest.count)
                guard length != nil else { return }
                finishValue(quote)
            } else {
                readOutside(byte)
            }
            rest = rest.dropFirst()
        }
    }

    private mutating func readOutside(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "'"), UInt8(ascii: "\""):
            state = .value(quote: byte)
            value = []
            isTooLong = false
        case 0x20, 0x09, 0x0A, 0x0D, UInt8(ascii: "/"), UInt8(ascii: ">"), UInt8(ascii: "="):
            state = .space
        default:
            if case .space = state {
                state = .name
                name = []
            }
            if case .element = state {
                if element.count <= Self.nameLimit { element.append(byte) }
            } else if name.count <= Self.nameLimit {
                name.append(byte)
            }
        }
    }

    private mutating func take(_ piece: Slice<UnsafeBufferPointer<UInt8>>) {
        guard !isTooLong, Self.wanted.contains(name) else { return }
        isTooLong = value.count + piece.count > Self.valueLimit
        if isTooLong { value = [] } else { value.append(contentsOf: piece) }
    }

    private mutating func finishValue(_ quote: UInt8) {
        state = .space
        defer { name = [] }
        guard Self.wanted.contains(name), !kept.contains(where: { $0.name == name }) else { return }
        if !isTooLong {
            kept.append((name, value, quote))
        } else if name == Self.wanted[0] {
            isForeign = true
        }
    }

    private var localName: [UInt8] {
        // Nothing of ours has a name of that length.
        if element.count > Self.nameLimit { return Array("unnamed".utf8) }
        return Array(element[(element.lastIndex(of: UInt8(ascii: ":")).map { $0 + 1 } ?? 0)...])
    }

    /// `<name from='…'>`
    var startTag: [UInt8] {
        var tag = [UInt8(ascii: "<")] + localName
        let isForeign = isForeign || element.contains(UInt8(ascii: ":"))
        if isForeign { tag += Array(" xmlns=''".utf8) }
        for attribute in kept where !isForeign || attribute.name != Self.wanted[0] {
            tag += [0x20] + attribute.name + [UInt8(ascii: "="), attribute.quote] + attribute.value + [attribute.quote]
        }
        return tag + [UInt8(ascii: ">")]
    }

    var endTag: [UInt8] { Array("</".utf8) + localName + [UInt8(ascii: ">")] }

    /// Whether a tag declares a namespace that is longer than any that is in use. expat and we look at
    /// all of it for each element that is in it, and a prefix makes such elements short.
    static func declaresLongNamespace(_ tag: [UInt8]) -> Bool {
        guard tag.count > namespaceLimit else { return false }
        var rest = tag[...]
        while let open = rest.firstIndex(where: { $0 == UInt8(ascii: "'") || $0 == UInt8(ascii: "\"") }) {
            let value = rest[(open + 1)...]
            guard let close = value.firstIndex(of: rest[open]) else { return false }
            let name = rest[..<open].reversed().drop { isDelimiter($0) || $0 == UInt8(ascii: "=") }
                .prefix { !isDelimiter($0) }
            if close - open > namespaceLimit, name.reversed().starts(with: wanted[0]) { return true }
            rest = tag[(close + 1)...]
        }
        return false
    }

    /// The name in a tag, as it is written.
    static func name(_ tag: [UInt8]) -> [UInt8] {
        Array(tag.dropFirst().prefix(nameLimit).prefix { !isDelimiter($0) })
    }

    private static func isDelimiter(_ byte: UInt8) -> Bool {
        byte <= 0x20 || byte == UInt8(ascii: "/") || byte == UInt8(ascii: ">")
    }

    /// An archive's id that needs no prefix from a tag around it: that one may have been replaced.
    static func isArchiveID(_ tag: [UInt8]) -> Bool {
        guard tag.count <= archiveIDLimit, name(tag) == Array("stanza-id".utf8) else { return false }
        var quote: UInt8?
        var outside: [UInt8] = []
        for byte in tag {
            if let open = quote {
                if byte == open { quote = nil }
            } else if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
                quote = byte
            } else {
                outside.append(byte)
            }
        }
        let text = String(decoding: tag, as: UTF8.self)
        return !outside.contains(UInt8(ascii: ":"))
            && (text.contains("xmlns='\(Namespace.stanzaIDs)'") || text.contains("xmlns=\"\(Namespace.stanzaIDs)\""))
    }
}
