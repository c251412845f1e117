import Foundation

/// What the staff API answers when it does not do what was asked: one form for all.
public struct APIError: Error, Codable, Sendable, Equatable, CustomStringConvertible {
    /// Fixed words, for programs.
    public enum Code: String, Codable, Sendable, CaseIterable {
        /// 400: the request is not of the documented shape.
        case malformed
        /// 401: no session, or one that has ended.
        case unauthenticated
        /// 403: this role, or this member here, may not.
        case forbidden
        /// 403: this reply needs a second person.
        case needsSecondPerson
        /// 404: not there, or not there for this member: the two are not told apart.
        case notFound
        /// 405: there is such a path, but not for this method; the header `Allow` says which it takes.
        case methodNotAllowed
        /// 409: somebody else changed it in between; `current` says how it stands.
        case conflict
        /// 409: the idempotency key was used for another request.
        case keyReused
        /// 413: too long.
        case tooLarge
        /// 422: understood, and refused for the reason given.
        case refused
        /// 422: the contact never wrote encrypted, and whoever sends did not say that it may go in the clear.
        case notEncrypted
        /// 423: the bridge waits for its working key.
        case locked
        /// 429: too many attempts.
        case tooMany
        /// 500
        case internalError
        /// 503: the disk takes nothing, or the daemon is ending.
        case unavailable

        /// The HTTP status.
        public var status: Int {
            switch self {
            case .malformed: 400
            case .unauthenticated: 401
            case .forbidden, .needsSecondPerson: 403
            case .notFound: 404
            case .methodNotAllowed: 405
            case .conflict, .keyReused: 409
            case .tooLarge: 413
            case .refused, .notEncrypted: 422
            case .locked: 423
            case .tooMany: 429
            case .internalError: 500
            case .unavailable: 503
            }
        }
    }

    public var code: Code
    /// For people: what went wrong and what to do. Holds nothing that a contact wrote.
    public var message: String
    /// With `conflict`: the number of the newest item, or who has it now.
    public var current: String?

    public init(_ code: Code, _ message: String, current: String? = nil) {
        self.code = code
        self.message = message
        self.current = current
    }

    public var description: String { message }
}
