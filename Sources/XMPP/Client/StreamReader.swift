/// The received half of a connection: bytes in, stream elements out.
struct StreamReader {
    let transport: any Transport
    private let limits: XMLLimits
    private var parser: StreamParser
    private var queue: [StreamParser.Event] = []

    init(transport: any Transport, limits: XMLLimits) throws {
        self.transport = transport
        self.limits = limits
        parser = try StreamParser(limits: limits)
    }

    /// A new stream begins on the same connection (RFC 6120 §6.4.6).
    mutating func restart() throws {
        parser = try StreamParser(limits: limits)
        queue = []
    }

    /// What has been received and not been taken, without waiting.
    mutating func takeReady() -> Element?? {
        while !queue.isEmpty {
            switch queue.removeFirst() {
            case .opened: continue
            case .stanza(let element): return element
            case .closed: return .some(nil)
            }
        }
        return nil
    }

    /// Takes in more.
    mutating func feed(_ bytes: [UInt8]) throws { queue += try parser.feed(bytes) }
}
