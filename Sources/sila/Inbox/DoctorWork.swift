import Glibc
import Inbox
import Sealing
import StaffAgent
import StaffProtocol
import Unsealing

/// Looks at everything it can get at; what fails is itself a finding.
struct DoctorWork {
    let options: BridgeOptions

    func run() async -> [DoctorCheck] {
        let machine: StaffMachine
        var checks: [DoctorCheck] = []
        do {
            machine = try StaffMachine(options)
            checks.append(DoctorCheck("profile", .ok, "\(machine.member) in \(machine.folder)"))
        } catch {
            return [Self.failed("profile", error)]
        }
        checks += Self.local(machine)
        do {
            checks += Self.agent(try await BridgeSession.agent(of: machine)?.status())
        } catch {
            checks.append(Self.failed("agent", error))
        }
        do {
            let session = try await BridgeSession.open(options)
            checks += await bridge(session)
            await session.work.close()
        } catch {
            checks.append(Self.failed("bridge", error))
        }
        return checks
    }

    private static func failed(_ name: String, _ error: any Error) -> DoctorCheck {
        DoctorCheck(name, .red, CommandFailure(error).description)
    }

    // MARK: This machine

    static func local(_ machine: StaffMachine) -> [DoctorCheck] {
        var checks: [DoctorCheck] = []
        var status = stat()
        if stat(machine.keyPath, &status) != 0 {
            checks.append(DoctorCheck("keys", .red, "The key file '\(machine.keyPath)' is not there."))
        } else if status.st_mode & 0o077 != 0 {
            checks.append(
                DoctorCheck("keys", .red, "Others may read the key file. Run: chmod 600 '\(machine.keyPath)'"))
        } else {
            checks.append(DoctorCheck("keys", .ok, "sealed under a passphrase, for this user only"))
        }
        if case .socket = machine.bridge {
            checks.append(
                DoctorCheck(
                    "place", .look,
                    "The bridge runs on this machine, and your private keys lie here too. That is for a demo only."))
        }
        return checks
    }

    static func agent(_ status: AgentStatus?) -> [DoctorCheck] {
        guard let status else { return [DoctorCheck("agent", .ok, "none runs: the passphrase is asked for each time")] }
        var checks = [
            DoctorCheck(
                "agent", .ok,
                "unlocked until \(Moments.clock(status.endsAt)); index \(status.index.state.rawValue), "
                    + "\(Counted.words(status.index.items, "item"))"
            )
        ]
        if !status.isMemoryLocked {
            checks.append(
                DoctorCheck("memory", .look, "The agent's keys may be swapped to the disk: use an encrypted swap."))
        }
        if status.index.damaged > 0 {
            checks.append(
                DoctorCheck(
                    "archive", .look, "Damaged, and not to be opened: \(Counted.words(status.index.damaged, "item"))."))
        }
        return checks
    }

    // MARK: The bridge

    private func bridge(_ session: BridgeSession) async -> [DoctorCheck] {
        var checks: [DoctorCheck] = []
        do {
            let asked = Moments.now
            let status = try await session.connection.status()
            checks += Self.bridge(status, asked: asked, answered: Moments.now)
        } catch {
            checks.append(Self.failed("bridge", error))
        }
        do {
            let roster = try await session.connection.roster().verified
            let keyring = try ArchiveKeyring(decoding: try await session.connection.keyring())
            checks += Self.keys(KeyHolding(roster: roster, keyring: keyring.file), of: session.member)
            let role = roster.members[session.member]?.role.rawValue ?? "nobody"
            checks.append(
                DoctorCheck("roster", .ok, "it holds against the pin: \(roster.fingerprint); you are \(role)"))
        } catch {
            checks.append(Self.failed("roster", error))
        }
        return checks
    }

