/// What happens on the stream, in order.
public enum ClientEvent: Sendable {
    /// The stream is up. `resumed`: it is the old one, nothing was lost, and what was not
    /// acknowledged has been sent again.
    case online(resumed: Bool)
    /// Before `online`: how it went with the stream that was kept from an earlier run. Resumed, nothing of
    /// ours leaves until `XMPPClient.goOn`.
    case restored(Restoration)
    /// A message or presence. The number is for `XMPPClient.committed`.
    case stanza(Element, number: UInt64)
    /// The server has taken these.
    case confirmed([StreamManagement.Token])
    /// The old stream is lost, and with it the fate of these.
    case unsettled([StreamManagement.Token])
    /// The connection ended or could not be made; another attempt follows.
    case offline(StreamFailure)
}

/// A call that needs the stream while there is none, or whose answer did not come.
public enum ClientError: String, Error, Hashable, Sendable, CustomStringConvertible {
    case offline
    /// The deadline passed without an answer.
    case noAnswer = "no-answer"
    /// `run` was called a second time.
    case alreadyRunning = "already-running"

    public var description: String {
        switch self {
        case .offline: "There is no connection to the server; it is being restored."
        case .noAnswer: "The server did not answer in time."
        case .alreadyRunning: "This client runs already; each runs once."
        }
    }
}
