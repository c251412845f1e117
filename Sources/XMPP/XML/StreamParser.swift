/// Reads one XMPP stream (RFC 6120 §4): header, stanzas, end.
///
/// Not `Sendable`: it belongs to whoever reads the connection. After a stream restart a new one
/// begins.
public final class StreamParser {
    public enum Event: Hashable, Sendable {
        /// `<stream:stream …>`, without children.
        case opened(Element)
        /// A child of the stream: stanza, features, nonza, error.
        case stanza(Element)
        /// `</stream:stream>`.
        case closed
    }

    private let parser: ExpatParser

    public init(limits: XMLLimits = XMLLimits()) throws(XMLError) {
        parser = try ExpatParser(limits: limits, cutsExcess: true)
    }

    /// Takes bytes as they come.
    /// - Returns: what they completed, in order.
    /// - Throws: `XMLError`: the stream is to be closed, nothing more can be read from it.
    public func feed(_ bytes: [UInt8]) throws(XMLError) -> [Event] {
        var events: [Event] = []
        for event in try parser.feed(bytes) {
            switch event {
            case .opened(let root):
                guard root.name == "stream", root.namespace == Namespace.stream else { throw XMLError(.notAStream) }
                events.append(.opened(root))
            case .child(let element): events.append(.stanza(element))
            case .closed: events.append(.closed)
            }
        }
        return events
    }
}

extension Element {
    /// Reads one element from a whole document, with the same refusals and limits as a stream.
    /// - Parameter bytes: UTF-8, as `serialized()` gives it.
    public init(parsing bytes: some Collection<UInt8>, limits: XMLLimits = XMLLimits()) throws(XMLError) {
        // In a root of our own: so it is read exactly as within a stream.
        let parser = try ExpatParser(limits: limits)
        var events = try parser.feed("<document>".utf8)
        events += try parser.feed(bytes)
        events += try parser.feed("</document>".utf8)
        events += try parser.finish()
        guard events.count == 3, case .child(let element) = events[1], case .closed = events[2] else {
            throw XMLError(.incomplete)
        }
        self = element
    }
}
