import Foundation
import HTTPTypes
import HummingbirdCore
import NIOCore
import StaffProtocol

/// How answers look on the wire.
enum ResponseForm {
    static let json = "application/json"

    static func success(_ answer: Answer) -> Response {
        switch answer {
        case .json(let bytes):
            Response(status: .ok, headers: headers(json), body: body(bytes))
        case .stream(let contentType, let body):
            Response(status: .ok, headers: headers(contentType), body: body)
        }
    }

    /// - Parameter allowed: with `methodNotAllowed`, what the path takes.
    static func failure(_ error: APIError, allowed: [String] = []) -> Response {
        var headers = headers(json)
        switch error.code {
        case .unauthenticated: headers[.wwwAuthenticate] = "Bearer realm=\"sila\""
        case .methodNotAllowed: headers[.allow] = allowed.joined(separator: ", ")
        case .tooMany: headers[.retryAfter] = "60"
        case .unavailable: headers[.retryAfter] = "5"
        // What is left of the body is not worth reading: the client is to begin anew.
        case .tooLarge: headers[.connection] = "close"
        default: break
        }
        // An error of three strings is always encodable; an empty body would still carry the status.
        let bytes = (try? StrictJSON.encode(error)) ?? []
        return Response(
            status: HTTPResponse.Status(code: error.code.status), headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    /// A long one in pieces.
    private static func body(_ bytes: [UInt8]) -> ResponseBody {
        guard bytes.count > Limits.piece else { return ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)) }
        return ResponseBody(contentLength: bytes.count) { writer in
            var rest = bytes[...]
            while !rest.isEmpty {
                try await writer.write(ByteBuffer(bytes: rest.prefix(Limits.piece)))
                rest = rest.dropFirst(Limits.piece)
            }
            try await writer.finish(nil)
        }
    }

    private static func headers(_ contentType: String) -> HTTPFields {
        [.contentType: contentType, .cacheControl: "no-store"]
    }
}
