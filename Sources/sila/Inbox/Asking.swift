import Foundation

/// Questions to the person at the terminal.
struct Asking {
    /// Asks and gives the line that was typed; `nil` when there is nobody to ask.
    let ask: ((_ prompt: String) throws -> String)?

    static var terminal: Asking {
        Asking(ask: Terminal.isPresent ? { try Terminal().readShown($0) } : nil)
    }

    /// Whether the person says yes; `nil` when there is nobody to ask.
    func isYes(_ question: String) throws -> Bool? {
        guard let ask else { return nil }
        let answer = try ask(question + " [y/N] ").trimmingCharacters(in: .whitespaces).lowercased()
        return ["y", "yes", "j", "ja"].contains(answer)
    }

    /// A yes before something goes on. Throws `CommandFailure` without one.
    ///
    /// - Parameter given: it was said on the command line (`--yes`).
    func require(_ question: String, given: Bool) throws {
        if given { return }
        switch try isYes(question) {
        case true?: return
        case false?: throw CommandFailure(.data, "Nothing was done.")
        case nil: throw CommandFailure(.missing, "There is nobody to ask. Say --yes if it is meant. \(question)")
        }
    }

    /// What must be typed exactly. Throws `CommandFailure` when it is not.
    func requireTyped(_ expected: String, _ prompt: String) throws {
        guard let ask else {
            throw CommandFailure(.missing, "There is nobody to ask. Give --confirm \(expected) if it is meant.")
        }
        guard try ask(prompt).trimmingCharacters(in: .whitespaces) == expected else {
            throw CommandFailure(.data, "That is not '\(expected)'. Nothing was done.")
        }
    }
}
