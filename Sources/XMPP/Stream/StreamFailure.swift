/// Why a stream could not be set up, or ended. Holds no address and no password.
public enum StreamFailure: Error, Hashable, Sendable, CustomStringConvertible {
    case transport(TransportError)
    case xml(XMLError)
    case authentication(ScramError)
    /// SASL `<failure/>` with its condition (RFC 6120 §6.5).
    case refused(condition: String)
    /// `<stream:error/>` with its condition (RFC 6120 §4.9.3).
    case streamError(condition: String)
    /// The server closed the stream, or the connection.
    case ended
    /// The server did not answer in time; the step says where.
    case silent(step: String)
    /// The server sent something that does not belong there.
    case protocolViolation(step: String)
    /// The server lacks something that we need; the text names it.
    case missingFeature(String)
    /// Binding our resource failed (RFC 6120 §7).
    case bind(StanzaError)

    /// Whether trying again with the same settings makes no sense: a person must look.
    public var isFatal: Bool {
        switch self {
        case .transport(let error): !error.isTemporary
        case .authentication(let error): error.kind != .library
        case .refused(let condition): condition != "temporary-auth-failure" && condition != "aborted"
        case .streamError(let condition): condition == "host-unknown"
        case .xml, .ended, .silent, .protocolViolation, .missingFeature, .bind: false
        }
    }

    public var description: String {
        switch self {
        case .transport(let error): return error.description
        case .xml(let error): return error.description
        case .authentication(let error): return error.description
        case .refused("not-authorized"), .refused("credentials-expired"):
            return "The server refused the login. Check account name and password."
        case .refused(let condition): return "The server refused the login (\(condition)). Ask its administrator."
        case .streamError("conflict"):
            return "Another program logged in with the same account and resource. Stop it, or give it another resource."
        case .streamError("host-unknown"):
            return "The server does not serve this domain. Check the account's domain and the host."
        case .streamError(let condition): return "The server ended the stream (\(condition))."
        case .ended: return "The server closed the connection."
        case .silent(let step): return "The server did not answer in time (\(step))."
        case .protocolViolation(let step): return "The server broke the protocol (\(step)). Check its software."
        case .missingFeature(let name): return "The server does not offer \(name). Enable it there."
        case .bind(let error): return "The server did not accept our resource. \(error.description)"
        }
    }
}
