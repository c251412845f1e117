import ArgumentParser
import CProcess
import StaffAgent

/// The staff's program.
@main
struct Sila: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sila",
        abstract: "The staff side of a Sila deployment.",
        discussion: """
            Sila bridges encrypted conversations to a helpline. The daemon silad receives and seals; \
            this program holds the keys that open what was sealed, on a staff machine.

            EXIT STATUS
              0   done
              1   search found nothing; doctor found something wrong
              64  the command line is wrong
              65  what was given is wrong: a passphrase, recovery words, a damaged file
              66  a file that is needed is not there
              69  the bridge is not reached
              70  an operation failed that should not
              73  nothing was made, because something is already there
              74  reading or writing failed
              75  somebody else was faster, or the bridge cannot do it now: try again
              77  permissions are too open, or access is denied
              130 Ctrl-C at a question
            """,
        version: Version.text,
        subcommands: [VersionCommand.self],
        groupedSubcommands: groups)

    /// Every command may come to hold keys, a passphrase or what was opened: none of it goes into a core dump.
    static func main() async {
        AgentProcess.guardSecrets()
        do {
            var command = try parseAsRoot()
            if var waiting = command as? any AsyncParsableCommand {
                try await waiting.run()
            } else {
                try command.run()
            }
        } catch {
            end(error)
        }
        sila_process_end(0)
    }

    /// What ArgumentParser does with an error, ended as `sila_process_end` says.
    private static func end(_ error: any Error) -> Never {
        let status = exitCode(for: error)
        let message = fullMessage(for: error)
        if !message.isEmpty {
            // Help and versions are what was asked for.
            if status.isSuccess { print(message) } else { Output.standardError(message + "\n") }
        }
        sila_process_end(status.rawValue)
    }

    /// All commands, as the help lists them.
    private static var groups: [CommandGroup] {
        [
            CommandGroup(
                name: "Conversations",
                subcommands: [
                    TodayCommand.self, InboxCommand.self, WatchCommand.self, ShowCommand.self, SearchCommand.self,
                    ReadCommand.self, UnreadCommand.self,
                    TakeoverCommand.self, HandbackCommand.self, AssignCommand.self, HideCommand.self,
                    NoteCommand.self, TagCommand.self, UntagCommand.self, TaskCommand.self,
                    AttachmentCommand.self,
                ]),
            CommandGroup(
                name: "Replies",
                subcommands: [
                    ReplyCommand.self, SuggestCommand.self, ApproveCommand.self, ReturnCommand.self,
                    WithdrawCommand.self, PracticeCommand.self, ImprovementsCommand.self,
                ]),
            CommandGroup(
                name: "Rights and control",
                subcommands: [
                    InviteCommand.self, ContactCommand.self, DeviceCommand.self, ArrivalWordsCommand.self,
                    AuditCommand.self, DoctorCommand.self,
                ]),
            CommandGroup(
                name: "People and keys",
                subcommands: [
                    Init.self, Join.self, Whoami.self, Staff.self, Rotate.self, BridgeCommand.self, Recovery.self,
                    BackupCommand.self, RestoreCommand.self, Unlock.self, Lock.self, AgentCommand.self,
                ]),
        ]
    }
}
