import Foundation
import StaffProtocol

/// Times as the commands print them.
enum Moments {
    /// How long ago: `now`, `4m`, `3h 05m`, `2d 4h`, `31d`.
    static func since(_ then: Milliseconds, now: Milliseconds) -> String {
        let minutes = max(now - then, 0) / 60_000
        if minutes < 1 { return "now" }
        if minutes < 60 { return "\(minutes)m" }
        let hours = minutes / 60
        let rest = minutes % 60
        if hours < 24 { return "\(hours)h \(rest < 10 ? "0" : "")\(rest)m" }
        let days = hours / 24
        return days < 14 ? "\(days)d \(hours % 24)h" : "\(days)d"
    }

    /// Day and time in the zone of this machine: `2026-11-21 14:03`.
    static func clock(_ moment: Milliseconds, zone: TimeZone = .current) -> String {
        var style = Date.VerbatimFormatStyle.dayAndTime
        style.timeZone = zone
        return Date(timeIntervalSince1970: Double(moment) / 1000).formatted(style)
    }

    /// A day given as days since 1970: `2026-11-21`.
    static func day(_ days: Int32) -> String {
        var style = Date.VerbatimFormatStyle.day
        style.timeZone = .gmt
        return Date(timeIntervalSince1970: Double(days) * 86_400).formatted(style)
    }

    /// Now.
    static var now: Milliseconds { Milliseconds((Date().timeIntervalSince1970 * 1000).rounded()) }

    /// The day of a person's words: `2026-11-21`, `today`, `tomorrow`, `+3` (days from today).
    /// `nil` for anything else.
    static func parseDay(_ text: String, now: Date = Date(), zone: TimeZone = .current) -> Int32? {
        let seconds = now.timeIntervalSince1970 + Double(zone.secondsFromGMT(for: now))
        let today = Int32(truncatingIfNeeded: Int((seconds / 86_400).rounded(.down)))
        switch text.lowercased() {
        case "today", "vandaag": return today
        case "tomorrow", "morgen": return today + 1
        case let text where text.hasPrefix("+"):
            guard let days = Int32(text.dropFirst()), (0...3660).contains(days) else { return nil }
            return today + days
        case let text:
            var style = Date.VerbatimFormatStyle.day
            style.timeZone = .gmt
            guard let date = try? Date(text, strategy: Date.ParseStrategy.day), date.formatted(style) == text else {
                return nil
            }
            return Int32(exactly: (date.timeIntervalSince1970 / 86_400).rounded(.down))
        }
    }
}

extension Date.VerbatimFormatStyle {
    fileprivate static var day: Self {
        Self(
            format: "\(year: .padded(4))-\(month: .twoDigits)-\(day: .twoDigits)", timeZone: .gmt,
            calendar: Calendar(identifier: .gregorian))
    }

    fileprivate static var dayAndTime: Self {
        Self(
            format: """
                \(year: .padded(4))-\(month: .twoDigits)-\(day: .twoDigits) \
                \(hour: .twoDigits(clock: .twentyFourHour, hourCycle: .zeroBased)):\(minute: .twoDigits)
                """,
            timeZone: .current, calendar: Calendar(identifier: .gregorian))
    }
}

extension Date.ParseStrategy {
    fileprivate static var day: Self {
        Self(
            format: "\(year: .padded(4))-\(month: .twoDigits)-\(day: .twoDigits)", timeZone: .gmt,
            calendar: Calendar(identifier: .gregorian), isLenient: false)
    }
}

extension Moments {
    /// ISO 8601 in UTC with milliseconds; empty for 0, which means that it is not so.
    static func iso(_ moment: Milliseconds) -> String {
        guard moment > 0 else { return "" }
        let date = Date(timeIntervalSince1970: Double(moment) / 1000)
        return date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }

    /// Since when, and how long that is: `2026-11-21 14:03 (2h 05m)`.
    static func clockAndSince(_ moment: Milliseconds, now: Milliseconds, zone: TimeZone = .current) -> String {
        "\(clock(moment, zone: zone)) (\(since(moment, now: now)))"
    }
}

extension Moments {
    /// Today in the zone of this machine, in days since 1970-01-01.
    static func today(now: Date = Date(), zone: TimeZone = .current) -> Int32 {
        let seconds = now.timeIntervalSince1970 + Double(zone.secondsFromGMT(for: now))
        return Int32(truncatingIfNeeded: Int((seconds / 86_400).rounded(.down)))
    }
}
