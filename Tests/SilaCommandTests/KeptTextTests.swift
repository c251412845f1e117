import Foundation
import Inbox
import StaffProtocol
import Testing
import UnixHTTPServer

@testable import sila

/// Words that were written are not lost, whatever ends the command.
@Suite struct KeptTextTests {
    private let c12 = ConversationArgument(12)

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

    /// As the editor leaves it.
    private func editor(_ text: String, status: Int32 = 0) throws -> (folder: String, composed: Composed) {
        var template = Array("/tmp/sila-test-XXXXXX".utf8CString)
        let made = try #require(mkdtemp(&template))
        let folder = String(cString: made)
        try Data(text.utf8).write(to: URL(filePath: folder + "/text.txt"))
        return (folder, try ComposedText.collect(folder, Array("start".utf8), status, "ed"))
    }

    @Test(
        "Whatever the bridge says before the reply goes, the reply is kept, and that is said",
        arguments: [APIError.Code.locked, .tooMany, .unavailable, .internalError, .unauthenticated])
    func refusedBefore(_ code: APIError.Code) async throws {
        let desk = try await ReaderDesk()
        defer { desk.end() }
        desk.bridge.always("POST /v1/suggestions", ReaderBridge.refusal(code))
        let failure = try await reply(["c12", "ten minutes of words"], desk)
        #expect(failure?.description.contains("kept as a draft. Send it, once: sila reply c12 --resume") == true)
        #expect(try await desk.session.work.drafts.load(12)?.text == "ten minutes of words")
        #expect(desk.replies.isEmpty)
    }

    @Test("Who ends the command at its question finds the reply as a draft")
    func interrupted() async throws {
        let desk = try await ReaderDesk()
        defer { desk.end() }
        let found = NeverSaid(variety: "nl", phrase: "veilig")
        desk.bridge.always(
            "POST /v1/suggestions", [.json(Suggestions(variety: "nl", suggestions: [], neverSaid: [found]))])
        let asking = Asking(ask: { _ in throw CommandFailure(.interrupted, "Nothing was done.") })
        let work = ReplyWork(
            session: desk.session, asking: asking, display: Display(), isJSON: false, mayPropose: false)
        let failure = await failure { try await work.send(Draft(conversation: 12, text: "veilig", seen: 40)) }
        #expect(failure?.code == .interrupted)
        #expect(failure?.description.contains("kept as a draft") == true)
        #expect(try await desk.session.work.drafts.load(12)?.text == "veilig")
    }

    @Test("A draft of other words is not sent over, unless that is meant")
    func instead() async throws {
        let desk = try await ReaderDesk()
        defer { desk.end() }
        try await desk.backend.keep(desk.draft("long words in the reader"))
        let failure = try await reply(["c12", "short"], desk)
        #expect(failure?.code == .again)
        #expect(failure?.description.contains("--instead") == true)
        #expect(try await desk.session.work.drafts.load(12)?.text == "long words in the reader")
        #expect(desk.replies.isEmpty)
        #expect(try await reply(["c12", "short", "--instead"], desk) == nil)
        #expect(desk.replies.map(\.text) == ["short"])
        #expect(desk.session.work.drafts.conversations().isEmpty)
    }

    @Test("A note that is not stored is kept, and stored once")
    func note() async throws {
        let desk = try await ReaderDesk()
        defer { desk.end() }
        let drafts = desk.session.work.drafts.of(.note)
        let kept = KeptText(drafts: drafts, conversation: c12, again: "sila note c12")
        let failure = await failure {
            try await kept.use("calls tomorrow") { _, _ in throw APIError(.locked, "the bridge is locked") }
        }
        #expect(failure?.description.contains("What you wrote is kept: sila note c12") == true)
        #expect(try await drafts.load(12)?.text == "calls tomorrow")
        desk.bridge.once(
            "POST /v1/conversations/12/entries", ReaderBridge.doneWithoutAnswer, ReaderBridge.doneWithoutAnswer)
        let notes = DraftedNotes(desk.session.connection, drafts: drafts, sealer: desk.session.work.sealer)
        for _ in 0..<2 {
            _ = await self.failure {
                try await kept.use("calls tomorrow") { words, key in
                    _ = try await notes.store(words, key: try #require(key), on: ReaderDesk.row)
                }
            }
            desk.bridge.change { $0.once = [:] }
        }
        #expect(desk.bridge.look(\.changes).count == 1)
        #expect(try await drafts.load(12) == nil)
    }

    @Test("When words cannot be kept, the editor's file stays and is named")
    func fileStays() async throws {
        let (folder, composed) = try editor("written")
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let failure = await failure {
            try await composed.keeping("") { _ in throw CommandFailure(.io, "The disk is full.") }
        }
        #expect(failure?.description.contains("'\(folder)/text.txt'") == true)
        #expect(try String(contentsOfFile: folder + "/text.txt", encoding: .utf8) == "written")
    }

    @Test("Words are kept also when the editor ends with an error, and nothing is done with them")
    func editorFails() async throws {
        let (folder, composed) = try editor("written before the window closed", status: 1)
        var kept: [String] = []
        let failure = await failure { try await composed.keeping("Kept: here") { kept.append($0) } }
        #expect(kept == ["written before the window closed"])
        #expect(failure?.description == "The editor 'ed' ended with an error. Nothing was done. Kept: here")
        #expect(!FileManager.default.fileExists(atPath: folder))
    }

    @Test("An editor that fails without a change leaves nothing")
    func editorUnchanged() throws {
        #expect(throws: CommandFailure(.data, "The editor 'ed' ended with an error. Nothing was done.")) {
            try editor("start", status: 1)
        }
    }
}
