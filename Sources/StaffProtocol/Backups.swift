import Sealing

/// The answer to `POST /v1/backups`: what was made on the bridge's host, and where it lies there. Nothing of its content.
public struct MadeBackup: Codable, Sendable, Equatable {
    public let madeAt: Milliseconds
    /// How often the deployment was restored so far.
    public let generation: Int64
    /// Paths on the bridge's host.
    public let data: String
    public let keys: String
    public let bytes: Int
    public let rows: Int
    /// Files of messages.
    public let attachments: Int
    /// Backups that were removed there because their time was over.
    public let removed: [String]

    public init(
        madeAt: Milliseconds, generation: Int64, data: String, keys: String, bytes: Int, rows: Int, attachments: Int,
        removed: [String]
    ) {
        self.madeAt = madeAt
        self.generation = generation
        self.data = data
        self.keys = keys
        self.bytes = bytes
        self.rows = rows
        self.attachments = attachments
        self.removed = removed
    }
}
