/// The mark on a stanza of which something was cut out, because it exceeded a limit.
extension Element {
    private static let refusalNamespace = "urn:sila:refused"

    static func refused(_ kind: XMLError.Kind) -> Element {
        Element("refused", refusalNamespace, attributes: [("reason", kind.rawValue)])
    }

    /// Why this stanza is incomplete; `nil` when it is as it came.
    ///
    /// Anybody can write such a mark, but only into their own message, which is then not read.
    public var refusal: XMLError.Kind? {
        first("refused", Self.refusalNamespace)?["reason"].flatMap(XMLError.Kind.init)
    }

    /// Of a stanza that is incomplete anyway: as much as tells a person what it was, in bytes. It may
    /// wait in queues and is kept, and whoever sends one can send many.
    static let abridgedSize = 32 * 1024

    /// The stanza with its addresses, the ids and marks at its end, and the beginning of the rest.
    var abridged: Element {
        var left = Self.abridgedSize
        var copy = keepingAddressing.beginning(&left)
        let isMark = { (child: Element) in
            child.namespace == Namespace.stanzaIDs || child.namespace == Self.refusalNamespace
        }
        copy.nodes.removeAll { if case .element(let child) = $0 { isMark(child) } else { false } }
        for child in children where isMark(child) { copy.append(child) }
        return copy
    }

    private func beginning(_ left: inout Int) -> Element {
        var copy = self
        copy.nodes = []
        for node in nodes {
            switch node {
            case .text(let text):
                left -= text.utf8.count
                if left > 0 { copy.nodes.append(node) }
            case .element(let child):
                // In an answer of the archive: whose message it was is wanted in any case.
                let element = child.name == "message" ? child.keepingAddressing : child
                left -= element.tagSize
                if left > 0 || child.name == "message" { copy.append(element.beginning(&left)) }
            }
            if left <= 0 { break }
        }
        return copy
    }

    /// Roughly, in bytes.
    private var tagSize: Int {
        attributes.reduce(2 * name.utf8.count + namespace.utf8.count + 16) {
            $0 + $1.name.utf8.count + $1.value.utf8.count + ($1.namespace?.utf8.count ?? 0) + 4
        }
    }
}
