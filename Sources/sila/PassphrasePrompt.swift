import DeploymentConfiguration
import Foundation
import Glibc
import Unsealing

/// Where a passphrase comes from: a file, or a person at a terminal.
enum PassphrasePrompt {
    /// A passphrase for new keys. The file is `option`, or what `SILA_PASSPHRASE_FILE` names;
    /// without one it is asked for twice, unseen.
    static func new(
        file option: String?, environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws -> Passphrase {
        if let file = option ?? environment["SILA_PASSPHRASE_FILE"], !file.isEmpty {
            return try fromFile(file)
        }
        let terminal = try Terminal()
        while true {
            let first = try terminal.readHidden("New passphrase (at least \(Passphrase.minimumLength) characters): ")
            let passphrase: Passphrase
            do {
                passphrase = try Passphrase(new: first)
            } catch {
                terminal.write("\(error)\n")
                continue
            }
            if try terminal.readHidden("The same again: ") == first { return passphrase }
            terminal.write("The two are not the same. Please start again.\n")
        }
    }

    private static func fromFile(_ path: String) throws -> Passphrase {
        guard NewFiles.exists(path) else {
            throw CommandFailure(.missing, "The passphrase file '\(path)' does not exist.")
        }
        do {
            return try Passphrase(new: try SecretFile.read(path))
        } catch let error as ConfigurationError {
            let reasons = error.problems.map(\.message).joined(separator: "; ")
            throw CommandFailure(.permission, "The passphrase file '\(path)' \(reasons)")
        }
    }
}

/// The terminal that this program was started from, even when its streams go elsewhere.
final class Terminal: Sendable {
    private let descriptor: Int32

    /// Throws `CommandFailure` (66) when there is none.
    init() throws(CommandFailure) {
        descriptor = open("/dev/tty", O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw CommandFailure(
                .missing,
                "There is no terminal to ask for a passphrase. Name a file with --passphrase-file or "
                    + "SILA_PASSPHRASE_FILE.")
        }
    }

    /// A terminal that is open already, and closed with this.
    init(takingOwnership descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// Whether there is a person to ask.
    static var isPresent: Bool {
        let descriptor = open("/dev/tty", O_RDWR | O_CLOEXEC)
        if descriptor >= 0 { close(descriptor) }
        return descriptor >= 0
    }

    func write(_ text: String) {
        let bytes = Array(text.utf8)
        // A terminal that takes no text has nobody in front of it; reading will fail next.
        _ = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
    }

    /// One line, without showing what is typed. Ctrl-C (130) and Ctrl-D (66) end the program's work at once,
    /// with the terminal as it was.
    func readHidden(_ prompt: String) throws(CommandFailure) -> String {
        var before = termios()
        guard tcgetattr(descriptor, &before) == 0 else {
            throw CommandFailure(.io, "The terminal cannot be set to hide what is typed.")
        }
        var hidden = before
        // Without ISIG, Ctrl-C arrives as a byte, so that the echo is always switched on again; without ICANON
        // it arrives when it is typed, and not with the end of the line.
        hidden.c_lflag &= ~tcflag_t(ECHO | ISIG | ICANON)
        withUnsafeMutableBytes(of: &hidden.c_cc) { controls in
            controls[Int(VMIN)] = 1
            controls[Int(VTIME)] = 0
        }
        guard tcsetattr(descriptor, TCSAFLUSH, &hidden) == 0 else {
            throw CommandFailure(.io, "The terminal cannot be set to hide what is typed.")
        }
        defer {
            tcsetattr(descriptor, TCSAFLUSH, &before)
            write("\n")
        }
        write(prompt)
        return try text(of: try hiddenLine())
    }

    /// One line, shown as it is typed.
    func readShown(_ prompt: String) throws(CommandFailure) -> String {
        write(prompt)
        var bytes: [UInt8] = []
        while bytes.count < Self.lineLimit {
            let byte = try next()
            if byte == 0x0a { break }
            bytes.append(byte)
        }
        return try text(of: bytes)
    }

    private static let lineLimit = 4096

    /// Edits as the terminal does where it gives whole lines.
    private func hiddenLine() throws(CommandFailure) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < Self.lineLimit {
            let byte = try next()
            switch byte {
            case 0x03: throw CommandFailure(.interrupted, "Nothing was done.")
            case 0x04 where bytes.isEmpty: throw Self.ended
            // Return, and Ctrl-D behind what was typed.
            case 0x04, 0x0a, 0x0d: return bytes
            // Backspace, in either of its codes: one character, which may be of several bytes.
            case 0x08, 0x7f:
                while let last = bytes.popLast(), last & 0xc0 == 0x80 {}
            // Ctrl-U: all of it.
            case 0x15: bytes.removeAll()
            default: bytes.append(byte)
            }
        }
        return bytes
    }

    private static let ended = CommandFailure(.missing, "Nothing was done: the input ended.")

    private func next() throws(CommandFailure) -> UInt8 {
        var byte: UInt8 = 0
        while true {
            let count = Glibc.read(descriptor, &byte, 1)
            if count < 0 && errno == EINTR { continue }
            guard count == 1 else { throw Self.ended }
            return byte
        }
    }

    private func text(of bytes: [UInt8]) throws(CommandFailure) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw CommandFailure(.data, "What was typed is not UTF-8 text.")
        }
        return text
    }
}
