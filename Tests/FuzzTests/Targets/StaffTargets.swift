import Foundation
import StaffProtocol
import XMPP

#if FUZZING
    @testable import LinkedSources
#else
    @testable import StaffAPI
#endif

/// Bodies of requests to the staff API. The first byte says which operation; the rest is JSON.
enum StaffBodyTarget: FuzzTarget {
    static let name = "staff-body"
    static let dictionary: String? = "staff"

    private static let operations: [@Sendable ([UInt8]) throws -> Void] = [
        read(ChallengeRequest.self), read(LoginRequest.self), read(UnlockRequest.self), readReply,
        read(AssignmentRequest.self), read(TakeoverRequest.self), read(AttentionRequest.self),
        read(NewAttachment.self), read(HeardRequest.self), read(DeviceDecision.self), read(ArrivalWordsRequest.self),
        read(PersonRequest.self), read(NewEntry.self), read(CloseEntry.self), read(SuggestionRequest.self),
        read(MemberSettings.self), read(StaffChange.self), read(OpenedReport.self), read(EraseRequest.self),
        read(AcknowledgeGaps.self), read(PracticeRequest.self),
    ]

    static func run(_ input: [UInt8]) throws {
        var reader = InputReader(input)
        try operations[reader.below(operations.count)](Array(reader.rest))
    }

    private static func decoded<Body: CheckedBody>(_ type: Body.Type, _ body: [UInt8]) throws -> Body? {
        do throws(APIError) {
            return try StrictJSON.decode(type, from: body)
        } catch {
            try promise(error.message.utf8.count < 1000, "a refusal that is as long as what it refuses")
            return nil
        }
    }

    private static func read<Body: CheckedBody>(_ type: Body.Type) -> @Sendable ([UInt8]) throws -> Void {
        { body in
            guard let value = try decoded(type, body) else { return }
            let written = try StrictJSON.encode(value)
            guard let again = try decoded(type, written) else {
                throw BrokenPromise(description: "a body that was taken is refused once it is written again")
            }
            try promise(try StrictJSON.encode(again) == written, "a body says something else once it is written again")
        }
    }

    /// A reply goes into XML on its way to the contact.
    private static func readReply(_ body: [UInt8]) throws {
        try read(ReplyRequest.self)(body)
        guard let reply = try decoded(ReplyRequest.self, body) else { return }
        let element = Element("body", Namespace.client, text: reply.text)
        try promise(try Element(parsing: element.serialized()).text == reply.text, "the contact reads other words")
    }
}

/// Method, path and query of a request to the staff API: `GET /v1/inbox?limit=5`.
enum StaffRequestTarget: FuzzTarget {
    static let name = "staff-request"
    static let longest = 512
    static let dictionary: String? = "staff"

    static func seeds() -> [[UInt8]] {
        Endpoint.allCases.map { endpoint in
            let path = endpoint.path.split(separator: "/").map { $0.hasPrefix("{") ? "/7" : "/\($0)" }.joined()
            let query = endpoint.queryNames.sorted().map { "\($0)=5" }.joined(separator: "&")
            return Array("\(endpoint.method.rawValue) \(path)?\(query)".utf8)
        }
    }

    static func run(_ input: [UInt8]) throws {
        let words = String(decoding: input, as: UTF8.self).split(separator: " ", maxSplits: 1).map(String.init)
        guard words.count == 2 else { return }
        let parts = words[1].split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let route = try? Route(method: words[0], path: parts[0]) else { return }
        try promise(route.endpoint.method.rawValue == words[0], "another method than was asked for")
        try promise(route.parameters.values.allSatisfy { !$0.isEmpty }, "a part of the path that is empty")
        for name in route.parameters.keys {
            if let number = try? route.number(name) { try promise(number > 0, "a row that cannot be") }
        }
        _ = try? route.member()
        guard parts.count == 2, let query = try? Query(parts[1], for: route.endpoint) else { return }
        if let limit = try? query.limit(in: 1...200, default: 50) {
            try promise((1...200).contains(limit), "more rows than may be asked for")
        }
        for name in ["before", "after"] {
            if let number = try? query.number(name) { try promise(number >= 0, "a position that cannot be") }
            if let cursor = try? query.cursor(name) { try promise(cursor.unicodeScalars.count <= 256, "a long cursor") }
        }
        _ = try? query.flag("person")
        _ = try? query.filter()
    }
}
