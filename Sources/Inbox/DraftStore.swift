import Crypto
import Foundation
import Sealing
import StaffProtocol

/// Drafts of one purpose on this machine: a file for each conversation, mode 0600, sealed under a key that
/// only the member has (AES-256-GCM, padded), bound to member, conversation and purpose.
public struct DraftStore: Sendable {
    private static let format = "draft"
    private static let version: UInt8 = 1

    public let purpose: Draft.Purpose
    private let folder: String
    private let keys: any KeyHolder
    private let held: SecretBytes?

    public init(_ folder: ProfileFolder, keys: any KeyHolder, purpose: Draft.Purpose = .reply) {
        self.folder = folder.drafts
        self.keys = keys
        self.purpose = purpose
        held = nil
    }

    /// The drafts of another purpose in the same place.
    public func of(_ purpose: Draft.Purpose) -> DraftStore { DraftStore(self, purpose: purpose, held: held) }

    /// The same drafts, with their key in this process until it ends: what a person is typing can be kept
    /// also when the agent forgot its keys meanwhile. It opens drafts and nothing else, and who types has
    /// the words in memory anyway.
    public func holdingKey() async throws -> DraftStore {
        DraftStore(self, purpose: purpose, held: try await keys.localKey(.drafts))
    }

    private init(_ store: DraftStore, purpose: Draft.Purpose, held: SecretBytes?) {
        folder = store.folder
        keys = store.keys
        self.purpose = purpose
        self.held = held
    }

    private func key() async throws -> SymmetricKey {
        if let held { return held.key }
        return try await keys.localKey(.drafts).key
    }

    /// Replies were there first: their files keep their names.
    private var suffix: String { purpose == .reply ? ".draft" : ".\(purpose.rawValue).draft" }

    /// The draft of a conversation; `nil` when there is none.
    ///
    /// Throws `FileError`, or `SealingError` when the file was altered or belongs to another member.
    public func load(_ conversation: Int64) async throws -> Draft? {
        guard FileManager.default.fileExists(atPath: path(conversation)) else { return nil }
        return try read(conversation, key: try await key())
    }

    /// Writes a draft in the place of the one before.
    public func save(_ draft: Draft) async throws {
        try await update(draft.conversation, replacingDamaged: true) { $0 = draft }
    }

    /// Changes what is kept of a conversation, while no other program of ours changes a draft.
    ///
    /// - Parameters:
    ///   - replacingDamaged: whether a file that does not open counts as none; else it throws `SealingError`.
    ///   - body: gets what is kept, `nil` for nothing, and leaves what is to be kept.
    @discardableResult
    public func update<Result>(
        _ conversation: Int64, replacingDamaged: Bool = false, _ body: (inout Draft?) throws -> Result
    ) async throws -> Result {
        let key = try await key()
        try PrivateFile.folder(folder)
        return try PrivateFile.locked(folder) { try change(conversation, key, replacingDamaged, body) }
    }

    private func change<Result>(
        _ conversation: Int64, _ key: SymmetricKey, _ replacingDamaged: Bool, _ body: (inout Draft?) throws -> Result
    ) throws -> Result {
        let before = try existing(conversation, key, replacingDamaged)
        var draft = before.draft
        let result = try body(&draft)
        if let draft {
            if before.isDamaged || draft != before.draft { try write(draft, key: key) }
        } else if before.isDamaged || before.draft != nil {
            try PrivateFile.remove(path(conversation))
        }
        return result
    }

    private func existing(
        _ conversation: Int64, _ key: SymmetricKey, _ replacingDamaged: Bool
    ) throws -> (draft: Draft?, isDamaged: Bool) {
        do {
            return (try read(conversation, key: key), false)
        } catch let error as SealingError {
            guard replacingDamaged else { throw error }
            return (nil, true)
        }
    }

    private func read(_ conversation: Int64, key: SymmetricKey) throws -> Draft? {
        guard let sealed = try PrivateFile.readIfThere(path(conversation)) else { return nil }
        let padded = try AEAD.open(
            sealed, key: key, version: Self.version, authenticating: associatedData(conversation), format: Self.format)
        let json = try Padding.unpad(padded, format: Self.format)
        guard var draft = try? JSONDecoder().decode(Draft.self, from: Data(json)), draft.conversation == conversation
        else { throw SealingError.malformed(format: Self.format, reason: "it is not of the documented form") }
        draft.known.text = draft.text
        return draft
    }

    private func write(_ draft: Draft, key: SymmetricKey) throws {
        let padded = try Padding.pad(StaffRequest.encode(draft), format: Self.format)
        let sealed = try AEAD.seal(
            padded, key: key, version: Self.version, authenticating: associatedData(draft.conversation),
            format: Self.format, randomness: .system)
        try PrivateFile.replace(path(draft.conversation), with: sealed)
    }

    public func remove(_ conversation: Int64) throws {
        guard FileManager.default.fileExists(atPath: path(conversation)) else { return }
        try PrivateFile.remove(path(conversation))
    }

    /// Forgets all that lies here of a conversation, whatever it was to become.
    public func removeAll(_ conversation: Int64) throws {
        for purpose in Draft.Purpose.allCases { try of(purpose).remove(conversation) }
    }

    /// The conversations that have a draft, in ascending order.
    public func conversations() -> [Int64] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.compactMap { name in
            guard name.hasSuffix(suffix) else { return nil }
            return ShortID(String(name.dropLast(suffix.count))).flatMap {
                $0.kind == .conversation ? $0.number : nil
            }
        }.sorted()
    }

    private func path(_ conversation: Int64) -> String {
        (folder as NSString).appendingPathComponent("\(ShortID(.conversation, conversation))\(suffix)")
    }

    private func associatedData(_ conversation: Int64) -> [UInt8] {
        var transcript = Transcript("sila draft", version: Self.version)
        transcript.add(keys.member.rawValue)
        transcript.add(conversation)
        // Drafts of replies that lie here already stay readable.
        if purpose != .reply { transcript.add(purpose.rawValue) }
        return transcript.bytes
    }
}
