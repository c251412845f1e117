extension Element {
    /// The element as XML, UTF-8 without a declaration.
    ///
    /// Namespaces are declared where they change. Characters that XML 1.0 does not allow (§2.2) are
    /// left out of text and attribute values: no escape exists for them.
    /// - Parameter inherited: the default namespace already in force where the bytes will stand.
    public func serialized(inheriting inherited: String = "") -> [UInt8] {
        var output: [UInt8] = []
        // Most stanzas are one encrypted message.
        output.reserveCapacity(1024)
        write(to: &output, inheriting: inherited)
        return output
    }

    private func write(to output: inout [UInt8], inheriting inherited: String) {
        output.append(UInt8(ascii: "<"))
        writeName(to: &output)
        // The namespace of XML itself has its prefix everywhere, and may not be declared as the default one
        // (Namespaces in XML 1.0 §3): what is inside inherits what was in force outside.
        let isXML = namespace == XMLNamespace.xml
        if !isXML, namespace != inherited { Self.write("xmlns", namespace, to: &output) }
        let inForce = isXML ? inherited : namespace
        var declared = 0
        for attribute in attributes {
            switch attribute.namespace {
            case nil: Self.write(attribute.name, attribute.value, to: &output)
            case XMLNamespace.xml?: Self.write("xml:\(attribute.name)", attribute.value, to: &output)
            case let namespace?:
                // An attribute takes no default namespace, so it needs a prefix.
                let prefix = "a\(declared)"
                declared += 1
                Self.write("xmlns:\(prefix)", namespace, to: &output)
                Self.write("\(prefix):\(attribute.name)", attribute.value, to: &output)
            }
        }
        guard !nodes.isEmpty else {
            output.append(contentsOf: "/>".utf8)
            return
        }
        output.append(UInt8(ascii: ">"))
        for node in nodes {
            switch node {
            case .element(let child): child.write(to: &output, inheriting: inForce)
            case .text(let text): Self.escape(text, inAttribute: false, to: &output)
            }
        }
        output.append(contentsOf: "</".utf8)
        writeName(to: &output)
        output.append(UInt8(ascii: ">"))
    }

    private func writeName(to output: inout [UInt8]) {
        if namespace == XMLNamespace.xml { output.append(contentsOf: "xml:".utf8) }
        output.append(contentsOf: name.utf8)
    }

    private static func write(_ name: String, _ value: String, to output: inout [UInt8]) {
        output.append(UInt8(ascii: " "))
        output.append(contentsOf: name.utf8)
        output.append(contentsOf: "=\"".utf8)
        escape(value, inAttribute: true, to: &output)
        output.append(UInt8(ascii: "\""))
    }

    /// Runs of bytes that stand as they are, which is nearly all, are copied at once.
    private static func escape(_ text: String, inAttribute: Bool, to output: inout [UInt8]) {
        var text = text
        text.withUTF8 { utf8 in
            var (copied, index) = (0, 0)
            while index < utf8.count {
                guard let (escape, length) = escape(of: utf8, at: index, inAttribute: inAttribute) else {
                    index += 1
                    continue
                }
                output.append(contentsOf: utf8[copied..<index])
                output.append(contentsOf: UnsafeBufferPointer(start: escape.utf8Start, count: escape.utf8CodeUnitCount))
                index += length
                copied = index
            }
            output.append(contentsOf: utf8[copied...])
        }
    }

    /// What stands for the bytes at `index`, and how many they are; `nil` when they stand for themselves.
    private static func escape(
        of utf8: UnsafeBufferPointer<UInt8>, at index: Int, inAttribute: Bool
    ) -> (StaticString, Int)? {
        switch utf8[index] {
        case UInt8(ascii: "&"): return ("&amp;", 1)
        case UInt8(ascii: "<"): return ("&lt;", 1)
        // Only `]]>` needs it, but it is the same everywhere.
        case UInt8(ascii: ">"): return ("&gt;", 1)
        case UInt8(ascii: "\""): return inAttribute ? ("&quot;", 1) : nil
        // Parsers turn these into spaces or line feeds unless escaped (XML 1.0 §2.11, §3.3.3).
        case UInt8(ascii: "\r"): return ("&#13;", 1)
        case UInt8(ascii: "\n"): return inAttribute ? ("&#10;", 1) : nil
        case UInt8(ascii: "\t"): return inAttribute ? ("&#9;", 1) : nil
        // `Char` of XML 1.0 §2.2: no other control character, nor U+FFFE and U+FFFF.
        case 0..<0x20: return ("", 1)
        case 0xEF where index + 2 < utf8.count && utf8[index + 1] == 0xBF && utf8[index + 2] >= 0xBE: return ("", 3)
        default: return nil
        }
    }

    /// `Char` of XML 1.0 §2.2.
    static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0A, 0x0D, 0x20...0xD7FF, 0xE000...0xFFFD, 0x10000...0x10FFFF: true
        default: false
        }
    }
}
