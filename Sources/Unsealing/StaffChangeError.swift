import Sealing

/// Why a change of people or keys cannot be made.
public enum StaffChangeError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The request of a new member is damaged, or not signed by the keys in it.
    case request(reason: String)
    /// The one who makes the change is not in the roster, or with other keys.
    case notYou(MemberID)
    case notCoordinator(MemberID, Role)
    case isMember(MemberID)
    case hasLeft(MemberID)
    case noMember(MemberID)
    /// A coordinator cannot take themselves out or down: whoever makes new keys knows them.
    case yourself
    /// Nothing would change.
    case nothingToDo(String)
    /// The author holds none of the keys that this change must hand on.
    case lacksKeys([Compartment])
    case roster(RosterError)
    case unsealing(UnsealingError)

    public var description: String {
        switch self {
        case .request(let reason):
            "The request cannot be used: \(reason). Ask for a new one: sila join"
        case .notYou(let id):
            "The roster does not name '\(id)' with the keys on this machine. Nothing was changed."
        case .notCoordinator(let id, let role):
            "Only a coordinator may do this; '\(id)' is \(role.rawValue). Nothing was changed."
        case .isMember(let id):
            "'\(id)' is a member already. For new keys of the same person: sila staff rekey. For someone else: "
                + "another name."
        case .hasLeft(let id):
            "The name '\(id)' belonged to someone who left, and is not given again. Ask for a request with another name."
        case .noMember(let id):
            "There is no member '\(id)'. The members are shown by: sila staff list"
        case .yourself:
            "Another coordinator must do this: whoever takes a member out makes the new keys, and knows them. "
                + "Nothing was changed."
        case .nothingToDo(let reason): "Nothing was changed: \(reason)."
        case .lacksKeys(let compartments):
            "You do not hold the present keys of \(compartments.map(\.rawValue).joined(separator: ", ")), so you cannot "
                + "hand them on. Ask a coordinator who holds them, give the recovery words, or make new keys: sila rotate"
        case .roster(let error): error.description
        case .unsealing(let error): error.description
        }
    }
}
