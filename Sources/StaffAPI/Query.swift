import Foundation
import StaffProtocol

/// The query of a request. A name that the operation does not know, or one given twice, is refused:
/// a slip of the pen must not silently give another answer.
struct Query: Sendable, Equatable {
    private let values: [String: String]

    /// Throws `malformed`.
    init(_ text: String, for endpoint: Endpoint) throws(APIError) {
        var values: [String: String] = [:]
        for pair in text.split(separator: "&", omittingEmptySubsequences: true) {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard let name = parts[0].withoutPercentEncoding,
                let value = (parts.count == 2 ? parts[1] : "").withoutPercentEncoding
            else { throw APIError(.malformed, "the query holds a broken percent escape") }
            guard endpoint.queryNames.contains(name) else {
                let known = endpoint.queryNames.sorted().joined(separator: ", ")
                throw APIError(
                    .malformed,
                    known.isEmpty
                        ? "\(endpoint.rawValue) takes no query"
                        : "the query of \(endpoint.rawValue) takes only: \(known)")
            }
            guard values.updateValue(value, forKey: name) == nil else {
                throw APIError(.malformed, "'\(name)' stands twice in the query")
            }
        }
        self.values = values
    }

    /// A number of rows. Throws `malformed` when it is outside of `range`.
    func limit(in range: ClosedRange<Int>, default standard: Int) throws(APIError) -> Int {
        guard let text = values["limit"] else { return standard }
        guard let number = Decimal.natural(text), let limit = Int(exactly: number), range.contains(limit) else {
            throw APIError(.malformed, "'limit' must be a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return limit
    }

    /// A position or row number, 0 if not given. Throws `malformed`.
    func number(_ name: String) throws(APIError) -> Int64 {
        guard let text = values[name] else { return 0 }
        guard let number = Decimal.natural(text) else {
            throw APIError(.malformed, "'\(name)' must be a number, 0 or above")
        }
        return number
    }

    /// What a page gave to ask for the next one; empty if not given. Throws `malformed`.
    func cursor(_ name: String) throws(APIError) -> String {
        let text = values[name] ?? ""
        guard text.unicodeScalars.count <= Limits.cursor else {
            throw APIError(.malformed, "'\(name)' is not what a page gave")
        }
        return text
    }

    /// `true` or `false`; false if not given. Throws `malformed`.
    func flag(_ name: String) throws(APIError) -> Bool {
        switch values[name] {
        case nil, "false": return false
        case "true": return true
        default: throw APIError(.malformed, "'\(name)' must be true or false")
        }
    }

    /// Throws `malformed`.
    func filter() throws(APIError) -> InboxFilter {
        guard let text = values["filter"] else { return .waiting }
        guard let filter = InboxFilter(rawValue: text) else {
            let known = InboxFilter.allCases.map(\.rawValue).joined(separator: ", ")
            throw APIError(.malformed, "'filter' must be one of: \(known)")
        }
        return filter
    }
}
