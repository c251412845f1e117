import Foundation
import Messaging
import StaffProtocol
import Store
import Testing

/// The second person sends what was proposed, or words of their own in their own name.
@Suite(.timeLimit(.minutes(1)), .scratchFolder) struct SecondPersonTests {
    /// An intern's proposal in a conversation that another intern, experienced in Dutch, has now.
    private func proposed(
        _ words: String?, variety: String?
    ) async throws -> (desk: StaffDesk, conversation: Int64, proposal: Int64) {
        let desk = try StaffDesk()
        let conversation = try await desk.contact("rachid")
        try await desk.assign(conversation, to: "badr")
        let proposal = try await desk.proposal(words, in: conversation, by: "badr", variety: variety)
        try await desk.assign(conversation, to: "amal")
        _ = try await desk.service.setSettings(
            MemberSettings(repliesAlone: false, experiencedIn: ["nl"]), of: StaffDesk.member("amal"),
            call("noor", .setMemberSettings))
        return (desk, conversation, proposal)
    }

    @Test(
        arguments: [
            ("Dag Rachid.", "nl", "Dag Rachid.", nil), ("Dag Rachid.", nil, "Dag Rachid.", nil),
            ("Dag Rachid.", "nl", "Dag Rachid. Bel me.", APIError.Code.needsSecondPerson),
            ("Salam.", "ary", "Salam.", .needsSecondPerson), (nil, nil, "Dag Rachid.", .needsSecondPerson),
        ] as [(String?, String?, String, APIError.Code?)])
    func anInternApprovesTheWordsThatWereProposed(
        words: String?, variety: String?, sent: String, code: APIError.Code?
    ) async throws {
        let (desk, conversation, proposal) = try await proposed(words, variety: variety)
        let request = ReplyRequest(text: sent, seen: .max, variety: "nl", proposal: proposal)
        #expect(
            try await refusal { try await desk.service.reply(conversation, request, call("amal", .reply)) } == code)
        #expect(try await desk.row(conversation).proposals == (code == nil ? 0 : 1))
        await desk.writer.close()
    }

    @Test func whoeverProposedMustHaveSeenThatItWentOut() async throws {
        let (desk, conversation, proposal) = try await proposed("Dag Rachid.", variety: "nl")
        let seen = try await desk.newest(conversation)
        let sent = try await desk.service.reply(
            conversation, ReplyRequest(text: "Dag Rachid.", seen: seen, variety: "nl", proposal: proposal),
            call("sam", .reply))
        try await desk.assign(conversation, to: "badr")
        func again(_ seen: Int64) async throws -> APIError.Code? {
            try await refusal {
                try await desk.service.reply(
                    conversation, ReplyRequest(text: StaffDesk.released, seen: seen), call("badr", .reply))
            }
        }
        #expect(try await again(seen) == .conflict)
        #expect(try await again(sent.position) == nil)
        await desk.writer.close()
    }

    @Test func aContactWhomStaffAnsweredIsNotToldThatSomeoneWorksOnIt() async throws {
        let desk = try StaffDesk()
        let conversation = try await desk.contact("rachid")
        try await desk.assign(conversation, to: "amal")
        func untold() async throws -> Int {
            desk.clock.advance(by: 3600)
            return try await desk.writer.perform { try $0.untoldProposals().count }
        }
        _ = try await desk.proposal(in: conversation, by: "amal")
        #expect(try await untold() == 1)
        _ = try await desk.service.reply(
            conversation, ReplyRequest(text: "words of sam", seen: .max), call("sam", .reply))
        #expect(try await untold() == 0)
        _ = try await desk.proposal(in: conversation, by: "amal")
        #expect(try await untold() == 1, "the next one waits anew")
        await desk.writer.close()
    }

    @Test func wordsOfStaffThatAreUncertainHaveSomebodyLook() async throws {
        let desk = try StaffDesk()
        let conversation = try await desk.contact("rachid")
        let seen = try await desk.newest(conversation)
        let sent = try await desk.service.reply(
            conversation, ReplyRequest(text: "x", seen: seen), call("sam", .reply))
        #expect(try await desk.row(conversation).waitsSince == 0)
        try await desk.writer.perform { transaction in
            let row = try #require(try transaction.due(on: .xmpp, limit: 10).first)
            let id = row.id
            try transaction.setPrepared(row, bytes: [1])
            try transaction.setHandedOver(id)
            try transaction.settle(id, as: .unknown)
        }
        let row = try await desk.row(conversation)
        #expect(row.waitsSince > 0 && row.troubled == 1)
        // Whoever did not see that message leaves it to be looked at.
        _ = try await desk.service.reply(conversation, ReplyRequest(text: "y", seen: seen), call("sam", .reply))
        let still = try await desk.row(conversation)
        #expect(still.waitsSince > 0 && still.troubled == 1)
        _ = try await desk.service.setAttention(
            conversation, AttentionRequest(waits: false, seen: sent.position), call("sam", .setAttention))
        let read = try await desk.row(conversation)
        #expect(read.waitsSince == 0 && read.troubled == 0)
        await desk.writer.close()
    }
}
