import Foundation
import StaffProtocol

/// How far each conversation was shown on this machine: what a reply names as seen, so that nobody
/// answers past what a colleague wrote. Only numbers.
struct SeenMarks: Sendable {
    let folder: String

    private var path: String { folder + "/seen.json" }

    private struct Stored: Codable {
        var version = 1
        /// Short id of a conversation → position of the newest item shown.
        var seen: [String: Int64] = [:]
    }

    /// 0 when nothing was shown yet.
    func position(_ conversation: Int64) -> Int64 {
        load().seen[ShortID(.conversation, conversation).description] ?? 0
    }

    /// Notes what was shown; an older place does not take a newer one back. That it cannot be written is
    /// no reason to show nothing.
    func note(_ conversation: Int64, _ position: Int64) {
        var stored = load()
        let id = ShortID(.conversation, conversation).description
        guard position > stored.seen[id] ?? 0 else { return }
        stored.seen[id] = position
        guard let json = try? Output.json(stored) else { return }
        try? ReplacedFile.write(Array(json.utf8), to: path, mode: 0o600)
    }

    private func load() -> Stored {
        // A damaged file costs one look at the conversation more.
        FileManager.default.contents(atPath: path).flatMap { try? JSONDecoder().decode(Stored.self, from: $0) }
            ?? Stored()
    }
}
