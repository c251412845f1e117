/// Copies of messages that another client of the account sent or received (XEP-0280).
///
/// We switch them on nowhere, so none should come. One from anybody but our own account is a
/// forgery (§11).
public enum Carbon {
    public static func isCarbon(_ message: Element) -> Bool {
        message.children.contains {
            $0.namespace == Namespace.carbons && ($0.name == "received" || $0.name == "sent")
        }
    }

    /// The message inside, when the copy comes from our own account; else `nil`.
    public static func forwarded(in message: Element, account: JID) -> Element? {
        guard message["from"].flatMap({ try? JID($0) }) == account.bare else { return nil }
        return message.children.first { $0.namespace == Namespace.carbons }?
            .first("forwarded", Namespace.forward)?.first("message", Namespace.client)
    }
}
