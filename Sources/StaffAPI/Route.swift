import Foundation
import Sealing
import StaffProtocol

/// What a request's method and path ask for.
struct Route: Sendable, Equatable {
    let endpoint: Endpoint
    /// What stands for each `{…}` of the endpoint's path.
    let parameters: [String: String]

    /// Throws `notFound` or `methodNotAllowed`; with the latter the methods that the path takes.
    init(method: String, path: String) throws(RouteError) {
        guard let segments = Self.segments(path) else { throw RouteError(.notFound) }
        var methods: [String] = []
        for template in Self.templates {
            guard let parameters = template.match(segments) else { continue }
            if template.endpoint.method.rawValue == method {
                endpoint = template.endpoint
                self.parameters = parameters
                return
            }
            methods.append(template.endpoint.method.rawValue)
        }
        throw methods.isEmpty ? RouteError(.notFound) : RouteError(.methodNotAllowed, allowed: methods.sorted())
    }

    /// A row number of the path. Throws `malformed` when it is none.
    func number(_ name: String) throws(APIError) -> Int64 {
        guard let number = parameters[name].flatMap(Decimal.positive) else {
            throw APIError(.malformed, "'\(name)' in the path must be a number above 0")
        }
        return number
    }

    /// The member of the path. Throws `malformed` when it is no short name.
    func member() throws(APIError) -> MemberID {
        guard let member = parameters["member"].flatMap(MemberID.init(rawValue:)) else {
            throw APIError(.malformed, "'member' in the path must be a short name: lower-case letters, digits, hyphens")
        }
        return member
    }

    /// The decoded segments; `nil` when the path does not begin with `/` or holds broken escapes.
    private static func segments(_ path: String) -> [String]? {
        guard path.hasPrefix("/") else { return nil }
        var segments: [String] = []
        for part in path.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            guard let segment = part.withoutPercentEncoding else { return nil }
            segments.append(segment)
        }
        return segments
    }

    /// Fixed paths before those with parameters, so that `/staff/changes` is not a member's.
    private static let templates = Endpoint.allCases.map(Template.init).sorted {
        $0.parameterCount < $1.parameterCount
    }

    private struct Template: Sendable {
        let endpoint: Endpoint
        let segments: [String]

        init(_ endpoint: Endpoint) {
            self.endpoint = endpoint
            segments = endpoint.path.dropFirst().split(separator: "/").map(String.init)
        }

        var parameterCount: Int { segments.count { $0.hasPrefix("{") } }

        func match(_ path: [String]) -> [String: String]? {
            guard path.count == segments.count else { return nil }
            var parameters: [String: String] = [:]
            for (segment, found) in zip(segments, path) {
                if segment.hasPrefix("{") {
                    guard !found.isEmpty else { return nil }
                    parameters[String(segment.dropFirst().dropLast())] = found
                } else if segment != found {
                    return nil
                }
            }
            return parameters
        }
    }
}

/// There is no such path, or not for this method.
struct RouteError: Error, Equatable {
    let error: APIError
    /// Methods that the path takes.
    let allowed: [String]

    init(_ code: APIError.Code, allowed: [String] = []) {
        self.allowed = allowed
        error =
            allowed.isEmpty
            ? APIError(code, "the staff API has no such path")
            : APIError(code, "this path takes \(allowed.joined(separator: ", "))")
    }
}

extension StringProtocol {
    /// Foundation's own takes a microsecond for each word, and hardly any has an escape.
    var withoutPercentEncoding: String? {
        utf8.contains(UInt8(ascii: "%")) ? String(self).removingPercentEncoding : String(self)
    }
}

/// Numbers as they stand in paths, queries and headers: ASCII digits only.
enum Decimal {
    static func natural(_ text: some StringProtocol) -> Int64? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int64(text)
    }

    static func positive(_ text: some StringProtocol) -> Int64? { natural(text).flatMap { $0 > 0 ? $0 : nil } }
}
