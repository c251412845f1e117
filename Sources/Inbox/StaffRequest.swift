import Foundation
import HTTPClient
import StaffProtocol

/// One request of the staff API before it has a session.
struct StaffRequest: Sendable {
    var endpoint: Endpoint
    /// What stands for each `{…}` of the path.
    var parameters: [String: String] = [:]
    var query: [(name: String, value: String)] = []
    var body: [UInt8]?
    /// Asking again with the same key does nothing twice.
    var key: IdempotencyKey?
    var lastEventID: Int64?
    var contentType = "application/json"

    init(_ endpoint: Endpoint, _ parameters: [String: String] = [:]) {
        self.endpoint = endpoint
        self.parameters = parameters
    }

    /// With a body in JSON, and a new idempotency key where one is needed.
    init(_ endpoint: Endpoint, _ parameters: [String: String] = [:], _ body: some Encodable, key: IdempotencyKey? = nil)
        throws
    {
        self.init(endpoint, parameters)
        self.body = try Self.encode(body)
        self.key = key ?? (endpoint.needsIdempotencyKey ? .random() : nil)
    }

    /// Fields in a fixed order: the same value gives the same bytes, and so the same request.
    static func encode(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(value))
    }

    /// Whether asking again after a lost connection changes nothing more.
    var isRepeatable: Bool { endpoint.method == .get || key != nil }

    func http(token: String?) -> HTTPRequest {
        var path = endpoint.path
        for (name, value) in parameters {
            path = path.replacingOccurrences(of: "{\(name)}", with: Self.escape(value))
        }
        let items = query.map { "\($0.name)=\(Self.escape($0.value))" }
        if !items.isEmpty { path += "?" + items.joined(separator: "&") }
        var headers: [(name: String, value: String)] = []
        if let token { headers.append(("Authorization", "Bearer \(token)")) }
        if let key { headers.append((IdempotencyKey.header, key.rawValue)) }
        if let lastEventID { headers.append(("Last-Event-ID", "\(lastEventID)")) }
        if body != nil { headers.append(("Content-Type", contentType)) }
        return HTTPRequest(method, path, headers: headers, body: body)
    }

    private var method: HTTPRequest.Method {
        switch endpoint.method {
        case .get: .get
        case .post: .post
        case .put: .put
        case .delete: .delete
        }
    }

    /// RFC 3986 §2.3: all but unreserved characters.
    private static func escape(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF")
        return text.utf8.reduce(into: "") { result, byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x5f, 0x7e:
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default: result += "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
            }
        }
    }
}
