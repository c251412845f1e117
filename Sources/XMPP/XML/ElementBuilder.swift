/// Turns the parser's callbacks into elements, and counts.
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
    private(set) var error: XMLError?
    private(set) var events: [Event] = []
    /// Where in the input the last child of the root ended: what came after counts as one stanza.
    private(set) var boundary = 0
    private(set) var depth = 0
    private var open: [Element] = []
    private var text: [UInt8] = []
    private var elements = 0

    init(limits: XMLLimits) { self.limits = limits }

    func takeEvents() -> [Event] {
        defer { events = [] }
        return events
    }

    func fail(_ kind: XMLError.Kind) { if error == nil { error = XMLError(kind) } }

    func start(_ element: Element) {
        guard error == nil else { return }
        depth += 1
        guard depth <= limits.depth else { return fail(.tooDeep) }
        guard element.attributes.count <= limits.attributes else { return fail(.tooManyAttributes) }
        if depth == 1 { return events.append(.opened(element)) }
        elements += 1
        guard elements <= limits.elements else { return fail(.tooManyElements) }
        flushText()
        open.append(element)
    }

    func end(at position: Int) {
        guard error == nil else { return }
        depth -= 1
        if depth == 0 { return events.append(.closed) }
        flushText()
        guard let element = open.popLast() else { return fail(.notWellFormed) }
        if open.isEmpty {
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
        } else {
            text.append(contentsOf: bytes)
        }
    }

    private func flushText() {
        guard !text.isEmpty, !open.isEmpty else { return }
        open[open.count - 1].nodes.append(.text(String(decoding: text, as: UTF8.self)))
        text.removeAll(keepingCapacity: text.count < 16 * 1024)
    }
}
