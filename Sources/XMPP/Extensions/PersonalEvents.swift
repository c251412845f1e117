/// Personal eventing (XEP-0163 over XEP-0060): nodes of an account.
public struct PersonalItem: Hashable, Sendable {
    public let id: String?
    /// The item's payload.
    public let payload: Element
}

extension XMPPClient {
    /// Publishes an item on our own account, readable for everybody (XEP-0060 §7.1.5): OMEMO needs
    /// that people who do not know us can fetch it.
    ///
    /// When the node exists with other settings, these are changed, and it is published again.
    /// - Throws: `StanzaError`, `ClientError`.
    public func publish(
        _ payload: Element, node: String, item: String = "current", deadline: Duration = .seconds(30)
    ) async throws {
        let entry = Element("item", Namespace.pubsub, attributes: [("id", item)], children: [payload])
        let publish = Element("publish", Namespace.pubsub, attributes: [("node", node)], children: [entry])
        let options = Element(
            "publish-options", Namespace.pubsub, children: [Self.options(Namespace.pubsubPublishOptions)])
        let request = Element("pubsub", Namespace.pubsub, children: [publish, options])
        do {
            _ = try await iq("set", request, deadline: deadline)
        } catch let error as StanzaError where error.condition == "conflict" {
            // XEP-0060 §7.1.5, precondition-not-met.
            let form = Self.options("http://jabber.org/protocol/pubsub#node_config")
            let configure = Element(
                "configure", Namespace.pubsubOwner, attributes: [("node", node)], children: [form])
            _ = try await iq(
                "set", Element("pubsub", Namespace.pubsubOwner, children: [configure]), deadline: deadline)
            _ = try await iq("set", request, deadline: deadline)
        }
    }

    /// The number of items is not among them: ejabberd 23.01 refuses a publication that asks for one
    /// (`resource-constraint`), and one item with a fixed id stays one.
    private static func options(_ formType: String) -> Element {
        func field(_ name: String, _ value: String) -> Element {
            Element(
                "field", Namespace.dataForms, attributes: [("var", name)],
                children: [Element("value", Namespace.dataForms, text: value)])
        }
        return Element(
            "x", Namespace.dataForms, attributes: [("type", "submit")],
            children: [
                field("FORM_TYPE", formType), field("pubsub#persist_items", "true"),
                field("pubsub#access_model", "open"),
            ])
    }

    /// The newest item of a node.
    /// - Parameter account: `nil`: our own.
    /// - Returns: `nil` when the node does not exist or is empty.
    /// - Throws: `StanzaError`, `ClientError`.
    public func personalItem(
        of account: JID?, node: String, deadline: Duration = .seconds(30)
    ) async throws -> PersonalItem? {
        let items = Element("items", Namespace.pubsub, attributes: [("node", node), ("max_items", "1")])
        do {
            let answer = try await iq(
                "get", to: account, Element("pubsub", Namespace.pubsub, children: [items]), deadline: deadline)
            return answer.first("pubsub", Namespace.pubsub)?.first("items", Namespace.pubsub)
                .flatMap { PersonalItem(newestOf: $0, namespace: Namespace.pubsub) }
        } catch let error as StanzaError where error.condition == "item-not-found" {
            return nil
        }
    }

    /// Deletes a node of our own account. One that does not exist is as good as deleted.
    /// - Throws: `StanzaError`, `ClientError`.
    public func deleteNode(_ node: String, deadline: Duration = .seconds(30)) async throws {
        let delete = Element("delete", Namespace.pubsubOwner, attributes: [("node", node)])
        do {
            _ = try await iq("set", Element("pubsub", Namespace.pubsubOwner, children: [delete]), deadline: deadline)
        } catch let error as StanzaError where error.condition == "item-not-found" {}
    }
}

extension PersonalItem {
    /// The last item: with several, servers list the newest last or only it.
    init?(newestOf items: Element, namespace: String) {
        guard let item = items.all("item", namespace).last, let payload = item.children.first else { return nil }
        self.init(id: item["id"], payload: payload)
    }
}

/// A notice that a node changed (XEP-0163 §4.3), in a message from the account it belongs to.
public struct PersonalEvent: Hashable, Sendable {
    public let node: String
    /// `nil` when the node was emptied or deleted.
    public let item: PersonalItem?

    /// - Returns: `nil` when the message holds no such notice.
    public init?(_ message: Element) {
        guard let event = message.first("event", Namespace.pubsubEvent) else { return nil }
        if let items = event.first("items", Namespace.pubsubEvent), let node = items["node"] {
            self.node = node
            item = PersonalItem(newestOf: items, namespace: Namespace.pubsubEvent)
        } else if let node = event.children.first(where: { $0.name == "delete" || $0.name == "purge" })?["node"] {
            self.node = node
            item = nil
        } else {
            return nil
        }
    }
}
