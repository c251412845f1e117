import Sealing
import Unsealing

/// What `sila init` prints, once.
struct InitReport: Encodable {
    struct Files: Encodable {
        let roster: String
        let rosterPin: String
        let archiveKeyring: String
        /// Absent in key mode `operator`.
        let workingKey: String?
        let staffKey: String
        let staffPin: String
        let profile: String
    }

    let version = 1
    let coordinator: String
    let keyMode: String
    let fingerprint: String
    let recoveryWords: [String]
    let files: Files

    init(_ founding: Founding, files: DeploymentFiles, member: MemberID, keyMode: NewKeyMode = .file) {
        self.keyMode = keyMode.rawValue
        coordinator = member.rawValue
        fingerprint = founding.verified.fingerprint
        recoveryWords = founding.recoveryKey.words
        self.files = Files(
            roster: files.roster, rosterPin: files.rosterPin, archiveKeyring: files.keyring,
            workingKey: keyMode == .file ? files.workingKey : nil, staffKey: files.staffKey(member),
            staffPin: files.staffPin, profile: files.profile)
    }

    private var workingKeyLine: String {
        files.workingKey
            ?? "(no working key on the disk: set 'mode: operator' under 'keys' in sila.yaml, and open the bridge\n"
            + "    after each start with 'sila bridge open')"
    }

    var text: String {
        """
        The deployment is made.

          For the daemon:
            \(files.roster)
            \(files.rosterPin)
            \(files.archiveKeyring)
            \(workingKeyLine)
          For \(coordinator) only, on a staff machine:
            \(files.staffKey)
            \(files.staffPin)
            \(files.profile)

        Fingerprint of this deployment, to compare in person: \(fingerprint)

        RECOVERY WORDS
        Write these \(recoveryWords.count) words down by hand, now. They are stored nowhere and cannot be shown
        again. Whoever has them, and a copy of the deployment, can read everything; without them, lost
        passphrases mean lost archives. No photograph, no file, no printer.

        \(RecoveryWordTable.text(recoveryWords))

        Then check what you wrote: sila recovery check --deployment <folder>

        """
    }
}

/// The words with their numbers, three in a row.
enum RecoveryWordTable {
    static func text(_ words: [String]) -> String {
        let numbered = words.enumerated().map { index, word in
            let number = String(index + 1)
            return String(repeating: " ", count: 2 - number.count) + number + ". " + word
        }
        return stride(from: 0, to: numbered.count, by: 3)
            .map { "  " + numbered[$0..<min($0 + 3, numbered.count)].joined(separator: "    ") }
            .joined(separator: "\n")
    }
}
