import Foundation
import StaffProtocol
import Testing

@testable import sila

@Suite struct MomentsTests {
    @Test(
        arguments: [
            (0, "now"), (59_999, "now"), (60_000, "1m"), (59 * 60_000, "59m"), (3_600_000, "1h 00m"),
            (3_600_000 + 5 * 60_000, "1h 05m"), (86_400_000, "1d 0h"), (13 * 86_400_000 + 3_600_000, "13d 1h"),
            (31 * 86_400_000, "31d"),
        ] as [(Milliseconds, String)])
    func howLongAgo(_ passed: Milliseconds, _ words: String) {
        #expect(Moments.since(Sample.now - passed, now: Sample.now) == words)
    }

    @Test func aClockThatIsBehindGivesNoNegativeTime() {
        #expect(Moments.since(Sample.now + 3_600_000, now: Sample.now) == "now")
    }

    @Test func clockAndDay() throws {
        let zone = try #require(TimeZone(secondsFromGMT: 2 * 3600))
        #expect(Moments.clock(Sample.now, zone: .gmt) == "2026-11-21 12:00")
        #expect(Moments.clock(Sample.now + 11 * 3_600_000, zone: zone) == "2026-11-22 01:00")
        #expect(Moments.day(0) == "1970-01-01")
        #expect(Moments.iso(Sample.now) == "2026-11-21T12:00:00.000Z")
        #expect(Moments.iso(0) == "")
    }

    @Test(
        arguments: [
            ("2026-11-21", 0), ("today", 0), ("vandaag", 0), ("tomorrow", 1), ("Morgen", 1), ("+3", 3), ("+0", 0),
            ("2026-12-01", 10),
        ] as [(String, Int32)])
    func daysOfAPersonsWords(_ words: String, _ later: Int32) throws {
        let now = Date(timeIntervalSince1970: Double(Sample.now) / 1000)
        let today = try #require(Moments.parseDay("2026-11-21", now: now, zone: .gmt))
        #expect(Moments.parseDay(words, now: now, zone: .gmt) == today + later)
    }

    @Test(arguments: ["", "soon", "2026-02-30", "21-11-2026", "2026-11-21x", "+", "-1", "+99999", "2026-1-1"])
    func whatIsNoDay(_ words: String) { #expect(Moments.parseDay(words) == nil) }

    @Test func todayIsThatOfTheZone() throws {
        let late = Date(timeIntervalSince1970: Double(Sample.now) / 1000 + 11.5 * 3600)
        let east = try #require(TimeZone(secondsFromGMT: 3600))
        #expect(Moments.today(now: late, zone: east) == Moments.today(now: late, zone: .gmt) + 1)
    }
}
