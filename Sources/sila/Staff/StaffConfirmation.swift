import Foundation
import Sealing
import Unsealing

/// What a person must agree to before it is done.
struct StaffConfirmation {
    /// Asks and gives the line that was typed; `nil` when there is nobody to ask.
    let ask: ((_ prompt: String) throws -> String)?

    /// The terminal, if there is one.
    static var terminal: StaffConfirmation {
        StaffConfirmation(
            ask: Terminal.isPresent ? { try Terminal().readShown($0) } : nil)
    }

    /// Compares a fingerprint in person: the words that the other has on their screen.
    ///
    /// - Parameter given: the words on the command line, if they are there.
    /// - Throws: `CommandFailure` when they differ, or nobody compared them.
    func compare(_ words: String, of whom: String, given: String?) throws {
        if let given {
            guard MemberFingerprint.matches(given, words) else {
                throw CommandFailure(
                    .data,
                    "The fingerprint of \(whom) is \(words), not the one given. Nothing was done: it may have been replaced "
                        + "on its way. Ask for it again, by another way.")
            }
            return
        }
        guard let ask else {
            throw CommandFailure(
                .missing, "There is nobody to compare the fingerprint of \(whom). Give it with --fingerprint.")
        }
        let answer = try ask(
            """
            Fingerprint of \(whom):

              \(words)

            Compare it in person, or by a call in which you know the voice: not by a message.
            Do they have the same words? [y/N] 
            """)
        guard Self.isYes(answer) else {
            throw CommandFailure(.data, "Nothing was done: the fingerprint was not confirmed.")
        }
    }

    /// A question before something that cannot be taken back. Without anyone to ask, `--yes` is needed.
    func agree(_ question: String, given: Bool) throws {
        if given { return }
        guard let ask else {
            throw CommandFailure(.missing, "There is nobody to ask. Say --yes if it is meant.\n\(question)")
        }
        guard Self.isYes(try ask(question + " [y/N] ")) else {
            throw CommandFailure(.data, "Nothing was done.")
        }
    }

    private static func isYes(_ answer: String) -> Bool {
        ["y", "yes", "j", "ja"].contains(answer.trimmingCharacters(in: .whitespaces).lowercased())
    }
}

/// Recovery words typed in or piped in.
enum StaffRecoveryWords {
    static func read() throws -> RecoveryKey {
        if isatty(STDIN_FILENO) == 1 {
            Output.standardError("Type the \(RecoveryWords.count) words, then Ctrl-D on a line of its own:\n")
        }
        return try RecoveryKey(secret: try RecoveryWords.parse(try StandardInput.read(limit: 1 << 16)))
    }
}
