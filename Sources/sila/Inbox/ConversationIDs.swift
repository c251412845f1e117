import Foundation
import StaffAgent
import StaffProtocol

/// The ids of conversations that a shell offers after `sila show`.
///
/// From the agent alone: that is there at once, needs no passphrase and no way to the bridge. While nothing is
/// unlocked there are none. Whatever goes wrong, nothing is said: somebody is in the middle of a line.
enum ConversationIDs {
    /// How many are offered at most: more nobody reads.
    private static let limit = 40
    /// Seconds that whoever pressed the key waits at most.
    private static let patience = 1

    /// The newest first.
    ///
    /// - Parameter words: the command line, of which `--keys` counts.
    static func known(
        _ words: [String], environment: [String: String] = ProcessInfo.processInfo.environment
    ) -> [String] {
        guard let folder = try? StaffMachine.folder(keys(in: words), environment: environment),
            let socket = try? AgentSocket.forProfile(folder, environment: environment),
            let answer = try? AgentClient.ask(.recentConversations(limit: limit), at: socket, timeout: patience),
            case .conversations(let numbers) = answer
        else { return [] }
        return numbers.map { ShortID(.conversation, $0).description }
    }

    /// The folder that the line names, as far as it is written without quotes.
    private static func keys(in words: [String]) -> String? {
        for (index, word) in words.enumerated() {
            if word.hasPrefix("--keys=") { return String(word.dropFirst("--keys=".count)) }
            if word == "--keys", index + 1 < words.count { return words[index + 1] }
        }
        return nil
    }
}
