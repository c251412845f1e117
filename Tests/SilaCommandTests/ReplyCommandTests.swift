import Inbox
import StaffProtocol
import Testing
import UnixHTTPServer

@testable import sila

/// `sila reply` at a bridge.
@Suite struct ReplyCommandTests {
    private let route = "POST /v1/conversations/12/replies"

    private func failure(_ work: () async throws -> Void) async -> CommandFailure? {
        do {
            try await work()
            return nil
        } catch { return CommandFailure(error) }
    }

    private func reply(_ arguments: [String], _ desk: ReaderDesk) async throws -> CommandFailure? {
        let command = try ReplyCommand.parse(arguments)
        return await failure { try await command.work(desk.session) }
    }

    @Test("A reply to a conversation that is not there leaves no draft")
    func nowhere() async throws {
        let desk = try await ReaderDesk()
        defer { desk.end() }
        let failure = try await reply(["c99", "salam"], desk)
        #expect(failure == CommandFailure(.missing, "The bridge says notFound"))
        #expect(desk.session.work.drafts.conversations().isEmpty)
    }

    @Test("A draft whose conversation is gone is named, with how to forget it", arguments: [true, false])
    func gone(isResumed: Bool) async throws {
        let desk = try await ReaderDesk()
        defer { desk.end() }
        try await desk.session.work.replies.save(Draft(conversation: 99, text: "salam", seen: 1))
        let failure = try await reply(isResumed ? ["c99", "--resume"] : ["c99", "labas"], desk)
        #expect(failure?.code == .missing)
        #expect(
            failure?.description.hasSuffix("A draft of c99 is kept here. Forget it: sila reply c99 --discard") == true)
        #expect(try await desk.session.work.drafts.load(99)?.text == "salam")
        try ReplyCommand.forget(ConversationArgument(99), desk.session.work.drafts)
        #expect(desk.session.work.drafts.conversations().isEmpty)
    }

    @Test("What was taken away while it was written is kept, and said")
    func takenAway() async throws {
        let desk = try await ReaderDesk()
        defer { desk.end() }
        desk.bridge.always(route, ReaderBridge.refusal(.notFound))
        let failure = try await reply(["c12", "salam", "--anyway"], desk)
        #expect(failure?.code == .missing)
        #expect(failure?.description.contains("sila reply c12 --discard") == true)
        #expect(try await desk.session.work.drafts.load(12)?.text == "salam")
    }

    @Test("Where no draft is, none can be forgotten")
    func nothingToForget() async throws {
        let desk = try await ReaderDesk()
        defer { desk.end() }
        let failure = await failure { try ReplyCommand.forget(ConversationArgument(12), desk.session.work.drafts) }
        #expect(failure == CommandFailure(.missing, "There is no draft of c12."))
    }

    @Test("Who is asked for a second person reads the reason once", arguments: [true, false])
    func secondPerson(isAsked: Bool) async throws {
        let desk = try await ReaderDesk()
        defer { desk.end() }
        desk.bridge.always(route, ReaderBridge.refusal(.needsSecondPerson))
        var asked: [String] = []
        let asking = Asking(
            ask: isAsked
                ? { question in
                    asked.append(question)
                    return "n"
                } : nil)
        let work = ReplyWork(
            session: desk.session, asking: asking, display: Display(), isJSON: false, mayPropose: false, anyway: true)
        let failure = await failure { try await work.send(Draft(conversation: 12, text: "salam", seen: 40)) }
        let way = " The reply is kept as a draft. Ask a colleague: sila reply c12 --resume --propose"
        let why = "The bridge says needsSecondPerson."
        #expect(asked == (isAsked ? ["\(why)\nAsk a colleague? [y/N] "] : []))
        #expect(failure == CommandFailure(.permission, (isAsked ? "Nothing was sent." : why) + way))
    }

    private func work(_ desk: ReaderDesk, answering answer: String?, asked: @escaping (String) -> Void) -> ReplyWork {
        let asking = Asking(
            ask: answer.map { answer in
                { question in
                    asked(question)
                    return answer
                }
            })
        return ReplyWork(
            session: desk.session, asking: asking, display: Display(), isJSON: false, mayPropose: false, anyway: true)
    }

    @Test("What every server can read goes out after a yes only, and else stays", arguments: ["y", "n", nil])
    func inTheClear(answer: String?) async throws {
        let desk = try await ReaderDesk()
        defer { desk.end() }
        desk.bridge.once(route, ReaderBridge.refusal(.notEncrypted))
        var asked: [String] = []
        let work = work(desk, answering: answer) { asked.append($0) }
        let failure = await failure { try await work.send(Draft(conversation: 12, text: "salam", seen: 40)) }
        let why = "This contact never wrote encrypted: every server on the way can read your reply."
        #expect(asked == (answer == nil ? [] : ["c12: \(why)\n  │ salam\nSend it readable? [y/N] "]))
        #expect(desk.replies.map(\.inTheClear) == (answer == "y" ? [true] : []))
        #expect(try await desk.session.work.drafts.load(12)?.text == (answer == "y" ? nil : "salam"))
        let way =
            "Nothing was sent; the reply is kept as a draft. If it may be read: sila reply c12 --resume --in-the-clear"
        #expect(failure == (answer == "y" ? nil : CommandFailure(.data, answer == nil ? "\(why) \(way)" : way)))
        // The draft goes with the flag, which is said once and for one conversation.
        guard answer == nil else { return }
        desk.bridge.once(route, ReaderBridge.refusal(.notEncrypted))
        #expect(try await reply(["c12", "--resume", "--json"], desk)?.code == .data)
        #expect(try await reply(["c12", "--resume", "--in-the-clear", "--json"], desk) == nil)
        #expect(desk.replies.map(\.inTheClear) == [true])
        #expect(throws: (any Error).self) { try ReplyCommand.parse(["--resume", "--in-the-clear"]) }
    }

    @Test("A colleague's words too, and they wait as before", arguments: [true, false])
    func approveInTheClear(isMeant: Bool) async throws {
        let desk = try await ReaderDesk()
        defer { desk.end() }
        desk.bridge.once(route, ReaderBridge.refusal(.notEncrypted))
        var work = work(desk, answering: nil) { _ in }
        work.purpose = .approval
        work.inTheClear = isMeant
        if isMeant { desk.bridge.change { $0.once = [:] } }
        let sent = Draft(conversation: 12, text: "salam", seen: 40, proposal: 7)
        let failure = await failure { try await work.send(sent) }
        #expect(failure?.code == (isMeant ? nil : .data))
        #expect(failure?.description.hasSuffix("If it may be read: sila approve p7 --in-the-clear") ?? isMeant)
        #expect(desk.replies.map(\.inTheClear) == (isMeant ? [true] : []))
        #expect(try ApproveCommand.parse(["p7", "--yes", "--in-the-clear"]).inTheClear)
        #expect(try !ApproveCommand.parse(["p7", "--yes"]).inTheClear)
    }
}
