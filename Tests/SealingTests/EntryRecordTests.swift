import Foundation
import Testing

@testable import Sealing

@Suite struct EntryRecordTests {
    private let date = Date(milliseconds: 1_795_227_657_466)

    private func member() throws -> MemberID { try #require(MemberID(rawValue: "amina")) }

    private func records() throws -> [EntryRecord] {
        let member = try member()
        return [
            .note("Zij belt morgen terug. سلام", by: member, at: date),
            try #require(EntryRecord.tag("lawyer found", by: member, at: date)),
            .task("", by: member, at: date),
            .proposal(
                "Salam",
                EntryRecord.Proposal(topic: "rights.detention", variety: "ary-Latn", original: "a\nb", seen: 77),
                by: member, at: date),
            .proposal("Salam", EntryRecord.Proposal(seen: 0), by: member, at: date),
        ]
    }

    @Test func everyKindComesBackAsItWas() throws {
        for record in try records() {
            #expect(try EntryRecord(decoding: record.encoded(), as: record.kind) == record)
        }
        #expect(Set(try records().map(\.kind)) == Set(EntryRecord.Kind.allCases))
    }

    /// Written out by hand: version, then tag, length and bytes of each field.
    @Test func theStoredFormStaysAsItIs() throws {
        let record = EntryRecord.proposal(
            "é", EntryRecord.Proposal(topic: "t", seen: 258), by: try member(), at: Date(milliseconds: 1))
        #expect(
            try Hexadecimal.encode(record.encoded())
                == "01" + "010000000104" + "0200000002c3a9" + "0300000005616d696e61"
                + "04000000080000000000000001" + "050000000174" + "08000000080000000000000102")
    }

    @Test func aRecordOfAnotherKindIsRefused() throws {
        let note = try records()[0].encoded()
        for kind in EntryRecord.Kind.allCases where kind != .note {
            #expect(throws: SealingError.self) { try EntryRecord(decoding: note, as: kind) }
        }
    }

    @Test func damagedRecordsAreRefusedAndNeverTrapped() throws {
        for record in try records() {
            let bytes = try record.encoded()
            for count in 0..<bytes.count {
                #expect(throws: SealingError.self) {
                    try EntryRecord(decoding: Array(bytes[..<count]), as: record.kind)
                }
            }
            for index in bytes.indices {
                for bit in 0..<8 {
                    var altered = bytes
                    altered[index] ^= 1 << bit
                    // Either refused or another record: a changed letter of a text cannot be seen here.
                    let read = try? EntryRecord(decoding: altered, as: record.kind)
                    #expect(read != record)
                }
            }
        }
    }

    @Test func fieldsOfAProposalInANoteAreRefused() throws {
        var bytes = try records()[0].encoded()
        bytes += [8, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 1]
        #expect(throws: SealingError.self) { try EntryRecord(decoding: bytes, as: .note) }
    }

    @Test(arguments: ["", " a", "a ", "a\nb", String(repeating: "a", count: EntryRecord.tagLimit + 1)])
    func whatIsNoTagIsRefused(_ text: String) throws {
        #expect(EntryRecord.tag(text, by: try member(), at: date) == nil)
    }

    @Test func aTextThatIsTooLongIsNotWritten() throws {
        let text = String(repeating: "a", count: EntryRecord.textLimit + 1)
        #expect(throws: SealingError.self) { try EntryRecord.note(text, by: member(), at: date).encoded() }
    }

    @Test func aSealedRecordIsBoundToItsKind() throws {
        let kinds = Set(EntryRecord.Kind.allCases.map(\.recordKind.rawValue))
        #expect(kinds == ["note", "tag", "task", "proposal"])
    }
}
