import DeploymentConfiguration
import Store

/// What a store holds, counted, and whether it is whole. For the fault tests.
public struct IntegrityReport {
    private struct Content: Encodable {
        let integrity: String
        let auditChainHolds: Bool
        let counts: Inspector.Counts
        let conversations: [Inspector.ConversationCounts]
    }

    private let content: Content

    public init(configurationPath: String) throws {
        let inspector = try Inspector(path: SilaConfiguration.load(from: configurationPath).store.path)
        content = Content(
            integrity: try inspector.integrity(), auditChainHolds: try inspector.auditChainHolds(),
            counts: try inspector.counts(), conversations: try inspector.conversations())
    }

    public func text(json: Bool) throws -> String {
        if json { return try JSONText.make(content) }
        let conversations = content.conversations.map {
            "conversation \($0.conversation): in \($0.messagesIn), out \($0.messagesOut), set aside \($0.setAside)"
        }
        return
            (["integrity \(content.integrity)", "audit chain \(content.auditChainHolds ? "holds" : "BROKEN")"]
            + conversations).joined(separator: "\n")
    }
}
