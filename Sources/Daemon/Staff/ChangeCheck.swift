import Foundation
import Sealing
import StaffProtocol

/// Decides whether a change of roster and keyring is taken.
struct ChangeCheck {
    let present: StaffFiles.Contents
    /// Whose session asks.
    let caller: MemberID

    /// What the deployment becomes. Throws `APIError`.
    func check(_ change: StaffChange) throws(APIError) -> StaffFiles.Contents {
        guard change.roster.count <= StaffFiles.sizeLimit, change.keyring.count <= StaffFiles.sizeLimit else {
            throw APIError(.tooLarge, "Roster or keyring has more than \(StaffFiles.sizeLimit) bytes.")
        }
        guard change.after == present.verified.sequence else {
            throw APIError(
                .conflict, "Somebody else changed who belongs in between. Look at it again: sila staff list",
                current: String(present.verified.sequence))
        }
        let roster: Roster
        let verified: VerifiedRoster
        let keyring: KeyringFile
        do {
            roster = try Roster(decoding: Array(change.roster))
            try checkExtends(roster)
            verified = try roster.verified(by: present.verified.pin)
            keyring = try KeyringFile(decoding: Array(change.keyring))
            try KeyringRules.check(keyring, for: verified, replacing: present.keyring, of: present.verified)
        } catch let error as APIError {
            throw error
        } catch {
            throw APIError(.refused, "\(error)")
        }
        try check(change.reassign, in: verified)
        return StaffFiles.Contents(
            roster: roster, stored: Array(change.roster), verified: verified, keyring: keyring)
    }

    /// Whether roster and keyring are what they are already. Throws `APIError` when the rest of the
    /// change cannot be done.
    func isPresent(_ change: StaffChange) throws(APIError) -> Bool {
        guard Array(change.roster) == present.stored,
            let keyring = try? KeyringFile(decoding: Array(change.keyring)), keyring == present.keyring
        else { return false }
        try check(change.reassign, in: present.verified)
        return true
    }

    /// The new roster is the present one with entries of the caller at its end.
    private func checkExtends(_ roster: Roster) throws(APIError) {
        let count = present.roster.entries.count
        guard roster.entries.count >= count, Array(roster.entries.prefix(count)) == present.roster.entries else {
            throw APIError(
                .refused, "The new roster does not extend the present one: entries were taken out or altered.")
        }
        guard roster.entries.dropFirst(count).allSatisfy({ $0.author == caller }) else {
            throw APIError(.refused, "The new entries of the roster are not signed by the one who hands them in.")
        }
    }

    private func check(
        _ reassign: StaffChange.Reassignment?, in verified: VerifiedRoster
    ) throws(APIError) {
        guard let reassign else { return }
        // It may be someone who left just now.
        guard MemberID(rawValue: reassign.from) != nil else {
            throw APIError(.refused, "The name of the one whose work is to be reassigned is not a short name.")
        }
        guard reassign.to.isEmpty || MemberID(rawValue: reassign.to).flatMap({ verified.members[$0] }) != nil else {
            throw APIError(.refused, "There is no member to whom the work could go under the name given.")
        }
        guard reassign.to != reassign.from else {
            throw APIError(.refused, "The work cannot go to the one who has it.")
        }
    }
}
