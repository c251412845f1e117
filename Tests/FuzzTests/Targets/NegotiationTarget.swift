@testable import XMPP

/// From the open connection to the bound stream, with whatever a server may answer: features, SASL, resumption,
/// binding. The first byte says whether there is a stream to resume; then come the elements.
enum NegotiationTarget: FuzzTarget {
    static let name = "negotiation"
    static let dictionary: String? = "xmpp"

    private static let opening =
        "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>"

    static func run(_ input: [UInt8]) throws {
        var reader = InputReader(input)
        let resumption = reader.byte() & 1 == 0 ? nil : StreamManagement.Resumption(id: "old", h: 7)
        var negotiation = try StreamNegotiation(
            account: try JID("helpline@example.org"), password: "pencil", resource: "bridge", resumption: resumption)
        _ = negotiation.start()
        guard let parser = try? StreamParser(),
            let events = try? parser.feed(Array(opening.utf8) + Array(reader.rest))
        else { return }
        for case .stanza(let element) in events {
            do {
                let actions = try negotiation.receive(element)
                for case .established in actions {
                    throw BrokenPromise(description: "a server that does not know the password was believed")
                }
            } catch is StreamFailure {
                return
            }
        }
    }
}

/// SCRAM (RFC 5802): the server's first message, a zero byte, its last one. Ours are those of the example in its §5.
enum ScramTarget: FuzzTarget {
    static let name = "scram"
    static let longest = 512
    static let dictionary: String? = "scram"

    private static let challenge = "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096"
    private static let success = "v=rmF9pqV8S7suAoZWja4dJRkFsKQ="

    static func seeds() -> [[UInt8]] {
        [
            Array("\(challenge)\0\(success)".utf8), Array("\(challenge)\0e=invalid-proof".utf8),
            Array("m=1,\(challenge)\0\(success),x=1".utf8),
        ]
    }

    static func run(_ input: [UInt8]) throws {
        let messages = input.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false).map(Array.init)
        guard messages.count == 2, isCheap(messages[0]) else { return }
        var client = ScramClient(
            mechanism: .sha1, username: "user", password: "pencil", nonce: "fyko+d2lbbFgONRv9qkxdawL")
        _ = client.first()
        do {
            let response = try client.respond(to: messages[0])
            try client.verify(messages[1])
            guard messages[0] == Array(challenge.utf8), response.starts(with: Array("c=biws,r=fyko".utf8)) else {
                throw BrokenPromise(description: "a server that does not know the password was believed")
            }
        } catch is ScramError {
            return
        }
    }

    /// What a server asks for is computed, up to a million rounds: not for each input of a fuzzer.
    private static func isCheap(_ challenge: [UInt8]) -> Bool {
        let text = String(decoding: challenge, as: UTF8.self)
        let rounds = text.split(separator: ",").compactMap { $0.hasPrefix("i=") ? Int($0.dropFirst(2)) : nil }
        return rounds.allSatisfy { $0 <= 4096 }
    }
}
