@testable import XMPP

/// Stream management (XEP-0198) against a model: each byte pair is one thing that the server or we do. What the server
/// says may be anything.
enum StreamManagementTarget: FuzzTarget {
    static let name = "stream-management"
    static let longest = 512

    static func seeds() -> [[UInt8]] {
        [
            [0, 0, 1, 1, 1, 1, 2, 1, 3, 0, 3, 0, 4, 0, 5, 0],
            [0, 0, 1, 1, 3, 0, 4, 0, 6, 0, 1, 1, 3, 0, 7, 0, 8, 0],
            [0, 0, 1, 1, 1, 0, 3, 0, 3, 0, 4, 1, 9, 0, 2, 2, 6, 1, 0, 0, 5, 0],
        ]
    }

    private struct Model {
        var sut = StreamManagement()
        /// Tokens that were given and of whose fate nothing was said, in order.
        var waiting: [Int64] = []
        var lastToken: Int64 = 0
        /// Numbers of stanzas of this stream.
        var received: Set<UInt64> = []
        var isEnabled = false
        var said: UInt32 = 0

        mutating func told(_ tokens: [Int64]) throws(BrokenPromise) {
            try promise(waiting.starts(with: tokens), "what was confirmed was not sent, not in this order, or twice")
            waiting.removeFirst(tokens.count)
        }

        mutating func begin() {
            received = []
            said = 0
        }
    }

    static func run(_ input: [UInt8]) throws {
        var reader = InputReader(input)
        var model = Model()
        while !reader.isAtEnd {
            try step(&model, reader.byte() % 10, reader.byte())
            try promise(Int(model.sut.h) <= model.received.count, "more is acknowledged than came")
            let unacknowledged = UInt64(model.sut.unacknowledged.count)
            try promise(
                model.sut.sentCount == model.sut.acknowledgedCount + unacknowledged, "what was sent is not counted")
        }
    }

    private static func step(_ model: inout Model, _ action: UInt8, _ value: UInt8) throws {
        switch action {
        case 0:
            guard !model.isEnabled else { return }
            model.sut.enabled(id: value & 1 == 0 ? "stream" : nil)
            model.isEnabled = true
            model.begin()
        case 1:
            guard model.isEnabled else { return }
            model.lastToken += 1
            let token = value & 1 == 0 ? nil : model.lastToken
            model.sut.sent([value], token: token)
            if let token { model.waiting.append(token) }
            _ = model.sut.shouldRequest()
        case 2:
            // Any number may stand there; most are near what is right.
            let right = UInt32(truncatingIfNeeded: model.sut.acknowledgedCount)
            let claimed = value == 255 ? UInt32.max : right &+ UInt32(value % 8)
            if let tokens = try? model.sut.acknowledged(claimed) { try model.told(tokens) }
        case 3: model.received.insert(model.sut.received())
        case 4:
            let numbers = model.received.sorted()
            guard !numbers.isEmpty else { return }
            model.sut.committed(numbers[Int(value) % numbers.count])
        case 5:
            let h = model.sut.answer()
            try promise(h >= model.said, "an acknowledgement was taken back")
            model.said = h
        default: try reconnect(&model, action, value)
        }
    }

    private static func reconnect(_ model: inout Model, _ action: UInt8, _ value: UInt8) throws {
        switch action {
        case 6:
            guard model.isEnabled, model.sut.beginResumption() != nil else { return }
            let sent = model.sut.unacknowledged.count
            let h = UInt32(truncatingIfNeeded: model.sut.acknowledgedCount) &+ UInt32(value % 4)
            guard let (confirmed, again) = try? model.sut.resumed(h: h) else { return }
            try model.told(confirmed)
            try promise(sent - Int(value % 4) == again.count, "a stanza is lost, or sent twice, after a resumption")
        case 7:
            let (confirmed, unsettled) = model.sut.resumptionFailed(
                h: value & 1 == 0 ? nil : UInt32(truncatingIfNeeded: model.sut.acknowledgedCount) &+ UInt32(value % 8))
            try model.told(confirmed)
            try end(&model, unsettled)
        case 8: _ = model.sut.shouldAcknowledge()
        default: try end(&model, model.sut.abandon())
        }
    }

    private static func end(_ model: inout Model, _ unsettled: [Int64]) throws {
        try promise(unsettled == model.waiting, "at a stream's end the fate of a message is forgotten, or made up")
        model.waiting = []
        model.isEnabled = false
    }
}
