/// A part of the archive with keys of its own. Who may read which is a matter of role.
///
/// The raw value is part of sealed formats and never changes.
public enum Compartment: String, CaseIterable, Sendable, Codable {
    /// What was said in conversations.
    case conversation
    /// Calls, visits, clothing, tasks, terms, signatures.
    case desk
    /// Reports of force, health, complaints, notes.
    case casework
    case payments
}
