import Foundation
import Inbox
import Sealing
import StaffAgent
import Unsealing

/// How commands get at the agent, and the agent at the bridge.
enum AgentAccess {
    /// Opens the private keys: three tries at the prompt, one from a file.
    static func unlock(_ machine: StaffMachine, passphraseFile: String?) throws -> StaffKeys {
        let file = try machine.keyFile()
        guard file.id == machine.member else {
            throw CommandFailure(
                .data, "The key file '\(machine.keyPath)' belongs to '\(file.id)', not to '\(machine.member)'.")
        }
        let isTyped = (passphraseFile ?? ProcessInfo.processInfo.environment["SILA_PASSPHRASE_FILE"] ?? "").isEmpty
        for triesLeft in stride(from: isTyped ? 2 : 0, through: 0, by: -1) {
            do {
                return try file.unlock(try PassphrasePrompt.present(file: passphraseFile))
            } catch UnsealingError.wrongPassphrase where triesLeft > 0 {
                try Terminal().write("That is not the passphrase. \(triesLeft == 1 ? "One try" : "Two tries") left.\n")
            }
        }
        throw UnsealingError.wrongPassphrase
    }

    /// A session at the bridge with these keys.
    ///
    /// - Parameter mayAsk: whether `ssh` may ask for a passphrase on the terminal.
    static func session(
        _ machine: StaffMachine, keys: any KeyHolder, mayAsk: Bool
    ) async throws -> InboxSession {
        var patience = StaffConnection.Patience()
        // A bridge that is not there is soon said: it is no failure here.
        patience.pauses = [.milliseconds(200)]
        return try await InboxSession.open(
            machine.profile, in: machine.profileFolder, keys: keys, mayAsk: mayAsk, patience: patience)
    }

    /// Where the agent fills its index from: the bridge, with the keys it holds, asking nobody.
    static func archive(_ machine: StaffMachine, _ session: AgentSession) -> (any ArchiveSource)? {
        BridgeArchive { try await Self.session(machine, keys: HeldKeys(session), mayAsk: false) }
    }
}
