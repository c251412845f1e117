/// The names that RFC 6120 defines for errors. What the other side writes there goes into logs and
/// into our own stanzas: anything else is passed on as `undefined-condition`, never as it came.
enum DefinedConditions {
    static let undefined = "undefined-condition"

    /// RFC 6120 §8.3.3.
    static let stanza: Set<String> = [
        "bad-request", "conflict", "feature-not-implemented", "forbidden", "gone", "internal-server-error",
        "item-not-found", "jid-malformed", "not-acceptable", "not-allowed", "not-authorized", "policy-violation",
        "recipient-unavailable", "redirect", "registration-required", "remote-server-not-found",
        "remote-server-timeout", "resource-constraint", "service-unavailable", "subscription-required", undefined,
        "unexpected-request",
    ]

    /// RFC 6120 §4.9.3.
    static let stream: Set<String> = [
        "bad-format", "bad-namespace-prefix", "conflict", "connection-timeout", "host-gone", "host-unknown",
        "improper-addressing", "internal-server-error", "invalid-from", "invalid-namespace", "invalid-xml",
        "not-authorized", "not-well-formed", "policy-violation", "remote-connection-failed", "reset",
        "resource-constraint", "restricted-xml", "see-other-host", "system-shutdown", undefined,
        "unsupported-encoding", "unsupported-feature", "unsupported-stanza-type", "unsupported-version",
    ]

    /// RFC 6120 §6.5.
    static let sasl: Set<String> = [
        "aborted", "account-disabled", "credentials-expired", "encryption-required", "incorrect-encoding",
        "invalid-authzid", "invalid-mechanism", "malformed-request", "mechanism-too-weak", "not-authorized",
        "temporary-auth-failure",
    ]

    /// RFC 6120 §8.3.2.
    static let types: Set<String> = ["auth", "cancel", "continue", "modify", "wait"]

    /// The condition in an error element: its first child of `namespace` with a name in `defined`.
    static func condition(in error: Element?, _ namespace: String, of defined: Set<String>) -> String {
        error?.children.first { $0.namespace == namespace && defined.contains($0.name) }?.name ?? undefined
    }
}
