import DeploymentConfiguration
import Foundation
import XMPP

extension ClientConfiguration {
    /// The connection a deployment's configuration asks for.
    ///
    /// - Throws: `ConfigurationError` when the password file cannot be read, `DaemonError` for an
    ///   address that is none.
    init(_ xmpp: SilaConfiguration.XMPP) throws {
        let account: JID
        do {
            account = try JID(xmpp.jid)
        } catch {
            throw DaemonError(.configuration, "xmpp.jid: \(error)")
        }
        if let file = xmpp.tls.caFile, !FileManager.default.isReadableFile(atPath: file) {
            throw DaemonError(.configuration, "xmpp.tls.ca-file: \(file) does not exist or cannot be read")
        }
        let host = xmpp.host
        var transport = TransportOptions(host: account.domain, port: xmpp.port, trust: .init(xmpp.tls))
        // The certificate is checked against the domain of the account, wherever it is reached.
        if host != account.domain { transport.connectTo = .init(host: host, port: xmpp.port) }
        transport.proxy = xmpp.proxy.map { .init(host: $0.host, port: $0.port) }
        self.init(
            account: account, password: try SecretFile.read(xmpp.passwordFile), resource: xmpp.resource,
            transport: transport)
    }
}

extension SilaConfiguration.XMPP {
    /// The server as errors and the log name it: `server host:port`, and the proxy if there is one.
    var serverName: String {
        let address = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        return "server \(address)" + (proxy.map { " through \($0)" } ?? "")
    }
}

extension TransportOptions.Trust {
    init(_ tls: SilaConfiguration.TLS) {
        switch (tls.pin, tls.caFile) {
        case (let pin?, let file?): self = .pinnedAndAuthority(pin: pin, file: file)
        case (let pin?, nil): self = .pinned(pin)
        case (nil, let file?): self = .authority(file: file)
        case (nil, nil): self = .system
        }
    }
}
