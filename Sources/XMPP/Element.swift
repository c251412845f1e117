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
        nodes.reduce(into: "") { if case .text(let text) = $1 { $0 += text } }
    }

    public func first(_ name: String, _ namespace: String) -> Element? {
        children.first { $0.name == name && $0.namespace == namespace }
    }

    public func all(_ name: String, _ namespace: String) -> [Element] {
        children.filter { $0.name == name && $0.namespace == namespace }
    }

    public mutating func append(_ child: Element) { nodes.append(.element(child)) }
}
