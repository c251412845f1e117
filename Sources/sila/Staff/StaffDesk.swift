import Foundation
import Sealing
import StaffProtocol
import Unsealing

/// A member at work on people and keys: their machine, and the bridge.
struct StaffDesk {
    let machine: StaffMachine
    let office: any StaffOffice
    /// When the new entries are made; a fixed day in tests.
    var now = Date()

    /// Roster and keyring of the bridge, held against the pin.
    struct State {
        let roster: Roster
        let verified: VerifiedRoster
        let keyring: ArchiveKeyring

        var holding: KeyHolding { KeyHolding(roster: verified, keyring: keyring.file) }
    }

    func state() async throws -> State {
        let (roster, verified) = try machine.verified(try await office.roster())
        return State(
            roster: roster, verified: verified, keyring: try ArchiveKeyring(decoding: try await office.keyring()))
    }

    /// What a change led to.
    struct Outcome {
        let before: VerifiedRoster
        let changes: StaffChanges
        let holding: KeyHolding
    }

    /// Makes a change and hands it to the bridge. The pin follows once it is taken.
    ///
    /// - Throws: `StaffChangeError` before anything is sent, `APIError` when the bridge refuses.
    func change(
        keys: StaffKeys, recovery: RecoveryKey? = nil, reassign: StaffChange.Reassignment? = nil,
        _ body: (inout StaffChanges, VerifiedRoster) throws -> Void
    ) async throws -> Outcome {
        let state = try await state()
        guard let pin = try machine.pin() else { throw RosterError.empty }
        var changes = try StaffChanges(
            roster: state.roster, pin: pin, keyring: state.keyring, author: keys, recovery: recovery, at: now)
        try body(&changes, state.verified)
        try await office.changeStaff(
            StaffChange(
                after: state.verified.sequence, roster: Data(try changes.roster.encoded()),
                keyring: Data(try changes.keyring.encoded()), reassign: reassign))
        _ = try machine.verified(try changes.roster.encoded())
        return Outcome(
            before: state.verified, changes: changes,
            holding: KeyHolding(roster: changes.verified, keyring: changes.keyring.file))
    }
}

/// What a change of people or keys prints.
struct StaffReport: Encodable {
    let version = 1
    let done: String
    let member: String?
    let role: String?
    let fingerprint: String?
    /// Compartments that got a new key.
    let rotated: [String]
    let rosterEntries: Int64
    let reassigned: Reassigned?
    /// What to know, and what to do next.
    let notes: [String]

    struct Reassigned: Encodable {
        let to: String
        let conversations: [String]
        let tasks: [String]
        let proposals: [String]

        init(_ work: OpenWork, to: String) {
            self.to = to
            conversations = work.conversations.map { ShortID(.conversation, $0).description }
            tasks = work.tasks.map { ShortID(.task, $0).description }
            proposals = work.proposals.map { ShortID(.proposal, $0).description }
        }

        var isEmpty: Bool { conversations.isEmpty && tasks.isEmpty && proposals.isEmpty }

        var lines: [String] {
            [("conversations", conversations), ("tasks", tasks), ("replies that wait", proposals)]
                .filter { !$0.1.isEmpty }
                .map { "  \($0.0): \($0.1.joined(separator: " "))" }
        }
    }

    init(
        _ done: String, _ outcome: StaffDesk.Outcome, member id: MemberID? = nil, reassigned: Reassigned? = nil,
        notes: [String] = []
    ) {
        self.done = done
        let member = id.flatMap { outcome.changes.verified.members[$0] }
        self.member = id?.rawValue
        role = member?.role.rawValue
        fingerprint = member?.fingerprint
        rotated = outcome.changes.rotated.map(\.rawValue)
        rosterEntries = outcome.changes.verified.sequence + 1
        self.reassigned = reassigned
        self.notes = notes + Self.warnings(outcome)
    }

    /// What every change tells, because it may not wait.
    private static func warnings(_ outcome: StaffDesk.Outcome) -> [String] {
        var lines: [String] = []
        let lost = Set(outcome.holding.heldByNobody.map(\.key.compartment.rawValue)).sorted()
        if !lost.isEmpty {
            lines.append(
                "Nobody holds some keys of \(lost.joined(separator: ", ")) any more: what is sealed to them opens with the "
                    + "recovery words only.")
        }
        let coordinators = outcome.changes.verified.members.values.filter { $0.role == .coordinator }
        if coordinators.count == 1 {
            lines.append(
                "There is one coordinator. If they forget their passphrase, nobody can change who belongs: make a "
                    + "second.")
        }
        return lines
    }

    var text: String {
        var lines = [done]
        if !rotated.isEmpty { lines.append("New keys: \(rotated.joined(separator: ", ")).") }
        if let reassigned, !reassigned.isEmpty {
            lines.append("Now with \(reassigned.to.isEmpty ? "nobody" : reassigned.to):")
            lines += reassigned.lines
        }
        return (lines + notes).map { $0 + "\n" }.joined()
    }

    func print(json: Bool) throws { try Output.standardOutput(json ? Output.json(self) : text) }
}
