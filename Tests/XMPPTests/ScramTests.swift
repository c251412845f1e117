import Testing
import XMPP

private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

@Suite struct ScramTests {
    /// RFC 5802 §5 and RFC 7677 §3.
    private static let vectors = [
        (
            ScramMechanism.sha1, "fyko+d2lbbFgONRv9qkxdawL",
            "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
            "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
            "v=rmF9pqV8S7suAoZWja4dJRkFsKQ="
        ),
        (
            .sha256, "rOprNGfwEbeRWgbNEkqO",
            "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
            "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
                + "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
            "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="
        ),
    ]

    @Test(arguments: vectors)
    func publishedExchange(
        _ mechanism: ScramMechanism, _ nonce: String, _ challenge: String, _ response: String, _ success: String
    ) throws {
        var client = ScramClient(mechanism: mechanism, username: "user", password: "pencil", nonce: nonce)
        let first = client.first()
        #expect(first == bytes("n,,n=user,r=\(nonce)"))
        let answer = try client.respond(to: bytes(challenge))
        #expect(answer == bytes(response))
        let other = client
        try client.verify(bytes(success))
        #expect(throws: ScramError(.badServerSignature)) {
            var other = other
            try other.verify(bytes("v=" + String(repeating: "A", count: success.count - 3) + "="))
        }
    }

    @Test(arguments: [
        ("r=other,s=QSXCR+Q6sek8bf92,i=4096", ScramError.Kind.badNonce), ("r=abc,s=QSXC,i=4096", .badNonce),
        ("r=abcd,s=QSXCR+Q6sek8bf92,i=4095", .badIterations), ("r=abcd,s=QSXCR+Q6sek8bf92,i=1000001", .badIterations),
        ("r=abcd,s=QSXCR+Q6sek8bf92,i=-1", .badIterations), ("r=abcd,s=QSXCR+Q6sek8bf92,i=x", .malformed),
        ("r=abcd,s=,i=4096", .malformed), ("r=abcd,s=!,i=4096", .malformed), ("m=x,r=abcd,s=QSXC,i=4096", .malformed),
        ("", .malformed), ("r=abcd", .malformed), ("hello", .malformed),
    ])
    func badChallengesAreNamed(_ challenge: String, _ kind: ScramError.Kind) {
        var client = ScramClient(mechanism: .sha256, username: "user", password: "pencil", nonce: "abc")
        _ = client.first()
        #expect(throws: ScramError(kind)) { try client.respond(to: bytes(challenge)) }
    }

    @Test func theServersRefusalIsNamed() throws {
        var client = ScramClient(mechanism: .sha256, username: "user", password: "pencil", nonce: "abc")
        _ = client.first()
        _ = try client.respond(to: bytes("r=abcd,s=QSXCR+Q6sek8bf92,i=4096"))
        #expect(throws: ScramError(.refused)) { try client.verify(bytes("e=invalid-proof")) }
    }

    @Test func successWithoutProofIsRefused() throws {
        var client = ScramClient(mechanism: .sha256, username: "user", password: "pencil", nonce: "abc")
        _ = client.first()
        #expect(throws: ScramError(.unexpected)) { try client.verify(bytes("v=AAAA")) }
    }

    @Test func namesAreEscaped() {
        var client = ScramClient(mechanism: .sha256, username: "a=b,c", password: "p", nonce: "n")
        let first = client.first()
        #expect(first == bytes("n,,n=a=3Db=2Cc,r=n"))
    }

    @Test func theBestMechanismIsTakenAndNeverPlain() {
        #expect(ScramMechanism.best(of: ["PLAIN", "SCRAM-SHA-1", "SCRAM-SHA-256"]) == .sha256)
        #expect(ScramMechanism.best(of: ["SCRAM-SHA-1", "PLAIN"]) == .sha1)
        #expect(ScramMechanism.best(of: ["PLAIN", "SCRAM-SHA-256-PLUS", "DIGEST-MD5"]) == nil)
    }

    @Test func noncesDiffer() {
        #expect(ScramClient.randomNonce() != ScramClient.randomNonce())
        #expect(!ScramClient.randomNonce().contains(","))
    }
}
