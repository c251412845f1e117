import Foundation
import Sealing
import StaffProtocol
import Testing

@testable import StaffAPI

/// What is written field by field says the same, in the same order, as the encoder that knows every field by itself:
/// a field that is added to a page and forgotten there shows here.
struct PageJSONTests {
    private static let words = [
        "", "plain", "quote \" backslash \\ slash /", "\u{8}\u{9}\u{a}\u{c}\u{d}\u{0}\u{1f}\u{7f}",
        "موعد n9der é 🚋\u{2028}",
    ]
    private static let numbers: [Double] = [0, 1, 0.5, 0.1 + 0.2, 1e-7, 0.999_999_999_999, 1e17, -2]

    private static func row(_ word: String, note: BotNote?) -> InboxRow {
        InboxRow(
            conversation: .max, contact: 2, channel: word, endsAt: .bridge, waitsSince: 3, dangerSince: -4, lastInAt: 5,
            lastOutAt: 6, language: word, assigned: word, takenOverBy: word, takenOverUntil: 7, bot: note,
            unheardVoice: 8, troubled: 9, proposals: 10, tasksDue: 11, isPractice: word.isEmpty, newestItem: 12,
            person: word.isEmpty
                ? nil
                : PersonLink(
                    contact: 13, conversations: word == "plain" ? [] : [14, 15], how: word, since: 16, recognisedAt: 17,
                    recognisedBy: word),
            voiceSince: word.isEmpty ? nil : 18)
    }

    private static func note(_ word: String) -> BotNote {
        BotNote(
            decision: word, reason: word, target: word, topic: word,
            candidates: numbers.map { BotNote.Candidate(topic: word, confidence: $0) }, at: 13)
    }

    @Test func anInboxPageIsAsTheEncoderWritesIt() throws {
        let rows = Self.words.flatMap { [Self.row($0, note: nil), Self.row($0, note: Self.note($0))] }
        let noCandidates = BotNote(decision: "ask", reason: "", target: "", topic: "", candidates: [], at: 1)
        for page in [
            InboxPage(rows: rows, waiting: 1, danger: 2, next: "1.2.3", event: 4),
            InboxPage(rows: [Self.row("one", note: noCandidates)], waiting: 0, danger: 0, next: "", event: .max),
            InboxPage(rows: [], waiting: 0, danger: 0, next: "", event: 0),
        ] {
            #expect(String(decoding: PageJSON.encode(page), as: UTF8.self) == text(try StrictJSON.encode(page)))
        }
    }

    @Test func aConversationIsAsTheEncoderWritesIt() throws {
        let items = Self.words.flatMap { word in
            SealedItem.Kind.allCases.flatMap { kind in
                [
                    SealedItem(
                        kind: kind, id: 1, position: 2, conversation: 3, segment: Data(word.utf8), storedAt: 4,
                        sealed: Data((0...255).map { UInt8($0) }),
                        attachment: AttachmentInfo(id: 7, kind: "voice", state: "waiting", size: 0)),
                    SealedItem(
                        kind: kind, id: 1, position: 2, conversation: 3, segment: Data(), token: Data(word.utf8),
                        storedAt: 4, sealed: Data(), direction: word, protection: word, stage: word, code: word,
                        author: word, assignee: word, due: -5, closedAt: 6, closedBy: word, outcome: word,
                        attachment: AttachmentInfo(
                            id: 7, kind: word, state: word, size: 8, attempts: 9, failure: word, heardAt: 10,
                            heardBy: word)),
                ]
            }
        }
        let segments = Compartment.allCases.map {
            SealedSegment(token: Data([255]), contact: 1, day: -2, compartment: $0, wrapped: Data([0, 1]))
        }
        for (items, segments) in [(items, segments), ([], [])] {
            let page = ConversationPage(
                row: Self.row("a", note: Self.note("b")), items: items, segments: segments, older: "7",
                olderWithheld: items.isEmpty, event: 8,
                linked: items.isEmpty ? nil : Self.words.map { Self.row($0, note: nil) })
            #expect(String(decoding: PageJSON.encode(page), as: UTF8.self) == text(try StrictJSON.encode(page)))
        }
    }

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
