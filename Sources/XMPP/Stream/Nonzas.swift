/// The elements of XEP-0198.
enum SMElement {
    private static let ns = Namespace.streamManagement

    static let enable = Element("enable", ns, attributes: [("resume", "true")])
    static let request = Element("r", ns)

    static func answer(_ h: UInt32) -> Element { Element("a", ns, attributes: [("h", String(h))]) }

    static func resume(_ resumption: StreamManagement.Resumption) -> Element {
        Element("resume", ns, attributes: [("h", String(resumption.h)), ("previd", resumption.id)])
    }

    /// `h` of an element; `nil` when there is none or it is no number.
    static func h(_ element: Element) -> UInt32? { element["h"].flatMap { UInt32($0) } }
}

/// The beginning and end of a stream (RFC 6120 §4.2, §4.4).
enum StreamTag {
    static func open(to domain: String) -> [UInt8] {
        var bytes = Array("<?xml version='1.0'?>".utf8)
        // A start tag is an element without its end.
        var header = Element(
            "stream:stream", Namespace.client,
            attributes: [("to", domain), ("version", "1.0"), ("xmlns:stream", Namespace.stream)])
        header.attributes.append(Element.Attribute("lang", "en", namespace: XMLNamespace.xml))
        bytes += header.serialized().dropLast(2)
        bytes.append(UInt8(ascii: ">"))
        return bytes
    }

    static let close = Array("</stream:stream>".utf8)
}
