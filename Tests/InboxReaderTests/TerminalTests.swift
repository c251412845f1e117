import Foundation
import Glibc
import Synchronization
import Testing

@testable import InboxReader

/// A pair of pseudo-terminals: the reader works on one end, the test types and reads at the other.
private struct Pair {
    let master: Int32
    let slave: Int32

    init(columns: UInt16 = 80, rows: UInt16 = 24) throws {
        var (master, slave): (Int32, Int32) = (-1, -1)
        var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        try #require(openpty(&master, &slave, nil, nil, &size) == 0)
        (self.master, self.slave) = (master, slave)
    }

    func close() {
        Glibc.close(master)
        Glibc.close(slave)
    }

    func mode() -> termios {
        var mode = termios()
        tcgetattr(slave, &mode)
        return mode
    }

    func type(_ text: String) { TerminalMode.write(Array(text.utf8), to: master) }

    /// What was written so far, until `text` is in it; waits for at most 10 seconds.
    func read(until text: String) -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var wait = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
        while poll(&wait, 1, 10_000) > 0 {
            let count = Glibc.read(master, &buffer, buffer.count)
            guard count > 0 else { break }
            bytes += buffer.prefix(count)
            if String(decoding: bytes, as: UTF8.self).contains(text) { break }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// A backend with one conversation.
private final class Canned: ReaderBackend {
    let kept = Mutex<[ReaderDraft]>([])
    let sent = Mutex<[ReaderChange]>([])

    func list(_ filter: ReaderFilter, limit: Int) async throws(ReaderFailure) -> ReaderPage {
        ReaderPage(rows: [Desk.karim], waiting: 1, danger: 0)
    }
    func open(_ conversation: Int64, before: String) async throws(ReaderFailure) -> ReaderConversation {
        ReaderConversation(row: Desk.karim, lines: Desk.lines)
    }
    func apply(_ change: ReaderChange, to conversation: Int64, id: String) async throws(ReaderFailure) {
        sent.withLock { $0.append(change) }
    }
    func suggestions(for: Int64, text: String) async throws(ReaderFailure) -> [ReaderSuggestion] { [] }
    func search(_ words: String) async throws(ReaderFailure) -> [ReaderHit] { [] }
    func today() async throws(ReaderFailure) -> [ReaderTodayItem] { [] }
    func members() async throws(ReaderFailure) -> [ReaderMember] { [] }
    func drafts() async throws(ReaderFailure) -> [ReaderDraft] { [] }
    func keep(_ draft: ReaderDraft) async throws(ReaderFailure) { kept.withLock { $0.append(draft) } }
    func events() -> AsyncStream<ReaderEvent> { AsyncStream { _ in } }
}

/// The signals of a process are one thing: one at a time.
@Suite(.serialized)
struct TerminalTests {
    private func isCanonical(_ mode: termios) -> Bool { mode.c_lflag & tcflag_t(ICANON) != 0 }

    @Test("Raw while it runs, as it was afterwards; the alternate screen is left")
    func rawAndBack() throws {
        let pair = try Pair()
        defer { pair.close() }
        let before = pair.mode()
        let mode = try TerminalMode(input: pair.slave, output: pair.slave)
        mode.enter()
        let raw = pair.mode()
        #expect(!isCanonical(raw) && raw.c_lflag & tcflag_t(ECHO | ISIG) == 0 && raw.c_iflag & tcflag_t(IXON) == 0)
        mode.leave()
        let after = pair.mode()
        #expect(after.c_lflag == before.c_lflag && after.c_iflag == before.c_iflag && after.c_oflag == before.c_oflag)
        let output = pair.read(until: "\u{1B}[?1049l")
        #expect(output.contains("\u{1B}[?1049h") && output.contains("\u{1B}[?2004l") && output.contains("\u{1B}[?25h"))
    }

    @Test("What a crash does: the terminal as it was, once")
    func crash() throws {
        let pair = try Pair()
        defer { pair.close() }
        let before = pair.mode()
        let mode = try TerminalMode(input: pair.slave, output: pair.slave)
        mode.enter()
        _ = pair.read(until: "\u{1B}[H")
        CrashGuard.restore()
        #expect(pair.mode().c_lflag == before.c_lflag)
        #expect(pair.read(until: "\u{1B}[?1049l").contains("\u{1B}[?1049l"))
        CrashGuard.disarm()
    }

    @Test("Without a terminal it says what to use instead")
    func noTerminal() throws {
        let file = open("/dev/null", O_RDWR)
        defer { close(file) }
        #expect { _ = try TerminalMode(input: file, output: file) } throws: { "\($0)".contains("sila inbox") }
    }

    private func reader(_ pair: Pair, _ backend: Canned) throws -> InboxReader {
        var options = InboxReader.Options()
        options.input = pair.slave
        options.output = pair.slave
        options.zone = .gmt
        return InboxReader(
            me: ReaderMe(member: "samira", role: "staff", rights: [.replyAlone]), texts: try Texts.of("en"),
            backend: backend, options: options)
    }

    @Test("A reply typed on a terminal, in Arabic, with paste, reaches the backend; q leaves all as it was")
    func wholeRun() async throws {
        let pair = try Pair()
        defer { pair.close() }
        let before = pair.mode()
        let backend = Canned()
        let reader = try reader(pair, backend)
        async let run: Void = reader.run()
        // The other end is read on a thread of its own: the reader must be able to write.
        try await onThread {
            #expect(pair.read(until: "c7").contains("\u{1B}[?1049h"))
            pair.type("\r")
            #expect(pair.read(until: "jawbni").contains("jawbni"))
            pair.type("rسلام \u{1B}[200~q\rx\u{1B}[201~")
            _ = pair.read(until: "REPLY")
            pair.type("\u{13}")
            #expect(pair.read(until: "SEND").contains("Encryption"))
            pair.type("\r")
            #expect(pair.read(until: "Sent.").contains("Sent."))
            pair.type("q")
            _ = pair.read(until: "Waiting")
            pair.type("q")
            #expect(pair.read(until: "\u{1B}[?1049l").contains("\u{1B}[?1049l"))
        }
        try await run
        #expect(backend.sent.withLock { $0 } == [.reply(text: "سلام q\nx", seen: 6, topic: "", variety: "")])
        #expect(pair.mode().c_lflag == before.c_lflag)
    }

    @Test("SIGTERM in the middle of a reply: the draft is kept, the terminal as it was")
    func terminated() async throws {
        let pair = try Pair()
        defer { pair.close() }
        let before = pair.mode()
        let backend = Canned()
        let reader = try reader(pair, backend)
        async let run: Void = reader.run()
        try await onThread {
            _ = pair.read(until: "c7")
            pair.type("\r")
            _ = pair.read(until: "jawbni")
            pair.type("rhalf")
            _ = pair.read(until: "half")
            kill(getpid(), SIGTERM)
            #expect(pair.read(until: "\u{1B}[?1049l").contains("\u{1B}[?1049l"))
        }
        try await run
        #expect(backend.kept.withLock { $0.last?.text } == "half")
        #expect(pair.mode().c_lflag == before.c_lflag)
    }

    @Test("A window that changes its size is drawn anew")
    func resized() async throws {
        let pair = try Pair()
        defer { pair.close() }
        let backend = Canned()
        let reader = try reader(pair, backend)
        async let run: Void = reader.run()
        try await onThread {
            _ = pair.read(until: "c7")
            var size = winsize(ws_row: 30, ws_col: 100, ws_xpixel: 0, ws_ypixel: 0)
            _ = ioctl(pair.master, UInt(TIOCSWINSZ), &size)
            kill(getpid(), SIGWINCH)
            #expect(pair.read(until: "\u{1B}[30;1H").contains("\u{1B}[30;1H"))
            pair.type("q")
            _ = pair.read(until: "\u{1B}[?1049l")
        }
        try await run
    }

    @Test("When the terminal goes away the reader ends")
    func hangUp() async throws {
        let pair = try Pair()
        let reader = try reader(pair, Canned())
        async let run: Void = reader.run()
        try await onThread {
            _ = pair.read(until: "c7")
            close(pair.master)
        }
        try await run
        close(pair.slave)
    }
}

/// Runs what blocks beside the tasks.
private func onThread(_ body: @escaping @Sendable () -> Void) async throws {
    await withCheckedContinuation { continuation in
        Thread {
            body()
            continuation.resume()
        }.start()
    }
}
