import Foundation

/// The day of a task, as a person types it.
enum DueDay {
    /// A day, or none.
    struct Answer: Equatable {
        /// Days since 1970-01-01; `nil` without a day.
        var day: Int32?
    }

    /// Reads `` (no day), `0` or `+3` (days from today), `24-12` (the next such day), `2026-12-24`,
    /// `24-12-2026`. `nil` when it is none of these.
    static func read(_ text: String, today: Int32) -> Answer? {
        if text.isEmpty { return Answer(day: nil) }
        let digits = text.hasPrefix("+") ? text.dropFirst() : text[...]
        if let days = Int32(digits), (0...3660).contains(days) { return Answer(day: today + days) }
        let parts = text.split(whereSeparator: { "-/.".contains($0) }).map { Int($0) }
        switch (parts.count, parts.first ?? nil, parts.dropFirst().first ?? nil, parts.last ?? nil) {
        case (2, let day?, let month?, _):
            let year = components(of: today).year
            for year in [year, year + 1] {
                if let found = number(year, month, day), found >= today { return Answer(day: found) }
            }
            return nil
        case (3, let first?, let month?, let last?):
            let found = first > 31 ? number(first, month, last) : number(last, month, first)
            return found.map { Answer(day: $0) }
        default: return nil
        }
    }

    /// The day of a time, in UTC: whoever works at night plans by hand.
    static func day(of time: ReaderTime) -> Int32 {
        Int32(clamping: time >= 0 ? time / 86_400_000 : (time - 86_399_999) / 86_400_000)
    }

    /// Year, month and day.
    static func components(of day: Int32) -> (year: Int, month: Int, day: Int) {
        let date = Date(timeIntervalSince1970: Double(day) * 86_400)
        let parts = calendar.dateComponents([.year, .month, .day], from: date)
        return (parts.year ?? 1970, parts.month ?? 1, parts.day ?? 1)
    }

    private static func number(_ year: Int, _ month: Int, _ day: Int) -> Int32? {
        let parts = DateComponents(year: year, month: month, day: day)
        guard (1970...2200).contains(year), let date = calendar.date(from: parts) else { return nil }
        // 31 February is no day.
        let number = Int32(clamping: Int64((date.timeIntervalSince1970 / 86_400).rounded(.down)))
        return components(of: number) == (year, month, day) ? number : nil
    }

    private static var calendar: Calendar {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        return calendar
    }
}
