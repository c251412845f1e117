import StaffProtocol
import Testing

@testable import sila

/// What an audit line is about stands there as it is typed.
@Suite struct AuditSubjectTests {
    private func line(_ kind: String, _ subject: Int64 = 7) -> AuditLine {
        AuditLine(id: 1, at: Sample.now, kind: kind, subject: subject, actor: "noor", amount: 0, chain: .init())
    }

    @Test(arguments: [
        ("note-added", "n7"), ("tag-removed", "g7"), ("task-done", "t7"), ("task-reassigned", "t7"),
        ("proposal-returned", "p7"), ("opened", "c7"), ("assigned", "c7"), ("to-be-read", "c7"),
        ("reassigned", "c7"), ("unassigned", "c7"), ("takeover-lapsed", "c7"), ("message-in", "m7"),
        ("reply-approved", "m7"), ("set-aside", "u7"),
        ("arrival-words-right", "c7"), ("person-recognised", "c7"),
    ])
    func shortID(_ kind: String, _ id: String) {
        #expect(AuditList.text(line(kind)).hasSuffix("  noor  \(kind)  \(id)"))
        #expect(AuditLineReport(line(kind)).id == id)
        #expect(AuditLineReport(line(kind)).subject == 7)
    }

    @Test(
        arguments: [
            ("assigned", 7, "assigned  c7  to amal"), ("work-reassigned", 0, "work-reassigned  to amal"),
            ("second-person-lifted", 0, "second-person-lifted  for amal"),
        ] as [(String, Int64, String)])
    func toWhom(_ kind: String, _ subject: Int64, _ text: String) {
        var line = line(kind, subject)
        line.about = "amal"
        #expect(AuditList.text(line).hasSuffix("  noor  \(text)"))
        #expect(AuditLineReport(line).about == "amal")
    }

    @Test func whatIsNoConversationAndNoItem() {
        #expect(AuditList.text(line("contact-erased")).hasSuffix("  contact-7"))
        #expect(AuditList.text(line("archive-served")).hasSuffix("  behind 7"))
        #expect(AuditList.text(line("roster-changed")).hasSuffix("  roster-changed  7"))
        #expect(AuditList.text(line("note-added", 0)).hasSuffix("  note-added"))
        for kind in ["logged-in", "bridge-opened", "work-released"] {
            #expect(AuditList.text(line(kind, 0)).hasSuffix("  noor  \(kind)"))
        }
        for kind in ["contact-erased", "archive-served", "roster-changed", "outbox-failed", "\u{1b}[2J", ""] {
            #expect(AuditLineReport(line(kind)).id == "")
            #expect(!AuditList.text(line(kind)).hasHarmfulScalars)
        }
    }
}
