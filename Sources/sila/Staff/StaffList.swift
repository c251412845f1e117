import ArgumentParser
import Glibc
import Sealing
import StaffProtocol
import TerminalText

/// `sila staff list`
struct StaffList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Show the members: role, fingerprint, what they hold, what is open with them.",
        discussion: """
            Red, and SOLE in JSON and without colours, is a compartment whose keys one member alone holds: if \
            they lose their passphrase, only the recovery words open it.

            \(Staff.statuses)
            """)

    @OptionGroup var bridge: BridgeOptions

    func run() async throws {
        try await CommandFailure.reporting {
            let machine = try StaffMachine(bridge)
            let list = try await StaffConnector.desk(
                machine, login: .held(passphraseFile: bridge.passphraseFile), StaffOverview.init)
            if bridge.json { return try Output.standardOutput(Output.json(list)) }
            let isTerminal = isatty(STDOUT_FILENO) == 1
            let colours = isTerminal && TerminalWidth.environmentVariable("NO_COLOR") == nil
            try Output.standardOutput(
                list.lines(columns: TerminalWidth.current()?.columns ?? 200, isColoured: colours).map { $0 + "\n" }
                    .joined())
        }
    }
}

/// The members, from the roster, the keyring and what the bridge says of their work.
struct StaffOverview: Encodable {
    struct Member: Encodable {
        let member: String
        let role: String
        let fingerprint: String
        /// Of which they hold every key.
        let holds: [String]
        /// Of which nobody else holds some key.
        let sole: [String]
        /// Which their role may read, and of which they lack some key.
        let lacks: [String]
        let repliesAlone: Bool
        let experiencedIn: [String]
        let assigned: Int
        let tasks: Int
    }

    let version = 1
    let deployment: String
    let members: [Member]
    /// Compartments with keys that no member holds.
    let heldByNobody: [String]

    /// Reads everything from the bridge. What it says of people who are not in the roster is not shown.
    init(_ desk: StaffDesk) async throws {
        let state = try await desk.state()
        let holding = state.holding
        let work = Dictionary(try await desk.office.staff().map { ($0.member, $0) }, uniquingKeysWith: { $1 })
        func names(_ compartments: Set<Compartment>) -> [String] {
            Compartment.allCases.filter(compartments.contains).map(\.rawValue)
        }
        deployment = state.verified.fingerprint
        heldByNobody = names(Set(holding.heldByNobody.map(\.key.compartment)))
        members = state.verified.members.values.sorted { $0.id.rawValue < $1.id.rawValue }.map { member in
            let said = work[member.id.rawValue]
            return Member(
                member: member.id.rawValue, role: member.role.rawValue, fingerprint: member.fingerprint,
                holds: names(holding.compartments(of: member.id)),
                sole: names(holding.soleCompartments(of: member.id)),
                lacks: names(Set(holding.lacking(member.id).map(\.compartment))),
                repliesAlone: said?.settings.repliesAlone ?? false,
                experiencedIn: (said?.settings.experiencedIn ?? []).filter(StaffTrust.varieties.contains),
                assigned: said?.assigned ?? 0, tasks: said?.tasks ?? 0)
        }
    }

    /// The table and what must be known with it.
    func lines(columns: Int, isColoured: Bool) -> [String] {
        let heading = ["", "role", "holds", "open", "settings", "fingerprint"]
        let table = Columns.render(
            rows: [heading] + members.map(cells),
            columns: [
                .init(.fitting(most: 32)), .init(.fitting(most: 12)), .init(.fitting(most: 60)),
                .init(.fitting(most: 28), goesAt: 1), .init(.fitting(most: 30), goesAt: 0),
                .init(.fitting(most: 30), goesAt: 2),
            ],
            total: columns)
        let rows = table.enumerated().map { index, line in
            index > 0 && !members[index - 1].sole.isEmpty ? Self.red(line, isColoured) : line
        }
        return rows + warnings.map { Self.red($0, isColoured) }
    }

    private func cells(_ member: Member) -> [String] {
        let lacks = member.lacks.isEmpty ? "" : " (lacks keys of \(member.lacks.joined(separator: ", ")))"
        let settings = [
            member.repliesAlone ? "replies alone" : nil,
            member.experiencedIn.isEmpty ? nil : "checks \(member.experiencedIn.joined(separator: ", "))",
        ]
        return [
            member.member, member.role,
            (member.holds.isEmpty ? "nothing" : member.holds.joined(separator: ", ")) + lacks,
            "\(Counted.words(member.assigned, "conversation")), \(Counted.words(member.tasks, "task"))",
            settings.compactMap { $0 }.joined(separator: "; "), member.fingerprint,
        ]
    }

    /// In words, for those who see no red.
    var warnings: [String] {
        var lines = members.filter { !$0.sole.isEmpty }.map {
            "SOLE: only '\($0.member)' holds \($0.sole.joined(separator: ", ")). If they lose their passphrase, only the "
                + "recovery words open it. Make a second coordinator."
        }
        if !heldByNobody.isEmpty {
            lines.append(
                "Nobody holds some keys of \(heldByNobody.joined(separator: ", ")): only the recovery words open them.")
        }
        return lines
    }

    private static func red(_ line: String, _ isColoured: Bool) -> String {
        isColoured ? "\u{1b}[1;31m" + line + "\u{1b}[0m" : line
    }
}
