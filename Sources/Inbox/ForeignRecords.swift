/// The bridge answered with records of something else than what was asked for. Nothing of them is used: the
/// words of one person would be taken for another's.
public struct ForeignRecords: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was asked for: `contact 12`, `c12`.
    public let asked: String
    /// What came.
    public let got: String

    public init(asked: String, got: String) {
        self.asked = asked
        self.got = got
    }

    public var description: String {
        "The bridge was asked for \(asked), and gave \(got). Nothing was taken over. The bridge is faulty, or "
            + "somebody tampers with it: tell the coordinators."
    }
}
