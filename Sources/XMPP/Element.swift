/// An XML element as a value: what the stream parser yields and what is sent.
public struct Element: Hashable, Sendable {
    /// One attribute. Attributes without a namespace have `namespace == nil`.
    public struct Attribute: Hashable, Sendable {
        public var name: String
        public var namespace: String?
        public var value: String

        public init(_ name: String, _ value: String, namespace: String? = nil) {
            self.name = name
            self.namespace = namespace
            self.value = value
        }
    }

    public enum Node: Hashable, Sendable {
        case element(Element)
        case text(String)
    }

    public var name: String
    public var namespace: String
    public var attributes: [Attribute]
    public var nodes: [Node]

    public init(
        _ name: String, _ namespace: String, attributes: [(String, String)] = [],
        children: [Element] = [], text: String? = nil
    ) {
        self.name = name
        self.namespace = namespace
        self.attributes = attributes.map { Attribute($0.0, $0.1) }
        self.nodes = children.map(Node.element)
        if let text { self.nodes.append(.text(text)) }
    }

    /// The value of an attribute without a namespace.
    public subscript(_ attribute: String) -> String? {
        get { attributes.first { $0.name == attribute && $0.namespace == nil }?.value }
        set {
            let index = attributes.firstIndex { $0.name == attribute && $0.namespace == nil }
            switch (index, newValue) {
            case (let index?, let value?): attributes[index].value = value
            case (let index?, nil): attributes.remove(at: index)
            case (nil, let value?): attributes.append(Attribute(attribute, value))
            case (nil, nil): break
            }
        }
    }

    /// The child elements, in order.
    public var children: [Element] {
        nodes.compactMap { if case .element(let element) = $0 { element } else { nil } }
    }

    /// The character data directly inside this element, joined.
    public var text: String {
        if nodes.count == 1, case .text(let text) = nodes[0] { return text }
        return nodes.reduce(into: "") { if case .text(let text) = $1 { $0 += text } }
    }

    public func first(_ name: String, _ namespace: String) -> Element? {
        for case .element(let child) in nodes where child.name == name && child.namespace == namespace { return child }
        return nil
    }

    public func all(_ name: String, _ namespace: String) -> [Element] {
        nodes.compactMap {
            if case .element(let child) = $0, child.name == name, child.namespace == namespace { child } else { nil }
        }
    }

    /// About how many bytes of memory it takes with all it holds: its texts, and something for each part.
    public var size: Int {
        let part = 64
        var sum = part + name.utf8.count + namespace.utf8.count
        for attribute in attributes { sum += part + attribute.name.utf8.count + attribute.value.utf8.count }
        for node in nodes {
            switch node {
            case .element(let child): sum += child.size
            case .text(let text): sum += part + text.utf8.count
            }
        }
        return sum
    }

    public mutating func append(_ child: Element) { nodes.append(.element(child)) }
}
