import ArgumentParser

/// The staff's program.
@main
struct Sila: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sila",
        abstract: "The staff side of a Sila deployment.",
        discussion: """
            Sila bridges encrypted conversations to a helpline. The daemon silad receives and seals; \
            this program holds the keys that open what was sealed, on a staff machine.

            EXIT STATUS
              0   done
              64  the command line is wrong
              65  what was given is wrong: a passphrase, recovery words, a damaged file
              66  a file that is needed is not there
              70  an operation failed that should not
              73  nothing was made, because something is already there
              74  reading or writing failed
              77  permissions are too open, or access is denied
            """,
        version: Version.text,
        subcommands: [Init.self, Recovery.self, VersionCommand.self])
}
