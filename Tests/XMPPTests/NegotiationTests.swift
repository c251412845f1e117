import Foundation
import Testing
import XMPP

/// The server's side of SCRAM is not needed: the exchange of RFC 7677 cannot be replayed without
/// its nonce, so these tests go as far as the challenge, and the tests with Prosody go on.
@Suite struct NegotiationTests {
    private func negotiation(_ resumption: StreamManagement.Resumption? = nil) throws -> StreamNegotiation {
        try StreamNegotiation(
            account: try JID("anna@example.org"), password: "secret", resource: "sila", resumption: resumption)
    }

    private func features(_ mechanisms: [String]) -> Element {
        let list = mechanisms.map { Element("mechanism", Namespace.sasl, text: $0) }
        return Element("features", Namespace.stream, children: [Element("mechanisms", Namespace.sasl, children: list)])
    }

    @Test func theBestMechanismIsUsed() throws {
        var negotiation = try negotiation()
        #expect(negotiation.start() == [.openStream])
        let actions = try negotiation.receive(features(["PLAIN", "SCRAM-SHA-1", "SCRAM-SHA-256"]))
        guard case .send(let auth) = actions.first else {
            Issue.record("nothing sent")
            return
        }
        #expect(auth["mechanism"] == "SCRAM-SHA-256")
    }

    @Test func plainAloneIsRefused() throws {
        var negotiation = try negotiation()
        #expect(throws: StreamFailure.authentication(ScramError(.noMechanism))) {
            try negotiation.receive(features(["PLAIN"]))
        }
    }

    @Test func aWrongPasswordIsFatalAndABusyServerIsNot() throws {
        for (condition, isFatal) in [("not-authorized", true), ("temporary-auth-failure", false)] {
            var negotiation = try negotiation()
            _ = try negotiation.receive(features(["SCRAM-SHA-256"]))
            let failure = Element("failure", Namespace.sasl, children: [Element(condition, Namespace.sasl)])
            do {
                _ = try negotiation.receive(failure)
                Issue.record("accepted")
            } catch {
                #expect(error == .refused(condition: condition))
                #expect(error.isFatal == isFatal)
            }
        }
    }

    @Test func successWithoutChallengeIsRefused() throws {
        var negotiation = try negotiation()
        _ = try negotiation.receive(features(["SCRAM-SHA-256"]))
        #expect(throws: StreamFailure.protocolViolation(step: "authentication")) {
            try negotiation.receive(Element("success", Namespace.sasl, text: "dj1BQUFB"))
        }
    }

    @Test func aStreamErrorIsNamed() throws {
        var negotiation = try negotiation()
        let error = Element("error", Namespace.stream, children: [Element("host-unknown", Namespace.streamErrors)])
        #expect(throws: StreamFailure.streamError(condition: "host-unknown")) { try negotiation.receive(error) }
    }

    /// These names go into logs.
    @Test func onlyDefinedConditionsAreTakenOver() throws {
        let long = String(repeating: "x", count: 10_000)
        var negotiation = try negotiation()
        let stream = Element("error", Namespace.stream, children: [Element(long, Namespace.streamErrors)])
        #expect(throws: StreamFailure.streamError(condition: "undefined-condition")) {
            try negotiation.receive(stream)
        }
        _ = try negotiation.receive(features(["SCRAM-SHA-256"]))
        let sasl = Element("failure", Namespace.sasl, children: [Element(long, Namespace.sasl)])
        #expect(throws: StreamFailure.refused(condition: "undefined-condition")) { try negotiation.receive(sasl) }

        func stanza(_ condition: String, _ type: String) -> StanzaError {
            let condition = Element(condition, Namespace.stanzaErrors)
            let error = Element("error", Namespace.client, attributes: [("type", type)], children: [condition])
            return StanzaError(Element("iq", Namespace.client, children: [error]))
        }
        #expect(stanza(long, "wait") == StanzaError(condition: "undefined-condition", type: "wait"))
        #expect(stanza("forbidden", long) == StanzaError(condition: "forbidden", type: "cancel"))
        #expect(stanza("gone", "modify") == StanzaError(condition: "gone", type: "modify"))
    }

    @Test func backoffGrowsAndIsBounded() {
        var backoff = Backoff(first: .seconds(1), limit: .seconds(60))
        let waits = (0..<30).map { _ in backoff.next(random: 0.999_999) }
        #expect(waits[0] <= .seconds(1))
        #expect(waits[3] > .seconds(7))
        #expect(waits.allSatisfy { $0 <= .seconds(60) })
        #expect(backoff.next(random: 0) == .seconds(30))
        backoff.reset()
        #expect(backoff.next(random: 0) == .milliseconds(500))
    }
}
