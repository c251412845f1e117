import StaffAgent
import StaffProtocol
import Testing

@testable import Inbox
@testable import sila

/// Numbers agree with their nouns.
@Suite struct CountedTests {
    @Test func oneIsNotMany() {
        #expect(Counted.words(0, "task") == "0 tasks")
        #expect(Counted.words(1, "task") == "1 task")
        #expect(Counted.words(2, "task") == "2 tasks")
        #expect(Counted.words(Int64(1), "address", "addresses") == "1 address")
        #expect(Counted.words(Int64(2), "address", "addresses") == "2 addresses")
    }

    @Test func anErasureOfOneOfEachIsSaidSo() {
        let text = ContactEraseCommand.text(
            3, ErasureReport(segmentKeys: 1, records: 1, addresses: 1, remains: []))
        #expect(text.contains("Gone: 1 key, 1 record, 1 address."))
    }

    @Test func anAuditLineCountsItsItems() {
        func text(_ amount: Int64) -> String {
            AuditList.text(
                AuditLine(
                    id: 1, at: Sample.now, kind: "archive-served", subject: 0, actor: "noor", amount: amount,
                    chain: .init()))
        }
        #expect(text(1).hasSuffix("  1 item"))
        #expect(text(2).hasSuffix("  2 items"))
    }

    @Test func theDoctorCountsMessages() {
        func details(_ count: Int) -> [String] {
            let status = BridgeStatus(
                version: Version.number, startedAt: Sample.now, now: Sample.now, keyMode: "operator",
                channels: [.init(name: "xmpp", isOnline: true, since: Sample.now)], waiting: 0, danger: 0,
                outbox: ["failed": count], setAside: ["bad-mac": count], schemaVersion: "3", warnings: [])
            return DoctorWork.bridge(status, asked: Sample.now, answered: Sample.now).map(\.words)
        }
        #expect(details(1).contains("1 message failed or uncertain: sila today"))
        #expect(details(1).contains("1 message could not be opened: bad-mac 1"))
        #expect(details(2).contains("2 messages failed or uncertain: sila today"))
    }
}
