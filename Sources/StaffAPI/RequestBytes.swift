import Foundation
import HTTPTypes
import HummingbirdCore
import NIOCore
import StaffProtocol

/// Reads the body of a request, never more than the operation takes.
enum RequestBytes {
    /// Whether anything comes after the head (RFC 9112 §6.3).
    static func hasBody(_ request: Request) -> Bool {
        request.headers[.contentLength] != nil || request.headers[.transferEncoding] != nil
    }

    /// Throws `tooLarge`, or `malformed` for a body where none belongs or one of another media type.
    static func read(_ request: Request, for endpoint: Endpoint) async throws -> [UInt8] {
        let limit = endpoint.bodyLimit
        if limit > 0 {
            let type = request.headers[.contentType]?.split(separator: ";").first.map(String.init) ?? ""
            guard type.trimmingCharacters(in: .whitespaces).lowercased() == endpoint.bodyType else {
                throw APIError(.malformed, "the body must be declared: Content-Type: \(endpoint.bodyType)")
            }
        }
        // An empty object where no body belongs is let through: some clients cannot send nothing.
        let most = limit > 0 ? limit : 16
        let tooLarge =
            limit > 0
            ? APIError(.tooLarge, "the body of \(endpoint.rawValue) may have \(limit) bytes")
            : APIError(.malformed, "\(endpoint.rawValue) takes no body")
        if let declared = request.headers[.contentLength].flatMap({ Decimal.natural($0) }), declared > most {
            throw tooLarge
        }
        var body: [UInt8] = []
        do {
            for try await part in request.body {
                guard body.count + part.readableBytes <= most else { throw tooLarge }
                body.append(contentsOf: part.readableBytesView)
            }
        } catch let error as APIError {
            throw error
        } catch {
            throw APIError(.malformed, "the body did not come whole")
        }
        if limit == 0 {
            let text = String(decoding: body, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
            guard text.isEmpty || text == "{}" else { throw tooLarge }
            return []
        }
        return body
    }
}

extension HTTPFields {
    /// The value of a header by its name, in any case.
    func value(_ name: String) -> String? { HTTPField.Name(name).flatMap { self[$0] } }
}
