import Bridge
import Messaging
import XMPP

/// Whether the server can be known with the certificate settings of the configuration.
///
/// A link tries again after a certificate that is not trusted: one that has expired is renewed
/// without us, and a network may stand between us and the server for an hour. Before the link was
/// ever online in this run it is far more likely a fault of the configuration, which no trying
/// again mends; then the daemon ends and says so. (A wrong pin ends it at any time: that is never
/// mended without a person.)
struct FirstConnection {
    /// For name, connection and TLS together.
    private static let deadline = Duration.seconds(10)

    let options: TransportOptions
    /// The server as errors name it.
    let server: String

    /// Looks at the certificate each time the link could not connect. Returns when the link is
    /// online, or the events end.
    ///
    /// - Throws: `DaemonError` when the server's certificate is not trusted or is for another name;
    ///   `CancellationError`.
    func watch(_ events: AsyncStream<BridgeEvent>) async throws {
        for await event in events {
            switch event {
            case .online: return
            case .offline: try await look()
            }
        }
    }

    /// A connection of its own: the event tells people why, not programs.
    private func look() async throws {
        let transport = CurlTransport(options)
        do {
            try await transport.connect(deadline: Self.deadline)
        } catch let error as TransportError where [.certificate, .hostName].contains(error.kind) {
            throw DaemonError(
                .refused, "\(error.reason) (\(server); keys xmpp.host and xmpp.tls)")
        } catch is TransportError {
            // Not reachable: the link says so and tries again.
        }
        await transport.close()
    }
}
