import Foundation
import Messaging
import Sealing
import StaffProtocol
import Store
import Synchronization
import Testing

/// Words of staff: once, seen, protected, and of a second person where one is needed.
@Suite(.timeLimit(.minutes(1)), .scratchFolder) struct ReplyTests {
    private static func reply(
        _ text: String, seen: Int64, variety: String? = nil, proposal: Int64? = nil, inTheClear: Bool? = nil
    ) -> ReplyRequest {
        ReplyRequest(text: text, seen: seen, variety: variety, proposal: proposal, inTheClear: inTheClear)
    }

    @Test func aReplyGoesIntoTheOutboxOnceAndTheChannelIsWoken() async throws {
        let desk = try StaffDesk()
        let conversation = try await desk.contact("rachid")
        let request = Self.reply("canary-reply", seen: try await desk.newest(conversation))
        let change = call("sam", .reply)
        let first = try await desk.service.reply(conversation, request, change)
        let again = try await desk.service.reply(conversation, request, change)
        #expect(first == again)
        #expect(desk.bells.state.withLock { $0.woken }.first == "xmpp")
        let due = try await desk.writer.perform { try $0.due(on: .xmpp, limit: 10) }
        #expect(due.map(\.draft.text) == ["canary-reply"])
        let page = try await desk.service.conversation(
            conversation, before: "", limit: 10, for: StaffDesk.viewer("sam"))
        #expect(page.items.map(\.direction) == ["in", "out"])
        #expect(page.items.last?.stage == "intent" && page.items.last?.position == first.position)
        #expect(page.row.waitsSince == 0 && page.row.lastOutAt > 0)
        await desk.writer.close()
        #expect(try desk.store.bytesOnDisk().range(of: Data("canary".utf8)) == nil)
    }

    @Test func theSameKeyForAnotherRequestIsRefused() async throws {
        let desk = try StaffDesk()
        let (one, other) = (try await desk.contact("one"), try await desk.contact("other"))
        let key = "the-same-key-1"
        let seen = try await desk.newest(other)
        _ = try await desk.service.reply(one, Self.reply("a", seen: seen), call("sam", .reply, key: key, request: "a"))
        let elsewhere = [
            try await refusal {
                try await desk.service.reply(
                    one, Self.reply("b", seen: seen), call("sam", .reply, key: key, request: "b"))
            },
            try await refusal {
                try await desk.service.reply(
                    other, Self.reply("a", seen: seen), call("sam", .reply, key: key, request: "a"))
            },
            try await refusal {
                try await desk.service.setAttention(
                    one, AttentionRequest(waits: true, seen: 0), call("sam", .setAttention, key: key, request: "a"))
            },
        ]
        #expect(elsewhere == [.keyReused, .keyReused, .keyReused])
        // Another member's key is another key.
        let others = try await refusal {
            try await desk.service.reply(
                other, Self.reply("a", seen: seen), call("noor", .reply, key: key, request: "a"))
        }
        #expect(others == nil)
        await desk.writer.close()
    }

    @Test func whatWasRefusedMayBeTriedAgainWithTheSameKey() async throws {
        let desk = try StaffDesk()
        let conversation = try await desk.contact("rachid")
        let change = call("sam", .reply)
        let seen = try await desk.newest(conversation)
        let other = try await desk.service.reply(conversation, Self.reply("x", seen: seen), call("noor", .reply))
        #expect(
            try await refusal { try await desk.service.reply(conversation, Self.reply("y", seen: seen), change) }
                == .conflict)
        let mended = try await refusal {
            try await desk.service.reply(conversation, Self.reply("y", seen: other.position), change)
        }
        #expect(mended == nil)
        await desk.writer.close()
    }

    @Test func whatAColleagueWroteMustHaveBeenSeen() async throws {
        let desk = try StaffDesk()
        let conversation = try await desk.contact("rachid")
        let seen = try await desk.newest(conversation)
        // One's own words and the contact's are no obstacle.
        _ = try await desk.service.reply(conversation, Self.reply("1", seen: seen), call("sam", .reply))
        try await desk.write("rachid", "more")
        _ = try await desk.service.reply(conversation, Self.reply("2", seen: seen), call("sam", .reply))
        let row = try await desk.row(conversation)
        #expect(row.waitsSince > 0, "what came unseen still waits")
        do {
            _ = try await desk.service.reply(conversation, Self.reply("3", seen: seen), call("noor", .reply))
            Issue.record("nothing refused the crossing reply")
        } catch let error as APIError {
            #expect(error.code == .conflict && error.current == String(row.newestItem))
        }
        await desk.writer.close()
    }

    @Test(
        arguments: [
            ([Protection.endToEnd], nil, Protection.endToEnd, nil), ([.endToEnd], true, Protection.endToEnd, nil),
            ([.none], nil, Protection.none, APIError.Code.notEncrypted),
            ([.none], false, Protection.none, .notEncrypted),
            ([.none], true, Protection.none, nil), ([.endToEnd, .none], nil, Protection.none, .refused),
            ([.endToEnd, .none], true, Protection.none, .refused),
            ([.endToEnd, .none, .endToEnd], nil, Protection.endToEnd, nil),
            ([.none, .endToEnd], nil, Protection.endToEnd, nil), ([.none, .endToEnd], true, Protection.endToEnd, nil),
        ] as [([Protection], Bool?, Protection, APIError.Code?)])
    func aReplyIsProtectedAsTheConversationIsAndInTheClearOnlyWhenThatIsSaid(
        messages: [Protection], inTheClear: Bool?, protection: Protection, refused: APIError.Code?
    ) async throws {
        let desk = try StaffDesk()
        for each in messages { try await desk.write("rachid", protection: each) }
        let conversation = try await desk.contact("rachid", protection: messages.last ?? .none)
        let request = Self.reply("words", seen: try await desk.newest(conversation), inTheClear: inTheClear)
        #expect(
            try await refusal { try await desk.service.reply(conversation, request, call("sam", .reply)) } == refused)
        let due = try await desk.writer.perform { try $0.due(on: .xmpp, limit: 10) }
        #expect(due.map(\.draft.protection) == (refused == nil ? [protection] : []))
        let end = try await desk.row(conversation).endsAt
        #expect(end == (messages.last == Protection.none ? EncryptionEnd.none : .bridge))
        await desk.writer.close()
    }

    @Test("What was to go readable does not once the contact writes encrypted", arguments: [false, true])
    func encryptedMeanwhile(isPrepared: Bool) async throws {
        let desk = try StaffDesk()
        let conversation = try await desk.contact("rachid", protection: .none)
        let request = Self.reply("words", seen: try await desk.newest(conversation), inTheClear: true)
        _ = try await desk.service.reply(conversation, request, call("sam", .reply))
        if isPrepared {
            try await desk.writer.perform { transaction in
                let row = try #require(try transaction.due(on: .xmpp, limit: 10).first)
                #expect(row.draft.protection == .none)
                try transaction.setPrepared(row, bytes: Array("<body>words</body>".utf8))
            }
        }
        try await desk.write("rachid", protection: .endToEnd)
        let due = try await desk.writer.perform { try $0.due(on: .xmpp, limit: 10) }
        #expect(due.map(\.draft.protection) == (isPrepared ? [] : [.endToEnd]))
        let row = try await desk.row(conversation)
        #expect(row.troubled == (isPrepared ? 1 : 0), "staff see that it did not go")
        await desk.writer.close()
    }

    @Test func anEncryptedMessageThatCannotBeOpenedIsOneAllTheSame() async throws {
        let desk = try StaffDesk()
        let conversation = try await desk.contact("rachid", protection: .none)
        try await desk.writer.perform { transaction in
            let there = try transaction.conversation(for: StaffDesk.address("rachid"))
            #expect(there.id.rawValue == conversation)
            try transaction.setAside(
                UnreadableRecord(code: "bad-mac", reason: "x", sentAt: Date(timeIntervalSince1970: 1), payload: [1]),
                isEncrypted: true, in: there)
        }
        let request = Self.reply("words", seen: .max, inTheClear: true)
        _ = try await desk.service.reply(conversation, request, call("sam", .reply))
        let due = try await desk.writer.perform { try $0.due(on: .xmpp, limit: 10) }
        #expect(due.map(\.draft.protection) == [.endToEnd])
        await desk.writer.close()
    }

    @Test func anEmptyAndAnOverlongReplyAreRefused() async throws {
        let desk = try StaffDesk()
        let conversation = try await desk.contact("rachid")
        for (text, code) in [
            ("", APIError.Code.malformed), (" \n ", .malformed), ("a\u{0}b", .malformed),
            (String(repeating: "x", count: 4001), .tooLarge),
        ] {
            let request = Self.reply(text, seen: .max)
            #expect(
                try await refusal { try await desk.service.reply(conversation, request, call("sam", .reply)) } == code)
        }
        await desk.writer.close()
    }

    @Test func anInternAloneSaysReleasedTextsUntilACoordinatorLiftsIt() async throws {
        let desk = try StaffDesk()
        let conversation = try await desk.contact("rachid")
        try await desk.assign(conversation, to: "amal")
        func attempt(_ text: String) async throws -> APIError.Code? {
            try await refusal {
                try await desk.service.reply(conversation, Self.reply(text, seen: .max), call("amal", .reply))
            }
        }
        #expect(try await attempt(StaffDesk.released) == nil)
        #expect(try await attempt(StaffDesk.released + " ") == .needsSecondPerson)
        _ = try await desk.service.setSettings(
            MemberSettings(repliesAlone: true), of: StaffDesk.member("amal"), call("noor", .setMemberSettings))
        #expect(try await attempt("in my own words") == nil)
        await desk.writer.close()
    }

    @Test func aProposalIsSentByASecondPersonOnce() async throws {
        let desk = try StaffDesk()
        let conversation = try await desk.contact("rachid")
        try await desk.assign(conversation, to: "amal")
        let proposal = try await desk.proposal(in: conversation, by: "amal")
        #expect(try await desk.row(conversation).proposals == 1)
        let request = Self.reply("proposed", seen: .max, variety: "ary", proposal: proposal)
        func attempt(_ member: String, _ request: ReplyRequest) async throws -> APIError.Code? {
            try await refusal { try await desk.service.reply(conversation, request, call(member, .reply)) }
        }
        #expect(try await attempt("amal", request) == .needsSecondPerson)
        #expect(try await attempt("sam", Self.reply("x", seen: .max, proposal: 9_999)) == .notFound)
        #expect(try await attempt("sam", request) == nil)
        #expect(try await attempt("noor", request) == .conflict)
        #expect(try await desk.row(conversation).proposals == 0)
        let page = try await desk.service.conversation(
            conversation, before: "", limit: 10, for: StaffDesk.viewer("noor"))
        let closed = page.items.first { $0.kind == .proposal }
        #expect(closed?.outcome == "approved" && closed?.closedBy == "sam" && closed?.author == "amal")
        #expect(page.items.filter { $0.direction == "out" }.count == 1)
        await desk.writer.close()
    }

    @Test func whoeverSendsInTheClearSaysSoAlsoForAColleagueAndForAReleasedText() async throws {
        let desk = try StaffDesk()
        let conversation = try await desk.contact("rachid", protection: .none)
        try await desk.assign(conversation, to: "amal")
        func attempt(_ member: String, _ request: ReplyRequest) async throws -> APIError.Code? {
            try await refusal { try await desk.service.reply(conversation, request, call(member, .reply)) }
        }
        // An intern's own words need a second person, whatever they say of the way.
        #expect(
            try await attempt("amal", Self.reply("mine", seen: .max, inTheClear: true)) == .needsSecondPerson)
        #expect(try await attempt("amal", Self.reply(StaffDesk.released, seen: .max)) == .notEncrypted)
        let proposal = try await desk.proposal(in: conversation, by: "amal")
        var request = Self.reply("proposed", seen: .max, variety: "ary", proposal: proposal)
        #expect(try await attempt("sam", request) == .notEncrypted)
        #expect(try await desk.row(conversation).proposals == 1, "it waits as before")
        #expect(try await desk.writer.perform { try $0.due(on: .xmpp, limit: 10) }.isEmpty, "nothing leaves")
        request.inTheClear = true
        #expect(try await attempt("sam", request) == nil)
        #expect(
            try await attempt("amal", Self.reply(StaffDesk.released, seen: .max, inTheClear: true)) == nil)
        #expect(
            try await desk.writer.perform { try $0.due(on: .xmpp, limit: 10) }.map(\.draft.protection)
                == [Protection.none, .none])
        await desk.writer.close()
    }

    @Test func aReplyToPracticeIsNeverAskedFor() async throws {
        let desk = try StaffDesk()
        let practice = try await desk.service.addPracticeContact(
            PracticeRequest(), call("amal", .addPracticeContact))
        let address = try #require(desk.bells.state.withLock { $0.begun.first })
        let stored = try await desk.writer.perform { transaction in
            let conversation = try transaction.conversation(for: address)
            _ = try transaction.store(message("salam", protection: .none), in: conversation)
            return conversation.id.rawValue
        }
        #expect(stored == practice.conversation)
        let code = try await refusal {
            try await desk.service.reply(stored, Self.reply("salam", seen: .max), call("amal", .reply))
        }
        #expect(code == nil)
        await desk.writer.close()
    }

    @Test func anExperiencedInternIsASecondPersonInTheirVarieties() async throws {
        let desk = try StaffDesk()
        let conversation = try await desk.contact("rachid")
        try await desk.assign(conversation, to: "amal")
        let proposal = try await desk.proposal("proposed", in: conversation, by: "amal", variety: "ary")
        try await desk.assign(conversation, to: "badr")
        _ = try await desk.service.setSettings(
            MemberSettings(experiencedIn: ["ary"]), of: StaffDesk.member("badr"), call("noor", .setMemberSettings))
        for (variety, code) in [("fr", APIError.Code.forbidden), (nil, .forbidden), ("ary", nil)]
            as [(String?, APIError.Code?)]
        {
            let request = Self.reply("proposed", seen: .max, variety: variety, proposal: proposal)
            #expect(
                try await refusal { try await desk.service.reply(conversation, request, call("badr", .reply)) } == code)
        }
        await desk.writer.close()
    }
}
