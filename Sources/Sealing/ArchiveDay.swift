import FoundationEssentials

/// A calendar day in UTC: archive keys change with it.
public struct ArchiveDay: Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
    /// Days since 1970-01-01.
    public let daysSince1970: Int32

    public init(daysSince1970: Int32) { self.daysSince1970 = daysSince1970 }

    /// The day in which a moment falls.
    public init(_ date: Date) {
        let days = (date.timeIntervalSince1970 / 86_400).rounded(.down)
        // A clock beyond the range of the format is kept at its edge rather than trapped on.
        daysSince1970 = Int32(exactly: days) ?? (days < 0 ? .min : .max)
    }

    public static func < (left: ArchiveDay, right: ArchiveDay) -> Bool {
        left.daysSince1970 < right.daysSince1970
    }

    /// The day as `2026-11-21` (ISO 8601).
    public var description: String {
        Date(timeIntervalSince1970: Double(daysSince1970) * 86_400)
            .formatted(Date.ISO8601FormatStyle(timeZone: .gmt).year().month().day())
    }
}
