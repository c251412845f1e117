import Foundation
import Glibc
import Testing

@testable import sila

/// What is typed at a question whose answer is not shown, at a terminal of its own.
@Suite(.timeLimit(.minutes(1))) struct TerminalTests {
    /// Types `keys` when the prompt stands there.
    private func answer(_ keys: String) async throws -> (result: Result<String, CommandFailure>, isEchoing: Bool) {
        var (keyboard, screen): (Int32, Int32) = (-1, -1)
        try #require(openpty(&keyboard, &screen, nil, nil, nil) == 0)
        let watched = dup(screen)
        defer {
            close(keyboard)
            close(watched)
        }
        let terminal = Terminal(takingOwnership: screen)
        async let result: Result<String, CommandFailure> = withCheckedContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(
                    returning: Result { () throws(CommandFailure) in try terminal.readHidden("Passphrase: ") })
            }
        }
        let hands = keyboard
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                var shown: [UInt8] = []
                var byte: UInt8 = 0
                // The prompt stands when what is typed is not shown any more.
                while !shown.ends(with: "Passphrase: "), read(hands, &byte, 1) == 1 { shown.append(byte) }
                _ = Array(keys.utf8).withUnsafeBytes { write(hands, $0.baseAddress, $0.count) }
                continuation.resume()
            }
        }
        let given = await result
        var after = termios()
        tcgetattr(watched, &after)
        let wanted = tcflag_t(ECHO | ICANON | ISIG)
        return (given, after.c_lflag & wanted == wanted)
    }

    @Test(
        "A line is taken as it was edited",
        arguments: [
            ("geheim\n", "geheim"), ("geheid\u{7f}m\n", "geheim"), ("café\u{8}e\n", "cafe"),
            ("wrong\u{15}right\r", "right"), ("geheim\u{4}", "geheim"), ("\u{7f}\n", ""),
        ])
    func edited(_ keys: String, _ line: String) async throws {
        let (result, isEchoing) = try await answer(keys)
        #expect(try result.get() == line)
        #expect(isEchoing)
    }

    @Test("Ctrl-C ends at once, without the end of a line")
    func interrupted() async throws {
        let (result, isEchoing) = try await answer("half\u{3}")
        #expect(result == .failure(CommandFailure(.interrupted, "Nothing was done.")))
        #expect(CommandFailure.Code.interrupted.rawValue == 130)
        #expect(isEchoing, "the terminal is as it was")
    }

    @Test("Ctrl-D ends at once")
    func ended() async throws {
        let (result, isEchoing) = try await answer("\u{4}")
        #expect(result == .failure(CommandFailure(.missing, "Nothing was done: the input ended.")))
        #expect(isEchoing)
    }
}

extension [UInt8] {
    fileprivate func ends(with text: String) -> Bool { suffix(text.utf8.count).elementsEqual(text.utf8) }
}
