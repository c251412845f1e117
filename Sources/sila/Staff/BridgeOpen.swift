import ArgumentParser
import Sealing
import StaffProtocol
import Unsealing

/// `sila bridge`
struct BridgeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bridge",
        abstract: "Open a bridge that waits locked; show its key; see where messages may be missing.",
        subcommands: [BridgeOpen.self, BridgeFingerprint.self, BridgeGaps.self])
}

/// `sila bridge open`
struct BridgeOpen: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "open",
        abstract: "Give the bridge its working key after a start.",
        discussion: """
            In key mode 'operator' the bridge's own key lies on no disk of its host: it is wrapped for \
            coordinators and staff. After each start the bridge waits locked, receives nothing and answers \
            nobody, until one of them runs this.

            EXIT STATUS
              0 the bridge is open; 64 command line; 65 wrong passphrase, or a damaged keyring; 66 no profile \
            or terminal; 69 bridge not reachable; 75 somebody else opens it just now; 77 your role may not.
            """)

    @OptionGroup var bridge: BridgeOptions

    struct Report: Encodable {
        let version = 1
        /// Whether this command opened it; else it was open.
        let opened: Bool

        var text: String { opened ? "The bridge is open.\n" : "The bridge was open already.\n" }
    }

    func run() async throws {
        try await CommandFailure.reporting {
            let machine = try StaffMachine(bridge)
            var report = Report(opened: false)
            if try await !StaffConnector.desk(machine, login: .none, { try await Self.isOpen($0.office) }) {
                let keys = try machine.unlock(passphraseFile: bridge.passphraseFile)
                report = try await StaffConnector.desk(machine, login: .keys(keys)) {
                    try await Self.perform($0, keys: keys)
                }
            }
            try Output.standardOutput(bridge.json ? Output.json(report) : report.text)
        }
    }

    static func isOpen(_ office: any StaffOffice) async throws -> Bool { try await office.health().state == .ready }

    static func perform(_ desk: StaffDesk, keys: StaffKeys) async throws -> Report {
        if try await isOpen(desk.office) { return Report(opened: false) }
        let state = try await desk.state()
        guard let key = try state.keyring.unlockWorkingKey(keys, roster: state.verified) else {
            throw CommandFailure(
                .permission,
                "The working key is not wrapped for you. Coordinators and staff have it: ask one of them to open the "
                    + "bridge.")
        }
        try await desk.office.unlock(workingKey: key)
        return Report(opened: true)
    }
}
