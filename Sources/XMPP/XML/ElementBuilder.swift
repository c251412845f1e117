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
    /// The stanza has reached its size: from here on nothing is kept but what a few bytes hold.
    private var isFull = false
    /// Bytes of namespaces in the stanza that is being read, wherever one changes: a prefix makes them
    /// short on the wire, but we keep, and write, each.
    private var namespaceBytes = 0
    /// The depth of the element that is being left out with all it holds.
    private var leftOut: Int?
    /// The last archive ids that came after something was cut out.
    private var lateIDs: [Element] = []
    private static let lateIDLimit = 16
    /// In bytes; an address has 3071 at most (RFC 7622 §3.1).
    private static let lateIDSize = 8 * 1024

    init(limits: XMLLimits, cutsExcess: Bool) {
        self.limits = limits
        self.cutsExcess = cutsExcess
    }

    func takeEvents() -> [Event] {
        defer { events = [] }
        return events
    }

    func fail(_ kind: XMLError.Kind) { if error == nil { error = XMLError(kind) } }

    /// - Parameter position: just behind the tag, in bytes from the beginning of the input.
    func start(_ started: Element, at position: Int) {
        guard error == nil else { return }
        var element = started
        depth += 1
        if leftOut != nil { return }
        if depth == 1 {
            guard element.attributes.count <= limits.attributes else { return fail(.tooManyAttributes) }
            return events.append(.opened(element))
        }
        elements += 1
        if let parent = open.last, parent.namespace == element.namespace {
            // One string for both.
            element.namespace = parent.namespace
        }
        let wasFull = isFull
        if let kind = violation(by: element, at: position) {
            exceeded(kind)
            guard cutsExcess else { return }
            // The archive's id stands at the end, and is wanted however much came before it.
            if kind == .tooManyAttributes || !isArchiveID(element) {
                guard mustStay(element, wasFull: wasFull) else {
                    leftOut = depth
                    return
                }
                // Not even this may be lost: the tag stays, with what says whose it is.
                element = element.keepingAddressing
            }
        }
        flushText()
        open.append(element)
    }

    private func violation(by element: Element, at position: Int) -> XMLError.Kind? {
        if depth > limits.depth { return .tooDeep }
        if element.attributes.count > limits.attributes { return .tooManyAttributes }
        if elements > limits.elements { return .tooManyElements }
        namespaceBytes += declaredBytes(of: element)
        if isFull || position - boundary + namespaceBytes > limits.stanzaBytes { return .stanzaTooLarge }
        return nil
    }

    private func declaredBytes(of element: Element) -> Int {
        var count = element.namespace == open.last?.namespace ? 0 : element.namespace.utf8.count
        for attribute in element.attributes { count += attribute.namespace?.utf8.count ?? 0 }
        return count
    }

    /// An id directly inside the stanza, and of a size that one can have.
    private func isArchiveID(_ element: Element) -> Bool {
        guard open.count == 1, element.namespace == Namespace.stanzaIDs else { return false }
        return element.attributes.reduce(0) {
            $0 + $1.name.utf8.count + $1.value.utf8.count + ($1.namespace?.utf8.count ?? 0)
        }
            <= Self.lateIDSize
    }

    /// A stanza's own tag, and that of a message in the archive's answer: without them nobody could
    /// say whose message it was that could not be read.
    private func mustStay(_ element: Element, wasFull: Bool) -> Bool {
        if depth == 2 { return true }
        guard let parent = open.last, parent.name == "forwarded", parent.namespace == Namespace.forward else {
            return false
        }
        return element.name == "message" && !wasFull && elements <= limits.elements && depth <= limits.depth
    }

    /// So many bytes of input have come. A stanza's own tag, while it is not complete, is looked at
    /// when it is.
    func received(_ total: Int) {
        guard total - boundary + namespaceBytes > limits.stanzaBytes, !cutsExcess || !open.isEmpty else { return }
        exceeded(.stanzaTooLarge)
    }

    /// A limit is exceeded in the stanza that is being read.
    func exceeded(_ kind: XMLError.Kind) {
        guard cutsExcess else { return fail(kind) }
        if excess == nil { excess = kind }
        if kind == .stanzaTooLarge {
            isFull = true
            text.removeAll()
        }
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
            finishStanza(&element)
            events.append(.child(element))
            boundary = position
        } else if excess != nil, isArchiveID(element) {
            // The last ones: our server puts its own behind those that were there.
            if lateIDs.count == Self.lateIDLimit { lateIDs.removeFirst() }
            lateIDs.append(element)
        } else {
            open[open.count - 1].append(element)
        }
    }

    private func finishStanza(_ stanza: inout Element) {
        if let excess {
            for id in lateIDs { stanza.append(id) }
            stanza.append(Element.refused(excess))
        }
        excess = nil
        lateIDs = []
        isFull = false
        namespaceBytes = 0
        elements = 0
    }

    func characters(_ bytes: UnsafeBufferPointer<UInt8>, at position: Int) {
        guard error == nil else { return }
        if open.isEmpty {
            // White space between stanzas keeps the connection alive (RFC 6120 §4.6.1).
            guard bytes.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }) else {
                return fail(.strayText)
            }
            boundary = position
        } else if leftOut == nil, !isFull {
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
    var keepingAddressing: Element {
        var copy = self
        copy.attributes.removeAll { $0.namespace != nil || !["from", "to", "id", "type"].contains($0.name) }
        return copy
    }
}
