/// How a message is encrypted, for clients that cannot read it (XEP-0380).
public enum ExplicitEncryption {
    public static func element(namespace: String, name: String) -> Element {
        Element("encryption", Namespace.encryption, attributes: [("namespace", namespace), ("name", name)])
    }

    /// The namespace of the encryption that a message names.
    public static func namespace(of message: Element) -> String? {
        message.first("encryption", Namespace.encryption)?["namespace"]
    }
}
