import ArgumentParser
import Inbox
import StaffProtocol

/// `sila audit`
struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Look at the log of who did and opened what.",
        subcommands: [AuditList.self, AuditVerify.self])
}

/// An audit line as `--json` prints it.
struct AuditLineReport: Encodable, Equatable {
    let line: Int64
    let at: String
    let kind: String
    let subject: Int64
    /// What the subject is, as it is typed: `c12`, `m345`, `n5`; empty when it has no such id.
    let id: String
    /// Empty for the daemon itself.
    let actor: String
    let amount: Int64
    /// The member to whom it was done; empty for none.
    let about: String

    init(_ line: AuditLine) {
        self.line = line.id
        at = Moments.iso(line.at)
        kind = line.kind
        subject = line.subject
        id = AuditSubject.id(of: line)?.description ?? ""
        actor = line.actor
        amount = line.amount
        about = line.about ?? ""
    }
}

/// `sila audit list`
struct AuditList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Print lines of the log, oldest first.",
        discussion: """
            Coordinators and auditors only. Without --after the newest lines are printed.

            \(Statuses.working)
            """)

    @Option(help: ArgumentHelp("The lines behind this one.", valueName: "line"))
    var after: Int64?

    @Option(help: ArgumentHelp("How many at most.", valueName: "number"))
    var limit = 50

    @Option(help: ArgumentHelp("Only what this member did.", valueName: "member"))
    var by: String?

    @OptionGroup var bridge: BridgeOptions

    struct Report: Encodable {
        let version = 1
        let lines: [AuditLineReport]
    }

    func validate() throws {
        guard (1...100_000).contains(limit) else { throw ValidationError("--limit is 1 to 100000.") }
    }

    func run() async throws {
        try await BridgeSession.run(bridge) { session in
            var kept: [AuditLine] = []
            var place = after ?? 0
            repeat {
                let page = try await session.connection.audit(after: place)
                kept += page.lines.filter { by == nil || $0.actor == by }
                if kept.count > limit {
                    if after != nil {
                        kept = Array(kept.prefix(limit))
                        break
                    }
                    kept = Array(kept.suffix(limit))
                }
                // A log that does not go on would never end.
                guard page.next > place else { break }
                place = page.next
            } while true
            try Output.standardOutput(
                bridge.json
                    ? Output.json(Report(lines: kept.map(AuditLineReport.init)))
                    : kept.map { Self.text($0) + "\n" }.joined())
        }
    }

    /// Kinds of what somebody was given.
    private static let givenTo: Set<String> = ["assigned", "work-reassigned"]

    static func text(_ line: AuditLine) -> String {
        let actor = line.actor.isEmpty ? "the daemon" : Foreign.word(line.actor)
        let amount = line.amount > 0 ? "  \(Counted.words(line.amount, "item"))" : ""
        let subject = AuditSubject.words(line).map { "  \($0)" } ?? ""
        let about = line.about.map { "  \(givenTo.contains(line.kind) ? "to" : "for") \(Foreign.word($0))" } ?? ""
        return "\(line.id)  \(Moments.clock(line.at))  \(actor)  \(Foreign.word(line.kind))\(subject)\(amount)\(about)"
    }
}

/// `sila audit verify`
struct AuditVerify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check that no line of the log was changed or taken out.",
        discussion: """
            Every line carries a hash over the one before it. Also checked is that what was verified last on \
            this machine is still there: so the end cannot be cut off unseen.

            EXIT STATUS
              0 the log holds; 64 command line; 65 it does not hold; 69 bridge not reachable; 74 reading or \
            writing failed; 77 you may not do this.
            """)

    @OptionGroup var bridge: BridgeOptions

    struct Report: Encodable {
        let version = 1
        let holds: Bool
        let lines: Int
        let last: AuditLineReport?
        /// Why it does not hold; empty when it does.
        let fault: String
    }

    func run() async throws {
        try await BridgeSession.run(bridge) { session in
            let finding = try await session.work.audit.run()
            let fault = finding.fault.map { Self.words($0, restored: finding.restored) }
            if bridge.json {
                try Output.standardOutput(
                    Output.json(
                        Report(
                            holds: finding.holds, lines: finding.lines, last: finding.last.map(AuditLineReport.init),
                            fault: fault ?? "")))
            } else if fault == nil {
                let last = finding.last.map { ", the last of \(Moments.clock($0.at))" } ?? ""
                try Output.standardOutput("The log holds: \(Counted.words(finding.lines, "line"))\(last).\n")
            }
            if let fault { throw CommandFailure(.data, "WARNING: the audit log does not hold. \(fault)") }
        }
    }

    /// - Parameter restored: the line of the last restore, if the log has one.
    static func words(_ fault: AuditFinding.Fault, restored: AuditLine? = nil) -> String {
        guard let restored else { return words(of: fault) }
        switch fault {
        case .broken, .outOfOrder: return words(of: fault)
        case .shortened(let mark), .rewritten(let mark):
            guard restored.id <= mark.line else { return words(of: fault) }
            return words(of: fault)
                + " The bridge was restored from a backup (line \(restored.id), \(Moments.clock(restored.at))): what had "
                + "followed before is gone. Ask who did it; once you know, remove 'audit.seen' beside your keys."
        }
    }

    private static func words(of fault: AuditFinding.Fault) -> String {
        switch fault {
        case .broken(let line):
            "Line \(line.id) does not follow from the one before it: one of them was changed, or one between "
                + "them taken out."
        case .outOfOrder(let line): "Line \(line.id) comes out of order."
        case .shortened(let mark):
            "Line \(mark.line), which was verified before, is gone: the end of the log was taken off, or an old "
                + "backup restored."
        case .rewritten(let mark):
            "Line \(mark.line) is another one than was verified before: the log was written anew."
        }
    }
}
