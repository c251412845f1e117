import ArgumentParser
import Foundation
import Sealing
import Unsealing

/// `sila staff add`
struct StaffAdd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Admit a new member.",
        discussion: """
            Takes the request that 'sila join' made on their machine. Shows five words; the new member has \
            the same on their screen. Compare them in person, or by a call in which you know the voice: that \
            is what keeps a stranger out. Then what their role may read is wrapped for them, also what was \
            sealed before.

            Roles: coordinator, staff, finance, intern, auditor; what each may do stands in \
            Documentation/roles.md.

            \(Staff.statuses)
            """)

    @Argument(help: ArgumentHelp("The file with the request; '-' for standard input.", valueName: "request-file"))
    var request: String

    @Option(help: "coordinator, staff, finance, intern or auditor.")
    var role: Role

    @Option(help: ArgumentHelp("The five words, already compared; for scripts.", valueName: "words"))
    var fingerprint: String?

    @OptionGroup var bridge: BridgeOptions

    func run() async throws {
        try await CommandFailure.reporting {
            let machine = try StaffMachine(bridge)
            let request = try StaffRequestFile.read(request)
            try Self.compare(request, given: fingerprint, confirmation: .terminal)
            let keys = try machine.unlock(passphraseFile: bridge.passphraseFile)
            try await StaffConnector.desk(machine, login: .keys(keys)) { desk in
                try await Self.perform(request, role: role, keys: keys, desk: desk).print(json: bridge.json)
            }
        }
    }

    static func compare(_ request: MemberRequest, given: String?, confirmation: StaffConfirmation) throws {
        try confirmation.compare(request.fingerprint, of: "'\(request.id)'", given: given)
    }

    /// - Precondition: the fingerprint was compared.
    static func perform(
        _ request: MemberRequest, role: Role, keys: StaffKeys, desk: StaffDesk
    ) async throws -> StaffReport {
        let outcome = try await desk.change(keys: keys) { changes, _ in try changes.add(request, role: role) }
        var notes = [
            "They begin with 'sila whoami', which shows the fingerprint of the deployment. It is: "
                + outcome.changes.verified.fingerprint
        ]
        let lacking = outcome.holding.lacking(request.id)
        if !lacking.isEmpty {
            notes.append(StaffRekey.lackingText(lacking, of: request.id))
        }
        return StaffReport(
            "'\(request.id)' is \(role.rawValue) now.", outcome, member: request.id, notes: notes)
    }
}

/// A request in a file or piped in.
enum StaffRequestFile {
    static func read(_ path: String) throws -> MemberRequest {
        if path == "-" {
            return try MemberRequest(decoding: Array(try StandardInput.read(limit: MemberRequest.limit).utf8))
        }
        guard NewFiles.exists(path) else {
            throw CommandFailure(.missing, "The request '\(path)' does not exist.")
        }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw CommandFailure(.io, "The request '\(path)' cannot be read.")
        }
        return try MemberRequest(decoding: Array(data))
    }
}
