import Sealing
import Unsealing

/// What `sila init` prints, once.
struct InitReport: Encodable {
    struct Files: Encodable {
        let roster: String
        let rosterPin: String
        let archiveKeyring: String
        let workingKey: String
        let staffKey: String
        let staffPin: String
    }

    let version = 1
    let coordinator: String
    let fingerprint: String
    let recoveryWords: [String]
    let files: Files

    init(_ founding: Founding, files: DeploymentFiles, member: MemberID) {
        coordinator = member.rawValue
        fingerprint = founding.verified.fingerprint
        recoveryWords = founding.recoveryKey.words
        self.files = Files(
            roster: files.roster, rosterPin: files.rosterPin, archiveKeyring: files.keyring,
            workingKey: files.workingKey, staffKey: files.staffKey(member), staffPin: files.staffPin)
    }

    var text: String {
        """
        The deployment is made.

          For the daemon:
            \(files.roster)
            \(files.rosterPin)
            \(files.archiveKeyring)
            \(files.workingKey)
          For \(coordinator) only, on a staff machine:
            \(files.staffKey)
            \(files.staffPin)

        Fingerprint of this deployment, to compare in person: \(fingerprint)

        RECOVERY WORDS
        Write these \(recoveryWords.count) words down by hand, now. They are stored nowhere and cannot be shown
        again. Whoever has them, and a copy of the deployment, can read everything; without them, lost
        passphrases mean lost archives. No photograph, no file, no printer.

        \(table)

        Then check what you wrote: sila recovery check --deployment <folder>

        """
    }

    /// The words with their numbers, three in a row.
    private var table: String {
        let numbered = recoveryWords.enumerated().map { index, word in
            let number = String(index + 1)
            return String(repeating: " ", count: 2 - number.count) + number + ". " + word
        }
        return stride(from: 0, to: numbered.count, by: 3)
            .map { "  " + numbered[$0..<min($0 + 3, numbered.count)].joined(separator: "    ") }
            .joined(separator: "\n")
    }
}
