// The interactive inbox: `sila inbox -i`.
//
// What stands where
// - The first line says who works here, how many wait and how many are in danger. A warning stands below it
//   until somebody took note of it. The last line but one says what just happened or asks for one line of
//   text; the last shows the keys. The page is between them.
// - The list: danger first, then who waits longest. Whoever is chosen stays chosen wherever they move, so that
//   Enter opens the one that was meant. The foot of the list says more about them.
// - A conversation: at the top where its encryption ends and who has it, the newest line at the foot. Whoever
//   scrolled up stays there when something comes. A pane to write in covers only the lower part.
// - Text of a contact stands behind a sign at the margin, so that it can imitate nothing of ours; from right to
//   left it stands at the right edge.
// - Colour and weight only repeat what a word or a sign says.
//
// What always holds
// - Nothing that others wrote reaches the terminal except through `SafeText`; `Painter` lets no control
//   character through, whatever it is given.
// - Nothing waits: the thread that draws asks the backend in tasks, and goes on taking keys.
// - Nothing typed is lost: it is a draft a moment after the last key, when its page is left, at suspension and
//   at the end. A draft goes when the backend has said that its text was sent. Pasted text is never taken
//   for keys.
// - Nothing goes to a contact before a page has said to whom, and where the encryption ends.
// - Nothing is overwritten: what a colleague did meanwhile is shown, and one's own text stays.
// - The terminal is put back as it was when the reader ends, is suspended, told to end (SIGTERM, SIGHUP, SIGINT)
//   or crashes.
//
// How it is made
// - `ReaderState` is a pure state machine: input in, effects out. `Screen` draws a state and nothing else.
//   `KeyDecoder`, `Painter`, `TerminalMode` and `Wake` are the terminal. `ReaderLoop` joins them on a thread of
//   its own. `ReaderBackend` is all the reader knows of the world: neither keys nor HTTP.

import Foundation
import Glibc

/// The interactive inbox on a terminal.
public struct InboxReader: Sendable {
    /// How it is shown.
    public struct Options: Sendable {
        /// Descriptors of the terminal.
        public var input = STDIN_FILENO
        public var output = STDOUT_FILENO
        /// `false` with the variable `NO_COLOR` (no-color.org).
        public var hasColour = true
        /// Puts right-to-left text in the order in which it is seen, for terminals that cannot (`--bidi`).
        public var reorders = false
        /// `false` for terminals that draw bidi isolates as boxes.
        public var isolates = true
        public var zone = TimeZone.current

        public init() {}

        /// The options that an environment asks for.
        public static func from(environment: [String: String]) -> Options {
            var options = Options()
            options.hasColour = environment["NO_COLOR", default: ""].isEmpty && environment["TERM"] != "dumb"
            return options
        }
    }

    /// Why it could not begin.
    public struct Failure: Error, Sendable, CustomStringConvertible {
        public let description: String
    }

    private let me: ReaderMe
    private let texts: StaffTexts
    private let backend: any ReaderBackend
    private let options: Options

    /// - Parameters:
    ///   - me: who works here, and what they may do.
    ///   - texts: what is said, in the language they chose.
    public init(me: ReaderMe, texts: StaffTexts, backend: any ReaderBackend, options: Options = Options()) {
        self.me = me
        self.texts = texts
        self.backend = backend
        self.options = options
    }

    /// Runs until the person quits or the process is told to end; drafts are kept by then. Throws `Failure` when
    /// there is no terminal. One at a time in a process: it takes the process's signals.
    public func run() async throws(Failure) {
        guard let wake = Wake() else { throw Failure(description: "no file descriptors are left") }
        let loop = ReaderLoop(options: options, texts: texts, backend: backend, me: me, wake: wake)
        let events = Task {
            for await event in backend.events() { loop.post(.event(event)) }
            if !Task.isCancelled { loop.post(.event(.ended)) }
        }
        let failure: TerminalMode.Failure? = await withCheckedContinuation { continuation in
            let thread = Thread {
                do throws(TerminalMode.Failure) {
                    try loop.run()
                    continuation.resume(returning: nil)
                } catch {
                    continuation.resume(returning: error)
                }
            }
            thread.name = "sila reader"
            thread.stackSize = 8 << 20
            thread.start()
        }
        events.cancel()
        loop.close()
        if let failure { throw Failure(description: failure.description) }
    }
}
