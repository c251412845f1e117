import ArgumentParser
import StaffProtocol

/// A conversation as a person types it: `c12`, or `12`.
struct ConversationArgument: ExpressibleByArgument, Hashable {
    let number: Int64

    init(_ number: Int64) { self.number = number }

    init?(argument: String) {
        guard let id = ShortID(argument, assuming: .conversation), id.kind == .conversation else { return nil }
        number = id.number
    }

    static var defaultCompletionKind: CompletionKind { .custom { words, _, _ in ConversationIDs.known(words) } }

    var id: ShortID { ShortID(.conversation, number) }
    var defaultValueDescription: String { id.description }
}

/// A reply that waits for a second person: `p7`, or `7`.
struct ProposalArgument: ExpressibleByArgument, Hashable {
    let number: Int64

    init?(argument: String) {
        guard let id = ShortID(argument, assuming: .proposal), id.kind == .proposal else { return nil }
        number = id.number
    }

    var id: ShortID { ShortID(.proposal, number) }
    var defaultValueDescription: String { id.description }
}

/// A task: `t5`, or `5`.
struct TaskArgument: ExpressibleByArgument, Hashable {
    let number: Int64

    init?(argument: String) {
        guard let id = ShortID(argument, assuming: .task), id.kind == .task else { return nil }
        number = id.number
    }

    var id: ShortID { ShortID(.task, number) }
    var defaultValueDescription: String { id.description }
}

/// A member, or `nobody`.
struct AssigneeArgument: ExpressibleByArgument, Hashable {
    /// Empty for nobody.
    let name: String

    init?(argument: String) {
        if ["nobody", "niemand"].contains(argument.lowercased()) {
            name = ""
        } else {
            guard argument.isShortName else { return nil }
            name = argument
        }
    }

    var defaultValueDescription: String { name.isEmpty ? "nobody" : name }
}

/// The exit statuses of commands that work with the bridge, for their help.
enum Statuses {
    static let working = """
        EXIT STATUS
          0 done; 64 command line; 65 what was given or received is wrong; 66 not there, or not for you; \
        69 bridge not reachable; 74 reading or writing failed; 75 somebody else was faster: look and try \
        again; 77 you may not do this.
        """
}

extension String {
    /// Whether this can be the short name of a member.
    var isShortName: Bool {
        (1...32).contains(utf8.count)
            && utf8.allSatisfy { (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2d }
    }
}
