/// Turns the parser's callbacks into elements, and counts.
///
/// In a stream, what exceeds a limit is cut out of its stanza and the stanza is marked
/// (`Element.refusal`): the server would send the same stanza again on every new connection, so
/// ending the stream would let anybody silence us with one message.
///
/// A reference type because C callbacks reach it through a pointer; it belongs to one
/// `ExpatParser` and never leaves it.
final class ElementBuilder {
    enum Event {
        /// The root's start tag.
        case opened(Element)
        /// A child of the root, complete.
        case child(Element)
        /// The root's end tag. Its children are not kept.
        case closed
    }

    let limits: XMLLimits
    /// Whether an exceeded limit is cut out, or ends the parsing.
    let cutsExcess: Bool
    private(set) var error: XMLError?
    private(set) var events: [Event] = []
    /// Where in the input the last child of the root ended: what came after counts as one stanza.
    private(set) var boundary = 0
    private(set) var depth = 0
    private var open: [Element] = []
    private var text: [UInt8] = []
    private var elements = 0
    /// Why something was cut out of the stanza that is being read.
    private var excess: XMLError.Kind?
    /// The depth of the element that is being left out with all it holds.
    private var leftOut: Int?

    init(limits: XMLLimits, cutsExcess: Bool) {
        self.limits = limits
        self.cutsExcess = cutsExcess
    }

    func takeEvents() -> [Event] {
        defer { events = [] }
        return events
    }

    func fail(_ kind: XMLError.Kind) { if error == nil { error = XMLError(kind) } }

    func start(_ element: Element) {
        guard error == nil else { return }
        depth += 1
        if leftOut != nil { return }
        if depth == 1 {
            guard element.attributes.count <= limits.attributes else { return fail(.tooManyAttributes) }
            return events.append(.opened(element))
        }
        elements += 1
        if depth == 2, cutsExcess, element.attributes.count > limits.attributes {
            // Not even this may end the stream: the tag stays, with what says whose it is.
            excess = .tooManyAttributes
            open.append(element.keepingAddressing)
            return
        }
        if let kind = violation(by: element) {
            exceeded(kind)
            leftOut = depth
            return
        }
        flushText()
        open.append(element)
    }

    private func violation(by element: Element) -> XMLError.Kind? {
        if depth > limits.depth { return .tooDeep }
        if element.attributes.count > limits.attributes { return .tooManyAttributes }
        // The archive's id stands at the end, and is wanted however much came before it.
        if elements > limits.elements, !isStanzaID(element) { return .tooManyElements }
        if excess == .stanzaTooLarge, !isStanzaID(element) { return .stanzaTooLarge }
        return nil
    }

    private func isStanzaID(_ element: Element) -> Bool {
        element.namespace == Namespace.stanzaIDs && elements <= limits.elements * 2
    }

    /// A limit is exceeded in the stanza that is being read.
    func exceeded(_ kind: XMLError.Kind) {
        // The stanza's own tag cannot be left out of it.
        guard cutsExcess, !open.isEmpty else { return fail(kind) }
        if excess == nil { excess = kind }
        if kind == .stanzaTooLarge { text.removeAll() }
    }

    func end(at position: Int) {
        guard error == nil else { return }
        depth -= 1
        if let outermost = leftOut {
            if depth < outermost { leftOut = nil }
            return
        }
        if depth == 0 { return events.append(.closed) }
        flushText()
        guard var element = open.popLast() else { return fail(.notWellFormed) }
        if open.isEmpty {
            if let excess { element.append(Element.refused(excess)) }
            excess = nil
            events.append(.child(element))
            elements = 0
            boundary = position
        } else {
            open[open.count - 1].append(element)
        }
    }

    func characters(_ bytes: UnsafeBufferPointer<UInt8>, at position: Int) {
        guard error == nil else { return }
        if open.isEmpty {
            // White space between stanzas keeps the connection alive (RFC 6120 §4.6.1).
            guard bytes.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }) else {
                return fail(.strayText)
            }
            boundary = position
        } else if leftOut == nil, excess != .stanzaTooLarge {
            text.append(contentsOf: bytes)
        }
    }

    private func flushText() {
        guard !text.isEmpty, !open.isEmpty else { return }
        open[open.count - 1].nodes.append(.text(String(decoding: text, as: UTF8.self)))
        text.removeAll(keepingCapacity: text.count < 16 * 1024)
    }
}

extension Element {
    /// Without attributes other than those of every stanza (RFC 6120 §8.1).
    fileprivate var keepingAddressing: Element {
        var copy = self
        copy.attributes.removeAll { $0.namespace != nil || !["from", "to", "id", "type"].contains($0.name) }
        return copy
    }
}
