import ArgumentParser
import Sealing

/// `sila staff`
struct Staff: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "staff",
        abstract: "Say who belongs to the deployment and who may read what.",
        discussion: """
            Who belongs stands in a list that only grows, each line signed by a coordinator; every program \
            holds it against what it has seen before. Changing it asks for your passphrase each time.

            Coordinators change it; everyone may look at it.
            """,
        subcommands: [
            StaffAdd.self, StaffList.self, StaffRole.self, StaffTrust.self, StaffRekey.self, StaffLeave.self,
            StaffRevoke.self,
        ],
        defaultSubcommand: StaffList.self)

    /// The exit statuses of the commands below, for their help.
    static let statuses = """
        EXIT STATUS
          0 done; 64 command line; 65 what was given is wrong, or was not confirmed; 66 a file or a \
        terminal is missing; 69 bridge not reachable; 74 reading or writing failed; 75 somebody else \
        was faster: look and try again; 77 you may not do this.
        """
}

/// The short name of a member, as an argument.
extension MemberID: ExpressibleByArgument {
    public init?(argument: String) { self.init(rawValue: argument) }
}

extension Role: ExpressibleByArgument {}
extension Compartment: ExpressibleByArgument {}
