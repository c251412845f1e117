import Foundation
import Sealing
import StaffProtocol

/// Drafts on this machine: a file for each conversation, mode 0600, sealed under a key that only the
/// member has (AES-256-GCM, padded), bound to member and conversation.
public struct DraftStore: Sendable {
    private static let format = "draft"
    private static let version: UInt8 = 1
    private static let suffix = ".draft"

    private let folder: String
    private let keys: any KeyHolder

    public init(_ folder: ProfileFolder, keys: any KeyHolder) {
        self.folder = folder.drafts
        self.keys = keys
    }

    /// The draft of a conversation; `nil` when there is none.
    ///
    /// Throws `FileError`, or `SealingError` when the file was altered or belongs to another member.
    public func load(_ conversation: Int64) async throws -> Draft? {
        let sealed: [UInt8]
        do {
            sealed = try PrivateFile.read(path(conversation))
        } catch let error where error.isMissing {
            return nil
        }
        let padded = try AEAD.open(
            sealed, key: try await keys.localKey(.drafts).key, version: Self.version,
            authenticating: associatedData(conversation), format: Self.format)
        let json = try Padding.unpad(padded, format: Self.format)
        guard let draft = try? JSONDecoder().decode(Draft.self, from: Data(json)), draft.conversation == conversation
        else { throw SealingError.malformed(format: Self.format, reason: "it is not of the documented form") }
        return draft
    }

    /// Writes a draft in the place of the one before.
    public func save(_ draft: Draft) async throws {
        let key = try await keys.localKey(.drafts).key
        let padded = try Padding.pad(StaffRequest.encode(draft), format: Self.format)
        let sealed = try AEAD.seal(
            padded, key: key, version: Self.version, authenticating: associatedData(draft.conversation),
            format: Self.format, randomness: .system)
        try PrivateFile.folder(folder)
        try PrivateFile.replace(path(draft.conversation), with: sealed)
    }

    public func remove(_ conversation: Int64) throws {
        guard FileManager.default.fileExists(atPath: path(conversation)) else { return }
        try PrivateFile.remove(path(conversation))
    }

    /// The conversations that have a draft, in ascending order.
    public func conversations() -> [Int64] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.compactMap { name in
            guard name.hasSuffix(Self.suffix) else { return nil }
            return ShortID(String(name.dropLast(Self.suffix.count))).flatMap {
                $0.kind == .conversation ? $0.number : nil
            }
        }.sorted()
    }

    private func path(_ conversation: Int64) -> String {
        (folder as NSString).appendingPathComponent("\(ShortID(.conversation, conversation))\(Self.suffix)")
    }

    private func associatedData(_ conversation: Int64) -> [UInt8] {
        var transcript = Transcript("sila draft", version: Self.version)
        transcript.add(keys.member.rawValue)
        transcript.add(conversation)
        return transcript.bytes
    }
}
