import Foundation

/// From the open connection to the bound stream: features, SASL, resume or bind, stream management
/// (RFC 6120 §4.3, §6, §7; XEP-0198). A value: takes what came, says what to do.
public struct StreamNegotiation: Sendable {
    /// What to do next, in order.
    public enum Action: Hashable, Sendable {
        /// Open a stream, with a new parser.
        case openStream
        case send(Element)
        case established(Outcome)
    }

    /// How it ended.
    public struct Outcome: Hashable, Sendable {
        /// The full address the server gave us.
        public let jid: JID
        /// `<resumed/>`: the server's `h`.
        public var resumedH: UInt32?
        /// A resumption was tried and failed.
        public var resumptionFailed = false
        /// `h` in `<failed/>`, if the server knew it.
        public var failedH: UInt32?
        /// For the next resumption; `nil` when the server does not offer it, or this was one.
        public var resumptionID: String?
    }

    private enum Step: Sendable {
        case features, challenge(ScramClient), success(ScramClient), boundFeatures, resumed, bound, enabled, done
    }

    private let account: JID
    private let resource: String
    private let password: String
    private let resumption: StreamManagement.Resumption?
    private var step = Step.features
    private var outcome: Outcome

    /// - Parameters:
    ///   - account: the bare address.
    ///   - resource: asked for; always the same one, so that a new connection replaces a dead one.
    ///   - resumption: of the stream before, if there was one.
    public init(
        account: JID, password: String, resource: String, resumption: StreamManagement.Resumption? = nil
    ) throws(JID.Failure) {
        self.account = account.bare
        self.password = password
        self.resource = resource
        self.resumption = resumption
        outcome = Outcome(jid: try JID(local: account.local, domain: account.domain, resource: resource))
    }

    /// Where it stands, for errors.
    public var stepName: String {
        switch step {
        case .features: "stream features"
        case .challenge, .success: "authentication"
        case .boundFeatures: "stream features after authentication"
        case .resumed: "resumption"
        case .bound: "resource binding"
        case .enabled: "stream management"
        case .done: "established"
        }
    }

    public func start() -> [Action] { [.openStream] }

    /// Takes a child of the stream.
    public mutating func receive(_ element: Element) throws(StreamFailure) -> [Action] {
        if element.name == "error", element.namespace == Namespace.stream { throw StreamFailure(streamError: element) }
        switch step {
        case .features: return try authenticate(try features(element))
        case .challenge(let scram): return try challenge(element, scram)
        case .success(let scram): return try success(element, scram)
        case .boundFeatures: return try afterAuthentication(try features(element))
        case .resumed: return try resumed(element)
        case .bound: return try bound(element)
        case .enabled: return try enabled(element)
        case .done: throw violation
        }
    }

    private var violation: StreamFailure { .protocolViolation(step: stepName) }

    private func features(_ element: Element) throws(StreamFailure) -> Element {
        guard element.name == "features", element.namespace == Namespace.stream else { throw violation }
        return element
    }

    private mutating func authenticate(_ features: Element) throws(StreamFailure) -> [Action] {
        let mechanisms = features.first("mechanisms", Namespace.sasl)?.all("mechanism", Namespace.sasl).map(\.text)
        guard let mechanism = ScramMechanism.best(of: mechanisms ?? []), let user = account.local else {
            throw .authentication(ScramError(.noMechanism))
        }
        var scram = ScramClient(mechanism: mechanism, username: user, password: password)
        let first = scram.first()
        step = .challenge(scram)
        return [
            .send(
                Element(
                    "auth", Namespace.sasl, attributes: [("mechanism", mechanism.rawValue)],
                    text: Data(first).base64EncodedString()))
        ]
    }

    private func sasl(_ element: Element, _ expected: String) throws(StreamFailure) -> [UInt8] {
        guard element.namespace == Namespace.sasl else { throw violation }
        if element.name == "failure" {
            throw .refused(
                condition: DefinedConditions.condition(in: element, Namespace.sasl, of: DefinedConditions.sasl))
        }
        guard element.name == expected, let data = Data(base64Encoded: element.text) else { throw violation }
        return Array(data)
    }

    private mutating func challenge(_ element: Element, _ client: ScramClient) throws(StreamFailure) -> [Action] {
        var scram = client
        let challenge = try sasl(element, "challenge")
        let response: [UInt8]
        do { response = try scram.respond(to: challenge) } catch { throw .authentication(error) }
        step = .success(scram)
        return [.send(Element("response", Namespace.sasl, text: Data(response).base64EncodedString()))]
    }

    private mutating func success(_ element: Element, _ client: ScramClient) throws(StreamFailure) -> [Action] {
        var scram = client
        let data = try sasl(element, "success")
        do { try scram.verify(data) } catch { throw .authentication(error) }
        step = .boundFeatures
        return [.openStream]
    }

    private mutating func afterAuthentication(_ features: Element) throws(StreamFailure) -> [Action] {
        // Without it nobody could say which of our messages the server has taken.
        guard features.first("sm", Namespace.streamManagement) != nil else { throw Self.noManagement }
        guard let resumption else { return bind() }
        step = .resumed
        return [.send(SMElement.resume(resumption))]
    }

    private mutating func bind() -> [Action] {
        step = .bound
        let request = Element(
            "bind", Namespace.bind, children: [Element("resource", Namespace.bind, text: resource)])
        return [
            .send(Element("iq", Namespace.client, attributes: [("type", "set"), ("id", "bind")], children: [request]))
        ]
    }

    private mutating func resumed(_ element: Element) throws(StreamFailure) -> [Action] {
        guard element.namespace == Namespace.streamManagement else { throw violation }
        switch element.name {
        case "resumed":
            guard let h = SMElement.h(element) else { throw violation }
            outcome.resumedH = h
            step = .done
            return [.established(outcome)]
        case "failed":
            outcome.resumptionFailed = true
            outcome.failedH = SMElement.h(element)
            return bind()
        default: throw violation
        }
    }

    private mutating func bound(_ element: Element) throws(StreamFailure) -> [Action] {
        if isEarlyStanza(element) { return [] }
        guard element.name == "iq" else { throw violation }
        if element["type"] == "error" { throw .bind(StanzaError(element)) }
        guard let text = element.first("bind", Namespace.bind)?.first("jid", Namespace.bind)?.text,
            let jid = try? JID(text), jid.bare == account
        else { throw violation }
        outcome = Outcome(jid: jid, resumptionFailed: outcome.resumptionFailed, failedH: outcome.failedH)
        step = .enabled
        return [.send(SMElement.enable)]
    }

    private mutating func enabled(_ element: Element) throws(StreamFailure) -> [Action] {
        if isEarlyStanza(element) { return [] }
        guard element.namespace == Namespace.streamManagement else { throw violation }
        guard element.name == "enabled" else { throw Self.noManagement }
        if element["resume"] == "true" || element["resume"] == "1" { outcome.resumptionID = element["id"] }
        step = .done
        return [.established(outcome)]
    }

    private static let noManagement = StreamFailure.missingFeature("stream management (XEP-0198)")

    /// A stanza before stream management counts. Messages are not sent to us before our presence,
    /// and what comes is in the archive: passed over.
    private func isEarlyStanza(_ element: Element) -> Bool {
        element.namespace == Namespace.client && !(element.name == "iq" && element["id"] == "bind")
    }
}

extension StreamFailure {
    /// Reads `<stream:error/>`.
    init(streamError element: Element) {
        self = .streamError(
            condition: DefinedConditions.condition(
                in: element, Namespace.streamErrors, of: DefinedConditions.stream))
    }
}
