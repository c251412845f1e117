import ArgumentParser
import Foundation
import Sealing
import Unsealing

/// `sila init`
struct Init: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Set up a new deployment and its first coordinator.",
        discussion: """
            Makes, in the deployment's folder, what the daemon needs: keys/roster.json and its pin (who \
            belongs, which archive keys are in use; public, signed), keys/archive-keyring.json (the archive's \
            private keys, wrapped for staff; useless to the daemon), keys/working.key (the machine's own key, \
            mode 0600), and an empty store/. Run it as the user who will run silad.

            With --key-mode operator there is no keys/working.key: the machine's own key is wrapped for \
            coordinators and staff, and one of them gives it after each start (sila bridge open).

            Makes, in the folder of private keys, the coordinator's key file under a passphrase, the pin, and \
            profile.json, which says who works here and where the bridge is. \
            These belong on a staff machine: move them there and leave no copy.

            Prints the recovery words once. They open everything when all passphrases and key files are \
            lost, and nobody can print them again. Write them down by hand; keep the paper under lock, away \
            from the computers.

            The passphrase is asked for twice. For scripts, --passphrase-file or SILA_PASSPHRASE_FILE names \
            a file with mode 0600 that holds it on its only line.

            Nothing is ever overwritten. A run that was cut off leaves the file keys/init-unfinished; the \
            next run removes what that one made and starts again.

            EXIT STATUS
              0 done; 64 command line; 65 passphrase not accepted; 66 no terminal or file for the \
            passphrase; 73 something is there already; 74 reading or writing failed; 77 permissions.
            """)

    @Option(help: ArgumentHelp("The deployment's folder.", valueName: "folder"))
    var deployment: String

    @Option(
        help: ArgumentHelp(
            "The folder of private keys, outside of the deployment. Default: ~/.local/share/sila.",
            valueName: "folder"))
    var keys: String?

    @Option(
        help: ArgumentHelp(
            "Where the working key goes: file (key modes 'file' and 'tpm'), or operator (to no disk of the bridge).",
            valueName: "mode"))
    var keyMode = NewKeyMode.file

    @Option(help: ArgumentHelp("A file with the passphrase for the private keys.", valueName: "file"))
    var passphraseFile: String?

    @Option(
        help: ArgumentHelp(
            "The coordinator's short name, which colleagues and the daemon see.", valueName: "name"))
    var name = "coordinator"

    @Flag(help: "Print the result, with the recovery words, as JSON.")
    var json = false

    @Flag(help: "Do not ask before beginning.")
    var yes = false

    func run() throws {
        try CommandFailure.reporting {
            guard let member = MemberID(rawValue: name) else {
                throw ValidationError(
                    "The name '\(name)' is not a short name: 1 to 32 lower-case letters, digits and hyphens.")
            }
            let files = try DeploymentFiles(deployment: deployment, keys: keys)
            let maker = DeploymentMaker(files: files, member: member, keyMode: keyMode)
            try maker.check()
            if !yes, Terminal.isPresent { try confirm(files) }
            let passphrase = try PassphrasePrompt.new(file: passphraseFile)
            let founding = try Founding(
                coordinator: member, passphrase: passphrase, wrapsWorkingKey: keyMode == .operator, at: Date())
            try maker.make(founding)
            do {
                let report = InitReport(founding, files: files, member: member, keyMode: keyMode)
                try Output.standardOutput(json ? Output.json(report) : report.text)
            } catch {
                // Keys whose recovery words nobody saw must not come into use.
                maker.discard()
                throw error
            }
            Output.standardError(
                "sila: warning: the private keys in '\(files.keys)' are on the same machine as the deployment. "
                    + "That is for a demo only: move them to a staff machine before anyone writes.\n")
        }
    }

    private func confirm(_ files: DeploymentFiles) throws {
        let answer = try Terminal().readShown(
            "This makes a new deployment in '\(files.deployment)',\nwith private keys in '\(files.keys)'. "
                + "Have paper and pen ready.\nGo on? [y/N] ")
        guard ["y", "yes", "j", "ja"].contains(answer.lowercased()) else {
            Output.standardError("sila: nothing was made.\n")
            throw ExitCode(CommandFailure.Code.missing.rawValue)
        }
    }
}

extension NewKeyMode: ExpressibleByArgument {}
