/// Why the agent did not do what was asked, or could not be asked.
public struct AgentError: Error, Codable, Sendable, Equatable, CustomStringConvertible {
    /// Fixed words, for programs.
    public enum Code: String, Codable, Sendable, CaseIterable {
        /// No agent runs: nothing is unlocked.
        case notUnlocked
        /// The other side is of another version of Sila.
        case version
        /// The request is not of the documented shape.
        case malformed
        case tooLarge
        /// Asked to sign for another deployment than the one the keys belong to.
        case otherDeployment
        /// The roster does not hold against the pin.
        case roster
        /// The roster does not hold the member any more: everything was forgotten.
        case notMember
        /// The keyring, or a key in it, does not hold.
        case keyring
        /// Another user's program, or a socket that another user made.
        case otherUser
        /// The agent could not be started, or not be spoken to.
        case system
        /// An operation failed that should not.
        case internalError
    }

    public var code: Code
    /// For people: what went wrong and what to do.
    public var message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { message }
}
