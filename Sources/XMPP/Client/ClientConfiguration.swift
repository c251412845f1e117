/// What an `XMPPClient` needs. Printing it shows nothing of it.
public struct ClientConfiguration: Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    /// The bare address of the account.
    public var account: JID
    public var password: String
    /// Always the same for one program, so that a new connection replaces a dead one.
    public var resource: String
    public var transport: TransportOptions
    /// For name, connection and TLS together.
    public var connectDeadline = Duration.seconds(20)
    /// For each answer while the stream is set up.
    public var stepDeadline = Duration.seconds(15)
    /// After this long without a byte from the server it is pinged (XEP-0199).
    public var pingInterval = Duration.seconds(60)
    /// A ping without an answer for this long ends the connection.
    public var pingDeadline = Duration.seconds(15)
    /// The owner keeps the stream for the next run: when told to end, it is left open at the server, and the
    /// server is told no more than what is written down (`XMPPClient.wroteDown`).
    public var leavesStreamResumable = false
    /// A resumed stream on which the server answers nothing, and is silent, for this long is given up.
    public var proofDeadline = Duration.seconds(5)
    public var limits = XMLLimits()
    public var backoff = Backoff()
    /// What an inquiry about us is told (XEP-0030).
    public var identity = EntityIdentity()

    public init(account: JID, password: String, resource: String, transport: TransportOptions) {
        self.account = account.bare
        self.password = password
        self.resource = resource
        self.transport = transport
    }

    public var description: String { "<XMPP configuration>" }
    public var debugDescription: String { description }
}
