extension Element {
    /// The element as XML, UTF-8 without a declaration.
    ///
    /// Namespaces are declared where they change. Characters that XML 1.0 does not allow (§2.2) are
    /// left out of text and attribute values: no escape exists for them.
    /// - Parameter inherited: the default namespace already in force where the bytes will stand.
    public func serialized(inheriting inherited: String = "") -> [UInt8] {
        var output: [UInt8] = []
        write(to: &output, inheriting: inherited)
        return output
    }

    private func write(to output: inout [UInt8], inheriting inherited: String) {
        output.append(UInt8(ascii: "<"))
        output.append(contentsOf: name.utf8)
        if namespace != inherited { Self.write("xmlns", namespace, to: &output) }
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
            case .element(let child): child.write(to: &output, inheriting: namespace)
            case .text(let text): Self.escape(text, inAttribute: false, to: &output)
            }
        }
        output.append(contentsOf: "</".utf8)
        output.append(contentsOf: name.utf8)
        output.append(UInt8(ascii: ">"))
    }

    private static func write(_ name: String, _ value: String, to output: inout [UInt8]) {
        output.append(UInt8(ascii: " "))
        output.append(contentsOf: name.utf8)
        output.append(contentsOf: "=\"".utf8)
        escape(value, inAttribute: true, to: &output)
        output.append(UInt8(ascii: "\""))
    }

    private static func escape(_ text: String, inAttribute: Bool, to output: inout [UInt8]) {
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": output.append(contentsOf: "&amp;".utf8)
            case "<": output.append(contentsOf: "&lt;".utf8)
            // Only `]]>` needs it, but it is the same everywhere.
            case ">": output.append(contentsOf: "&gt;".utf8)
            case "\"" where inAttribute: output.append(contentsOf: "&quot;".utf8)
            // Parsers turn these into spaces or line feeds unless escaped (XML 1.0 §2.11, §3.3.3).
            case "\r": output.append(contentsOf: "&#13;".utf8)
            case "\n" where inAttribute: output.append(contentsOf: "&#10;".utf8)
            case "\t" where inAttribute: output.append(contentsOf: "&#9;".utf8)
            default: if isAllowed(scalar) { output.append(contentsOf: UTF8.encode(scalar) ?? .init()) }
            }
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
