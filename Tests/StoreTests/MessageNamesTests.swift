import Foundation
import GRDB
import Messaging
import Sealing
import StaffProtocol
import Testing

@testable import Store

/// Which message another one corrects, takes back or reacts to.
@Suite(.timeLimit(.minutes(1)), .scratchFolder) struct MessageNamesTests {
    /// Stores a message of a contact; returns its row.
    private static func store(
        _ text: String, _ reference: IncomingReference? = nil, names: [String] = [], from name: String = "rachid",
        protection: Protection = .endToEnd, on desk: StaffDesk
    ) async throws -> Int64 {
        try await desk.writer.perform { transaction in
            let conversation = try transaction.conversation(for: StaffDesk.address(name))
            return try transaction.store(
                message(text, protection: protection), referring: reference, names: names, in: conversation)
        }
    }

    private static func resolved(
        _ kind: ReferenceKind, _ target: String, from name: String = "rachid", on desk: StaffDesk
    ) async throws -> Int64 {
        try await desk.writer.perform { transaction in
            let conversation = try transaction.conversation(for: StaffDesk.address(name))
            return try transaction.resolve(IncomingReference(kind: kind, target: target), in: conversation.id).message
        }
    }

    @Test func aMessageIsFoundByTheIdsOfItsAppAndOnlyInItsConversation() async throws {
        let desk = try StaffDesk()
        let first = try await Self.store("first", names: ["a", "b", ""], on: desk)
        let other = try await Self.store("other", names: ["a"], from: "amal", on: desk)
        // An id that comes again does not move to another message.
        _ = try await Self.store("second", names: ["a"], on: desk)
        for target in ["a", "b"] {
            #expect(try await Self.resolved(.correction, target, on: desk) == first)
        }
        #expect(try await Self.resolved(.retraction, "a", from: "amal", on: desk) == other)
        #expect(try await Self.resolved(.retraction, "b", from: "amal", on: desk) == 0)
        #expect(try await Self.resolved(.reaction, "", on: desk) == 0)
        #expect(try await Self.resolved(.reaction, String(repeating: "x", count: 10_000), on: desk) == 0)
        await desk.writer.close()
        #expect(try desk.store.bytesOnDisk().range(of: Data("canary".utf8)) == nil)
    }

    @Test func aFileHasNamesAndMayCorrectLikeWords() async throws {
        let desk = try StaffDesk()
        let first = try await Self.store("first", names: ["a"], on: desk)
        let file = try await desk.writer.perform { transaction in
            let conversation = try transaction.conversation(for: StaffDesk.address("rachid"))
            let secret = AttachmentSecret.random()
            return try transaction.store(
                message("", protection: .endToEnd),
                carrying: IncomingAttachment(
                    url: "https://files.example.org/a.ogg", name: "a.ogg", kind: .voice, secret: secret),
                referring: IncomingReference(kind: .correction, target: "a"), names: ["file"], in: conversation)
        }
        #expect(file > first)
        #expect(try await Self.resolved(.reaction, "file", on: desk) == file)
        let row = try await desk.writer.perform {
            try $0.conversation(for: StaffDesk.address("rachid")).id.rawValue
        }
        #expect(try await desk.row(row).unheardVoice == 1)
        await desk.writer.close()
    }

    @Test func aSignMayBePutToOurWordsWhichNobodyElseTakesBack() async throws {
        let desk = try StaffDesk()
        let conversation = try await desk.contact("rachid")
        let seen = try await desk.newest(conversation)
        let ours = try await desk.service.reply(
            conversation, ReplyRequest(text: "x", seen: seen), call("sam", .reply)
        ).id
        let origin = try await desk.writer.perform { try $0.due(on: .xmpp, limit: 1).first?.draft.originID.rawValue }
        let id = try #require(origin)
        #expect(try await Self.resolved(.reaction, id, on: desk) == ours)
        #expect(try await Self.resolved(.retraction, id, on: desk) == 0)
        #expect(try await Self.resolved(.reaction, id, from: "amal", on: desk) == 0)
        await desk.writer.close()
    }

    @Test func aSignSaysNothingOfHowWordsComeAndNeedsNoReading() async throws {
        let desk = try StaffDesk()
        _ = try await Self.store("words", names: ["a"], on: desk)
        let conversation = try await desk.writer.perform {
            try $0.conversation(for: StaffDesk.address("rachid")).id.rawValue
        }
        let seen = try await desk.newest(conversation)
        _ = try await Self.store("👍", .init(kind: .reaction, target: "a"), protection: .none, on: desk)
        #expect(try await desk.row(conversation).endsAt == .bridge)
        let read = try await refusal {
            try await desk.service.setAttention(
                conversation, AttentionRequest(waits: false, seen: seen), call("sam", .setAttention))
        }
        #expect(read == nil, "a sign is nothing that must be seen first")
        _ = try await Self.store("", .init(kind: .retraction, target: "a"), protection: .none, on: desk)
        #expect(try await desk.row(conversation).endsAt == .bridge)
        let missed = try await refusal {
            try await desk.service.setAttention(
                conversation, AttentionRequest(waits: false, seen: seen), call("sam", .setAttention))
        }
        #expect(missed == .conflict, "that something was taken back is")
        await desk.writer.close()
    }

    @Test func itGoesWithItsContact() async throws {
        let desk = try StaffDesk()
        _ = try await Self.store("words", names: ["a"], on: desk)
        let conversation = try await desk.writer.perform {
            try $0.conversation(for: StaffDesk.address("rachid")).id.rawValue
        }
        let contact = try await desk.row(conversation).contact
        _ = try await desk.service.erase(contact, EraseRequest(confirm: contact), call("noor", .eraseContact))
        await desk.writer.close()
        let left = try await DatabaseQueue(path: desk.store.path).read {
            try Int.fetchOne($0, sql: "SELECT count(*) FROM message_name")
        }
        #expect(left == 0)
    }
}