    /// - Parameters:
    ///   - asked: by the clock of this machine, before the question.
    ///   - answered: after the answer.
    static func bridge(_ status: BridgeStatus, asked: Milliseconds, answered: Milliseconds) -> [DoctorCheck] {
        var checks = [DoctorCheck("bridge", .ok, "silad \(status.version), since \(Moments.clock(status.startedAt))")]
        if status.version != Version.number {
            checks.append(
                DoctorCheck("version", .look, "silad is \(status.version), sila is \(Version.number): update both."))
        }
        switch status.keyMode {
        case "file":
            checks.append(
                DoctorCheck(
                    "key mode", .red,
                    "file: whoever copies the bridge's disk has its working key. For a demo only: use operator or tpm.")
            )
        default: checks.append(DoctorCheck("key mode", .ok, status.keyMode))
        }
        for channel in status.channels {
            checks.append(
                channel.isOnline
                    ? DoctorCheck("channel \(channel.name)", .ok, "on line since \(Moments.clock(channel.since))")
                    : DoctorCheck("channel \(channel.name)", .red, "OFF LINE since \(Moments.clock(channel.since))"))
        }
        for gap in status.gaps {
            checks.append(
                DoctorCheck("gap", .red, "Messages may be missing, \(GapText.span(gap)). Run: sila bridge gaps"))
        }
        if status.channels.isEmpty { checks.append(DoctorCheck("channels", .red, "There is none.")) }
        // The answer was made between question and answer: less than that is no difference.
        let ahead = status.now > answered ? status.now - answered : status.now < asked ? status.now - asked : 0
        let seconds = abs(ahead) / 1000
        checks.append(
            DoctorCheck(
                "clock", seconds >= 120 ? .red : seconds >= 5 ? .look : .ok,
                seconds == 0
                    ? "the same here and there" : "the bridge's is \(seconds) s \(ahead > 0 ? "ahead" : "behind")"))
        let failed = (status.outbox["failed"] ?? 0) + (status.outbox["uncertain"] ?? 0)
        if failed > 0 {
            checks.append(
                DoctorCheck("outbox", .look, "\(Counted.words(failed, "message")) failed or uncertain: sila today"))
        }
        let unread = status.setAside.values.reduce(0, +)
        if unread > 0 {
            let codes = status.setAside.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
            checks.append(
                DoctorCheck(
                    "set aside", .look,
                    "\(Counted.words(unread, "message")) could not be opened: \(codes.joined(separator: ", "))"))
        }
        if let held = status.held, held > 0 {
            checks.append(
                DoctorCheck(
                    "devices", .look,
                    "\(Counted.words(held, "reply waits", "replies wait")) for a decision about a new device: sila today"
                ))
        }
        for warning in status.warnings where warning != "key-mode-file" {
            let isAlarm = BridgeWarnings.alarms.contains(warning)
            let isOverdue = BridgeWarnings.overdue.contains(warning)
            checks.append(
                DoctorCheck(
                    isAlarm ? "ALARM" : isOverdue ? "backup" : "warning", isAlarm || isOverdue ? .red : .look,
                    BridgeWarnings.words(warning)))
        }
        return checks
    }

    // MARK: Keys

    static func keys(_ holding: KeyHolding, of member: MemberID) -> [DoctorCheck] {
        func names(_ compartments: some Sequence<Compartment>) -> String {
            Set(compartments.map(\.rawValue)).sorted().joined(separator: ", ")
        }
        var checks: [DoctorCheck] = []
        let held = holding.compartments(of: member)
        checks.append(
            DoctorCheck("compartments", .ok, held.isEmpty ? "you hold none" : "you hold \(names(held))"))
        let sole = holding.soleCompartments(of: member)
        if !sole.isEmpty {
            checks.append(
                DoctorCheck(
                    "sole holder", .red,
                    "You alone hold keys of \(names(sole)): if you lose your passphrase, only the recovery words open "
                        + "them. Admit a second person who may: sila staff add"))
        }
        let lacking = holding.lacking(member)
        if !lacking.isEmpty {
            checks.append(
                DoctorCheck(
                    "lacking", .red,
                    "You lack keys of \(names(lacking.map(\.compartment))), which your role may read. Ask a "
                        + "coordinator."
                ))
        }
        let lost = holding.heldByNobody
        if !lost.isEmpty {
            checks.append(
                DoctorCheck(
                    "lost", .red,
                    "Nobody holds some keys of \(names(lost.map(\.key.compartment))): what is sealed to them opens "
                        + "with the recovery words only."))
        }
        return checks
    }
}
