/// What the program around the reader says in its language: the raw value is its `msgid` in `staff.po`.
public enum SessionText: String, CaseIterable, Sendable {
    case roleCoordinator = "session.role-coordinator"
    case roleStaff = "session.role-staff"
    case roleFinance = "session.role-finance"
    case roleIntern = "session.role-intern"
    case roleAuditor = "session.role-auditor"
    /// The key holder has forgotten the keys.
    case locked = "session.locked"
    /// The bridge does not know this member any more.
    case notMember = "session.not-member"
    /// Nobody holds an index to search in.
    case searchLocked = "session.search-locked"
    /// The index is not whole: more may be found later.
    case searchPartly = "session.search-partly"
    /// `{id}`: the conversation of a draft that does not open.
    case draftDamaged = "session.draft-damaged"
    /// `{name}`: a channel that does not reach its network.
    case channelOffline = "session.channel-offline"
}

extension StaffTexts {
    /// A sentence with what stands in braces filled in.
    public func session(_ key: SessionText, _ values: [String: String] = [:]) -> String {
        filled(text(of: key.rawValue), values)
    }
}
