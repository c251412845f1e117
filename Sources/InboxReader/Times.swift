import Foundation

/// Times as the screen shows them.
struct Times: Sendable {
    let zone: TimeZone
    let texts: StaffTexts

    private func parts(_ time: ReaderTime) -> DateComponents {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        return calendar.dateComponents(
            [.year, .month, .day, .weekday, .hour, .minute], from: Date(timeIntervalSince1970: Double(time) / 1000))
    }

    /// `14:02`
    func clock(_ time: ReaderTime) -> String {
        let parts = parts(time)
        return "\(Self.two(parts.hour)):\(Self.two(parts.minute))"
    }

    /// Whether two times are on the same day here.
    func isSameDay(_ one: ReaderTime, _ other: ReaderTime) -> Bool {
        let (one, other) = (parts(one), parts(other))
        return one.day == other.day && one.month == other.month && one.year == other.year
    }

    /// `today`, `yesterday`, `Fri 20 Nov`, with the year when it is another one.
    func day(_ time: ReaderTime, now: ReaderTime) -> String {
        if isSameDay(time, now) { return texts[.dayToday] }
        if isSameDay(time, now - 86_400_000) { return texts[.dayYesterday] }
        let parts = parts(time)
        let weekdays = texts[.dayWeekdays].split(separator: " ")
        let months = texts[.dayMonths].split(separator: " ")
        let weekday = (parts.weekday ?? 1) - 1
        let month = (parts.month ?? 1) - 1
        var words = [
            weekdays.indices.contains(weekday) ? String(weekdays[weekday]) : "", "\(parts.day ?? 0)",
            months.indices.contains(month) ? String(months[month]) : "\(month + 1)",
        ]
        if let year = parts.year, year != self.parts(now).year { words.append("\(year)") }
        return words.joined(separator: " ")
    }

    /// A day of a task, `24-12-2026`.
    func date(_ day: Int32) -> String {
        let parts = DueDay.components(of: day)
        return "\(Self.two(parts.day))-\(Self.two(parts.month))-\(parts.year)"
    }

    /// How long ago: `now`, `35 min`, `2 h`, `3 d`.
    func age(_ time: ReaderTime, now: ReaderTime) -> String {
        let minutes = max(now - time, 0) / 60_000
        if minutes < 1 { return texts[.ageNow] }
        if minutes < 60 { return texts(.ageMinutes, ["n": "\(minutes)"]) }
        if minutes < 48 * 60 { return texts(.ageHours, ["n": "\(minutes / 60)"]) }
        return texts(.ageDays, ["n": "\(minutes / (24 * 60))"])
    }

    private static func two(_ number: Int?) -> String {
        let text = "\(number ?? 0)"
        return text.count < 2 ? "0" + text : text
    }
}
