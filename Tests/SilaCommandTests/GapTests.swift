import StaffProtocol
import Testing

@testable import Inbox
@testable import sila

/// Times in which messages may be missing, in words.
@Suite struct GapTests {
    private static let hour: Milliseconds = 3_600_000
    private let known = ArchiveGap(
        id: 1, channel: "xmpp", from: Sample.now, until: Sample.now + hour, foundAt: Sample.now + 2 * hour)
    private let unknown = ArchiveGap(id: 2, channel: "xmpp", from: 0, until: Sample.now, foundAt: Sample.now)

    private func status(_ gaps: [ArchiveGap]) -> BridgeStatus {
        BridgeStatus(
            version: Version.number, startedAt: Sample.now, now: Sample.now, keyMode: "operator",
            channels: [.init(name: "xmpp", isOnline: true, since: Sample.now)], waiting: 0, danger: 0, outbox: [:],
            setAside: [:], schemaVersion: "5", warnings: [], gaps: gaps)
    }

    @Test func aGapSaysBetweenWhenAndWhatToDo() {
        let display = Display(columns: 100)
        let text = GapText.lines([known, unknown], acknowledged: false, display: display).map(\.text)
            .joined(separator: " ")
        #expect(text.contains("between \(Moments.clock(known.from)) and \(Moments.clock(known.until))"))
        #expect(text.contains("until \(Moments.clock(unknown.until))"))
        #expect(!text.contains("1970"))
        #expect(text.contains("sila bridge gaps --acknowledge"))
        let done = GapText.lines([known], acknowledged: true, display: display).map(\.text).joined(separator: " ")
        #expect(done.contains("Acknowledged"))
        #expect(!done.contains("--acknowledge"))
    }

    @Test func theDoctorIsRedAndTodayIsNotEmpty() {
        let checks = DoctorWork.bridge(status([known]), asked: Sample.now, answered: Sample.now)
        #expect(checks.first { $0.name == "gap" }?.state == .red)
        #expect(!DoctorWork.bridge(status([]), asked: Sample.now, answered: Sample.now).contains { $0.name == "gap" })
        let today = TodayWork(rows: [], tasks: [], drafts: [], status: status([known]))
        let lines = TodayText(today: today, now: Sample.now, display: Display(columns: 100)).lines()
        #expect(lines.contains { $0.text.contains("MESSAGES MAY BE MISSING") && $0.weight == .alarm })
    }
}
