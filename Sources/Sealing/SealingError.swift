/// What can go wrong when something is sealed, opened, or read from its stored form.
public enum SealingError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Written by a version of Sila that this program does not know.
    case unsupportedVersion(format: String, found: UInt8)
    /// Shorter, longer or otherwise not what the format says.
    case malformed(format: String, reason: String)
    /// Altered, or opened with the wrong key or for the wrong place. Nothing of it is returned.
    case notAuthentic(format: String)
    /// Longer than a record may be, in bytes.
    case tooLong(format: String, length: Int, limit: Int)
    /// The roster names no archive key for this compartment.
    case noArchiveKey(Compartment)
    /// The segment belongs to another compartment than the record.
    case wrongCompartment(expected: Compartment, found: Compartment)
    /// The cryptographic library refused an operation that cannot fail on sound input.
    case internalFailure(format: String, detail: String)

    public var description: String {
        switch self {
        case .unsupportedVersion(let format, let found):
            "The \(format) has format version \(found), which this version of Sila does not know. "
                + "Update Sila, or restore the data that belongs to this version."
        case .malformed(let format, let reason):
            "The \(format) is damaged: \(reason)."
        case .notAuthentic(let format):
            "The \(format) cannot be opened: it was altered, it belongs to another place, or the key is not its own."
        case .tooLong(let format, let length, let limit):
            "The \(format) has \(length) bytes; at most \(limit) can be sealed in one piece."
        case .noArchiveKey(let compartment):
            "The roster holds no archive key for the compartment '\(compartment.rawValue)'. "
                + "Ask a coordinator to complete the roster."
        case .wrongCompartment(let expected, let found):
            "The segment key is for the compartment '\(expected.rawValue)', the record for '\(found.rawValue)'."
        case .internalFailure(let format, let detail):
            "The \(format) could not be made: \(detail)."
        }
    }
}
