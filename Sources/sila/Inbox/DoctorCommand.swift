import ArgumentParser

/// `sila doctor`
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check this machine, the bridge and who holds which keys.",
        discussion: """
            What is RED must be mended; what stands behind an exclamation mark is worth a look.

            EXIT STATUS
              0 nothing is red; 1 something is; 64 command line.
            """)

    @OptionGroup var shown: DisplayOptions
    @OptionGroup var bridge: BridgeOptions

    struct Report: Encodable {
        let version = 1
        /// Whether nothing is red.
        let isSound: Bool
        let checks: [DoctorCheck]
    }

    func run() async throws {
        try await CommandFailure.reporting {
            let checks = await DoctorWork(options: bridge).run()
            let isSound = !checks.contains { $0.state == .red }
            let display = shown.display
            try Output.standardOutput(
                bridge.json
                    ? Output.json(Report(isSound: isSound, checks: checks))
                    : display.text(checks.flatMap { $0.lines(display) }))
            if !isSound { throw ExitCode(1) }
        }
    }
}

/// One thing that was looked at.
struct DoctorCheck: Encodable, Equatable {
    enum State: String, Encodable {
        case ok, look, red
    }

    /// A fixed word: `keys`, `agent`, `bridge`, `clock`, ….
    let name: String
    let state: State
    /// How it is, and what to do.
    let words: String

    init(_ name: String, _ state: State, _ words: String) {
        self.name = name
        self.state = state
        self.words = words
    }

    func lines(_ display: Display) -> [Display.Line] {
        let mark =
            switch state {
            case .ok: "ok "
            case .look: "!  "
            case .red: "RED"
            }
        return display.wrapped(
            "\(mark) \(name): \(Foreign.word(words))", weight: state == .red ? .alarm : .plain)
    }
}
