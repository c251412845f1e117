import Foundation
import StaffProtocol

/// JSON as the staff API takes and gives it.
///
/// A field that an operation does not know is refused, also `null` for one that may be left out: a
/// misspelt field would otherwise be a change that silently lacks something.
enum StrictJSON {
    /// Throws `malformed`, naming the field; the message holds nothing of the values.
    static func decode<Value: CheckedBody>(_ type: Value.Type, from body: [UInt8]) throws(APIError) -> Value {
        let data = Data(body)
        let value: Value
        do {
            value = try JSONDecoder().decode(type, from: data)
        } catch let error as DecodingError {
            throw APIError(.malformed, "the body is not as documented: \(reason(error))")
        } catch {
            throw APIError(.malformed, "the body is not JSON")
        }
        try refuseUnknownFields(data, value)
        try value.check()
        return value
    }

    /// Fields in a fixed order.
    static func encode(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(value))
    }

    /// What was sent must not have more fields than what was understood writes out again.
    private static func refuseUnknownFields(_ data: Data, _ value: some Encodable) throws(APIError) {
        let sent: JSONShape
        let understood: JSONShape
        do {
            sent = try JSONDecoder().decode(JSONShape.self, from: data)
            understood = try JSONDecoder().decode(JSONShape.self, from: JSONEncoder().encode(value))
        } catch {
            throw APIError(.malformed, "the body is not JSON")
        }
        if let field = sent.firstField(notIn: understood) {
            throw APIError(
                .malformed,
                "the body has a field that is not known here, or null: '\(field.prefix(60))'; fields without a "
                    + "value are left out")
        }
    }

    private static func reason(_ error: DecodingError) -> String {
        func path(_ context: DecodingError.Context, _ key: (any CodingKey)? = nil) -> String {
            (context.codingPath + (key.map { [$0] } ?? [])).map(\.stringValue).joined(separator: ".")
        }
        return switch error {
        case .keyNotFound(let key, let context): "'\(path(context, key))' is missing"
        case .typeMismatch(_, let context): "'\(path(context))' is of another type"
        case .valueNotFound(_, let context): "'\(path(context))' is null"
        case .dataCorrupted(let context):
            context.codingPath.isEmpty ? "it is not JSON" : "'\(path(context))' has a value that is not allowed"
        @unknown default: "it is not JSON"
        }
    }
}

/// The fields of a JSON text, without the values.
private indirect enum JSONShape: Decodable {
    case object([String: JSONShape])
    case array([JSONShape])
    case leaf

    init(from decoder: any Decoder) throws {
        if let object = try? decoder.container(keyedBy: Name.self) {
            var fields: [String: JSONShape] = [:]
            for name in object.allKeys { fields[name.stringValue] = try object.decode(JSONShape.self, forKey: name) }
            self = .object(fields)
        } else if var array = try? decoder.unkeyedContainer() {
            var elements: [JSONShape] = []
            while !array.isAtEnd { elements.append(try array.decode(JSONShape.self)) }
            self = .array(elements)
        } else {
            self = .leaf
        }
    }

    func firstField(notIn other: JSONShape) -> String? {
        switch (self, other) {
        case (.object(let mine), .object(let theirs)):
            for (name, shape) in mine.sorted(by: { $0.key < $1.key }) {
                guard let match = theirs[name] else { return name }
                if let field = shape.firstField(notIn: match) { return "\(name).\(field)" }
            }
            return nil
        case (.array(let mine), .array(let theirs)):
            for (one, match) in zip(mine, theirs) {
                if let field = one.firstField(notIn: match) { return field }
            }
            return nil
        default: return nil
        }
    }

    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}
