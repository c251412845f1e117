import ArrivalWords
import Foundation
import Messaging
import StaffProtocol
import Testing

@testable import Store

/// The words on a card: what they open, and what they do not.
@Suite(.timeLimit(.minutes(1)), .scratchFolder) struct ArrivalTests {
    private static let code = ArrivalCode(words: [0, 2, 10, 13, 19, 36])
    private static let other = ArrivalCode(words: [1, 2, 10, 13, 19, 36])

    private static func code(_ code: ArrivalCode?) throws -> ArrivalCode { try #require(code) }

    private static func give(_ conversation: Int64, _ desk: StaffDesk, _ code: ArrivalCode? = code) async throws {
        let request = ArrivalWordsRequest(action: .give, code: try Self.code(code).canonical)
        _ = try await desk.service.setArrivalWords(conversation, request, call("sam", .setArrivalWords))
    }

    /// A contact writes words; what comes of it.
    private static func write(
        _ name: String, _ code: ArrivalCode? = code, on desk: StaffDesk, protection: Protection = .endToEnd
    ) async throws -> ArrivalOutcome? {
        let attempt = ArrivalAttempt.code(try Self.code(code))
        return try await desk.writer.perform { transaction in
            let conversation = try transaction.conversation(for: StaffDesk.address(name))
            _ = try transaction.store(message("six words", protection: protection), in: conversation)
            return try transaction.takeArrival(attempt, in: conversation, protection: protection, device: 7)
        }
    }

    private static func number(_ name: String, _ desk: StaffDesk) async throws -> Int64 {
        try await desk.writer.perform { try $0.conversation(for: StaffDesk.address(name)).id.rawValue }
    }

    private static func kinds(_ desk: StaffDesk) async throws -> [String] {
        try await desk.service.audit(after: 0, limit: 1_000, for: StaffDesk.viewer("noor")).lines.map(\.kind)
    }

    @Test func rightWordsReopenTheConversationAndStaffSeeOneHistory() async throws {
        let desk = try StaffDesk()
        let old = try await desk.contact("rachid", "from the old phone")
        try await desk.assign(old, to: "amal")
        try await Self.give(old, desk)
        #expect(try await Self.write("rachid2", on: desk) == .right(dialogue: [1]))
        let new = try await Self.number("rachid2", desk)

        for (viewer, asked) in [("sam", old), ("sam", new), ("amal", old), ("amal", new)] {
            let page = try await desk.service.conversation(
                asked, before: "", limit: 10, wholePerson: true, for: StaffDesk.viewer(viewer))
            #expect(page.items.map(\.conversation) == [old, new], "in the order of time, for \(viewer)")
            #expect(Set(page.segments.map(\.contact)).count == 2, "nothing moved")
            #expect(page.linked?.map(\.conversation) == [asked == old ? new : old])
        }
        let alone = try await desk.service.conversation(new, before: "", limit: 10, for: StaffDesk.viewer("sam"))
        #expect(alone.items.map(\.conversation) == [new] && alone.linked == nil)
        let (first, second) = (try await desk.row(old), try await desk.row(new))
        #expect(first.person?.how == "first" && first.person?.conversations == [new])
        #expect(second.person?.how == "arrival-words" && second.person?.conversations == [old])
        #expect(second.person?.isUnrecognised == true && first.person?.isUnrecognised == false)
        #expect(second.assigned == "amal", "whoever has the person has them there too")
        #expect(second.contact != first.contact)
        await desk.writer.close()
        #expect(try desk.store.bytesOnDisk().range(of: Data(Self.code(Self.code).canonical.utf8)) == nil)
    }

    /// Pages of one history end and begin where those of one conversation do.
    @Test func theHistoryHasPages() async throws {
        let desk = try StaffDesk()
        let old = try await desk.contact("rachid", "1")
        try await Self.give(old, desk)
        _ = try await Self.write("rachid2", on: desk)
        let new = try await Self.number("rachid2", desk)
        try await desk.write("rachid", "3")
        try await desk.write("rachid2", "4")
        var (seen, before): ([Int64], String) = ([], "")
        for _ in 0..<2 {
            let page = try await desk.service.conversation(
                old, before: before, limit: 2, wholePerson: true, for: StaffDesk.viewer("sam"))
            seen = page.items.map(\.conversation) + seen
            before = page.older
        }
        #expect(seen == [old, new, old, new] && before.isEmpty)
        await desk.writer.close()
    }

    @Test func fiveWrongTriesOfAnAddressAndThenStaff() async throws {
        let desk = try StaffDesk()
        let old = try await desk.contact("rachid")
        try await Self.give(old, desk)
        for _ in 0..<5 { #expect(try await Self.write("guesser", Self.other, on: desk) == .wrong) }
        #expect(try await Self.write("guesser", on: desk) == .tooOften, "also the right ones")
        desk.clock.advance(by: 86_400 * 30)
        #expect(try await Self.write("guesser", on: desk) == .tooOften, "time does not help")
        #expect(try await Self.write("other", on: desk) != .tooOften, "others are not held up")
        let guesser = try await Self.number("guesser", desk)
        let status = try await desk.service.arrivalWords(guesser, for: StaffDesk.viewer("sam"))
        #expect(status.tries == 5 && status.isBlocked && status.form.isEmpty)
        let reset = try await desk.service.setArrivalWords(
            guesser, ArrivalWordsRequest(action: .resetTries), call("sam", .setArrivalWords))
        #expect(reset.tries == 0 && !reset.isBlocked)
        #expect(try await Self.write("guesser", on: desk) == .right(dialogue: [1]))
        await desk.writer.close()
    }

    @Test func fiftyWrongTriesInAnHourAndThenNobodyIsLookedUp() async throws {
        let desk = try StaffDesk()
        let old = try await desk.contact("rachid")
        try await Self.give(old, desk)
        for number in 0..<50 { #expect(try await Self.write("guesser\(number)", Self.other, on: desk) == .wrong) }
        #expect(try await Self.write("rachid2", on: desk) == .tooOften)
        desk.clock.advance(by: 3_601)
        #expect(try await Self.write("rachid2", on: desk) == .right(dialogue: [1]))
        await desk.writer.close()
    }

    /// A slip that cannot be looked up is no try: nobody is locked out by their spelling.
    @Test func aMisspeltCardIsNoTry() async throws {
        let desk = try StaffDesk()
        let conversation = try await desk.contact("rachid")
        for _ in 0..<9 {
            let outcome = try await desk.writer.perform { transaction in
                try transaction.takeArrival(
                    .misspelt, in: transaction.conversation(for: StaffDesk.address("rachid")), protection: .endToEnd,
                    device: nil)
            }
            #expect(outcome == .wrong)
        }
        #expect(try await desk.service.arrivalWords(conversation, for: StaffDesk.viewer("sam")).tries == 0)
        await desk.writer.close()
    }

    @Test func aCardIsReplacedRevokedAndRunsOut() async throws {
        let desk = try StaffDesk()
        let old = try await desk.contact("rachid")
        try await Self.give(old, desk)
        try await Self.give(old, desk, Self.other)
        #expect(try await Self.write("a", on: desk) == .wrong, "a new card takes the place of the old one")
        let given = try await desk.service.arrivalWords(old, for: StaffDesk.viewer("sam"))
        #expect(given.form == "words" && given.madeBy == "sam" && given.usedAt == 0)
        let revoked = try await desk.service.setArrivalWords(
            old, ArrivalWordsRequest(action: .revoke), call("sam", .setArrivalWords))
        #expect(revoked.form.isEmpty)
        #expect(try await Self.write("b", Self.other, on: desk) == .wrong)
        try await Self.give(old, desk)
        desk.clock.advance(by: 86_400 * 365 + 1)
        #expect(try await Self.write("c", on: desk) == .wrong)
        let taken = try await desk.contact("somebody")
        let code = try await refusal { try await Self.give(taken, desk) }
        #expect(code == .refused, "words that are another's")
        await desk.writer.close()
    }

    @Test func wordsThatCameReadableAreNotTakenFromAnybodyElse() async throws {
        let desk = try StaffDesk()
        let old = try await desk.contact("rachid", waits: false)
        try await Self.give(old, desk)
        #expect(try await Self.write("rachid2", on: desk, protection: .none) == nil)
        let status = try await desk.service.arrivalWords(old, for: StaffDesk.viewer("sam"))
        #expect(status.exposedAt > 0)
        let row = try await desk.row(old)
        #expect(row.waitsSince > 0 && row.bot?.reason == "arrival-words-exposed")
        #expect(try await desk.row(old).person == nil)
        #expect(try await Self.write("listener", on: desk) == .wrong)
        // The person switched encryption on, as they were told, and wrote them again.
        #expect(try await Self.write("rachid2", on: desk) == .right(dialogue: [1]))
        await desk.writer.close()
    }

    @Test func guessesThatOthersCanReadCountAsGuesses() async throws {
        let desk = try StaffDesk()
        let old = try await desk.contact("rachid")
        try await Self.give(old, desk)
        for _ in 0..<ArrivalLimits.triesOfAddress {
            #expect(try await Self.write("guesser", Self.other, on: desk, protection: .none) == nil)
        }
        #expect(try await Self.write("guesser", on: desk, protection: .none) == nil)
        let status = try await desk.service.arrivalWords(old, for: StaffDesk.viewer("sam"))
        #expect(status.exposedAt == 0, "beyond the limit nothing is looked up")
        #expect(try await Self.write("guesser", on: desk) == .tooOften)
        await desk.writer.close()
    }

    @Test func whoIsTakenOutAgainDoesNotComeBackByTheSameWords() async throws {
        let desk = try StaffDesk()
        let old = try await desk.contact("rachid")
        try await Self.give(old, desk)
        #expect(try await Self.write("stranger", on: desk) == .right(dialogue: [1]))
        let stranger = try await Self.number("stranger", desk)
        _ = try await desk.service.setPerson(stranger, PersonRequest(action: .unlink), call("sam", .setPerson))
        #expect(try await Self.write("stranger", on: desk) == .wrong)
        #expect(try await desk.row(old).person == nil)
        await desk.writer.close()
    }

    @Test func oneCardBringsInThreeAddressesAndNoMore() async throws {
        let desk = try StaffDesk()
        let old = try await desk.contact("rachid")
        try await Self.give(old, desk)
        for name in ["a", "b", "c"] { #expect(try await Self.write(name, on: desk) == .right(dialogue: [1])) }
        #expect(try await Self.write("a", on: desk) == .right(dialogue: []), "said again, it joins nothing anew")
        #expect(try await Self.write("d", on: desk) == .tooOften)
        #expect(try await desk.row(old).person?.conversations.count == 3)
        await desk.writer.close()
    }

    /// Somebody borrows the phone of a person whom staff know by themselves.
    @Test func twoPeopleWhomStaffKnowAreNotMadeOne() async throws {
        let desk = try StaffDesk()
        let old = try await desk.contact("rachid")
        try await Self.give(old, desk)
        let uncle = try await desk.contact("uncle")
        _ = try await desk.service.reply(
            uncle, ReplyRequest(text: "hello uncle", seen: desk.newest(uncle)), call("sam", .reply))
        #expect(try await Self.write("uncle", on: desk) == .right(dialogue: []))
        #expect(try await desk.row(uncle).person == nil)
        let row = try await desk.row(old)
        #expect(row.person == nil && row.bot?.reason == "arrival-words-elsewhere")
        #expect(try await Self.kinds(desk).contains("arrival-words-elsewhere"))
        // Staff may say so.
        let linked = try await desk.service.setPerson(
            uncle, PersonRequest(action: .link, of: old), call("sam", .setPerson))
        #expect(linked.person?.how == "staff" && linked.person?.conversations == [old])
        await desk.writer.close()
    }

    @Test func staffKnowTheVoiceOrTakeItBack() async throws {
        let desk = try StaffDesk()
        let old = try await desk.contact("rachid")
        try await Self.give(old, desk)
        _ = try await Self.write("rachid2", on: desk)
        let new = try await Self.number("rachid2", desk)
        let heard = try await desk.service.setPerson(
            new, PersonRequest(action: .recognise), call("sam", .setPerson))
        #expect(heard.person?.recognisedBy == "sam" && heard.person?.isUnrecognised == false)
        #expect(
            try await refusal {
                try await desk.service.setPerson(old, PersonRequest(action: .unlink), call("sam", .setPerson))
            } == .refused, "the first one is joined to nobody")
        let unlinked = try await desk.service.setPerson(
            new, PersonRequest(action: .unlink), call("sam", .setPerson))
        #expect(unlinked.person == nil)
        #expect(try await desk.row(old).person == nil)
        let page = try await desk.service.conversation(
            old, before: "", limit: 10, wholePerson: true, for: StaffDesk.viewer("sam"))
        #expect(page.linked == nil && page.items.allSatisfy { $0.conversation == old })
        await desk.writer.close()
    }

    /// Whoever knows a person is not served them on their new address either.
    @Test func whatIsHiddenStaysHidden() async throws {
        let desk = try StaffDesk()
        let old = try await desk.contact("rachid")
        try await Self.give(old, desk)
        try await desk.assign(old, to: "amal")
        _ = try await desk.service.hide(old, call("amal", .hide))
        _ = try await Self.write("rachid2", on: desk)
        let new = try await Self.number("rachid2", desk)
        #expect(
            try await refusal {
                try await desk.service.assign(
                    new, AssignmentRequest(member: "amal", from: ""), call("noor", .assign))
            } == .refused)
        // An intern who has one of two conversations is told of no other.
        try await desk.assign(old, to: "badr")
        let page = try await desk.service.conversation(
            old, before: "", limit: 10, wholePerson: true, for: StaffDesk.viewer("badr"))
        #expect(page.items.allSatisfy { $0.conversation == old })
        #expect(page.linked == nil && page.row.person?.conversations == [])
        let rows = try await desk.service.inbox(.all, limit: 10, after: "", for: StaffDesk.viewer("badr")).rows
        #expect(rows.map(\.person?.conversations) == [[]])
        await desk.writer.close()
    }

    @Test func erasingOneNamesTheOthersAndLeavesThem() async throws {
        let desk = try StaffDesk()
        let old = try await desk.contact("rachid")
        try await Self.give(old, desk)
        for name in ["a", "b"] { _ = try await Self.write(name, on: desk) }
        _ = try await Self.write("a", Self.other, on: desk)
        let (contact, one) = (try await desk.row(old).contact, try await Self.number("a", desk))
        let other = try await desk.row(Self.number("b", desk)).contact
        let report = try await desk.service.erase(
            contact, EraseRequest(confirm: contact), call("noor", .eraseContact))
        let joined = try await desk.row(one).contact
        #expect(report.linked == [joined, other].sorted())
        #expect(try await desk.row(one).person == nil)
        #expect(try await Self.write("c", on: desk) == .wrong, "the card is gone with them")
        let last = try await desk.service.erase(
            joined, EraseRequest(confirm: joined), call("noor", .eraseContact))
        #expect(last.linked == nil)
        await desk.writer.close()
        #expect(try Inspector(path: desk.store.path).auditChainHolds())
    }
}
