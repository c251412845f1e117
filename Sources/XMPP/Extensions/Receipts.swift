/// Message delivery receipts (XEP-0184).
public enum Receipt {
    /// Asks for one.
    public static let request = Element("request", Namespace.receipts)

    /// Whether the sender wants one.
    public static func isRequested(by message: Element) -> Bool {
        message.first("request", Namespace.receipts) != nil && message["type"] != "error" && message["id"] != nil
    }

    /// The receipt for a message; `nil` when the message asked for none.
    /// - Parameter to: the full address that sent it.
    public static func answer(to message: Element) -> Element? {
        guard isRequested(by: message), let id = message["id"], let to = message["from"] else { return nil }
        return receipt(for: id, to: to)
    }

    public static func receipt(for id: String, to: String) -> Element {
        // A receipt asks for none, and is not to be archived as a message of its own (§5.5).
        Element(
            "message", Namespace.client, attributes: [("type", "chat"), ("to", to)],
            children: [
                Element("received", Namespace.receipts, attributes: [("id", id)]), Hint.store.element,
            ])
    }

    /// The id of our message that this one confirms.
    public static func confirmed(by message: Element) -> String? {
        message.first("received", Namespace.receipts)?["id"]
    }
}
