import Bot
import BotContent
import Foundation
import Testing

/// Models that were trained once are read at the next start, and only where they fit.
@Suite("The cache of trained models")
struct ModelCacheTests {
    private let content: ScratchContent
    private let path: String

    init() throws {
        content = try ScratchContent()
        path = content.root.appendingPathComponent("models.cache").path
    }

    private func load(
        program: String = "one", path other: String? = nil
    ) throws -> (bundle: ContentBundle, models: ModelCache.Outcome) {
        try ContentLoader.bundle(content.folders, cache: ModelCache(path: other ?? path, program: program))
    }

    private func change(at place: (Int) -> Int) throws {
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        bytes[place(bytes.count)] ^= 1
        try bytes.write(to: URL(fileURLWithPath: path))
    }

    @Test("The second start reads what the first has trained")
    func second() throws {
        #expect(try load().models == .trained)
        #expect(try load().models == .read)
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: content.root.path).sorted() == [
                "Bots", "Translations", "models.cache",
            ])
    }

    @Test("Another example, another title, or another program: trained anew")
    func other() throws {
        _ = try load()
        #expect(try load(program: "two").models == .trained)
        try content.write("Bots/examples/nl/lost-bag.txt", "waar is mijn tas\n")
        #expect(try load(program: "two").models == .trained)
        try content.edit("Translations/nl/topics.po") { $0.replacingOccurrences(of: "Bag nl", with: "Tas") }
        #expect(try load(program: "two").models == .trained)
        #expect(try load(program: "two").models == .read)
        // What the bot says is no part of the models.
        try content.edit("Translations/nl/topics.po") { $0.replacingOccurrences(of: "desk", with: "counter") }
        #expect(try load(program: "two").models == .read)
    }

    @Test("A changed byte anywhere is noticed, and mended", arguments: [0, 8, 40, 60, -33, -1])
    func changed(offset: Int) throws {
        _ = try load()
        try change { offset >= 0 ? offset : $0 + offset }
        #expect(try load().models == .trained)
        #expect(try load().models == .read)
    }

    @Test("A file that is cut short, or none at all, is trained anew", arguments: [0, 7, 39, 40, 41, 100])
    func short(count: Int) throws {
        _ = try load()
        let url = URL(fileURLWithPath: path)
        try Data(contentsOf: url).prefix(count).write(to: url)
        #expect(try load().models == .trained)
    }

    @Test("Where it cannot be written the bot is trained each time")
    func unwritable() throws {
        let nowhere = content.root.appendingPathComponent("not-there/models.cache").path
        guard case .notKept = try load(path: nowhere).models else {
            Issue.record("it was kept nowhere")
            return
        }
    }

    @Test("What was read decides as what was trained, with the content that ships")
    func same() throws {
        let root = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path
        let cache = ModelCache(path: path, program: "one")
        let trained = try ContentLoader.bundle(ContentFolders(root: root), cache: cache)
        let read = try ContentLoader.bundle(ContentFolders(root: root), cache: cache)
        #expect(trained.models == .trained && read.models == .read)
        let questions = [
            "iemand wil dat ik eerst betaal om mijn geld te krijgen, klopt dat?", "galou lia khasni nkhelles",
            "طلبوا مني أن أدفع لكي أستلم مالي", "where is my bag", "je veux mourir", "xyz", "wat is een inreisverbod",
        ]
        for question in questions {
            let then = SuggestionMaker(trained.bundle).suggest(question, now: 1_795_219_200, limit: 5)
            let now = SuggestionMaker(read.bundle).suggest(question, now: 1_795_219_200, limit: 5)
            #expect(then.variety == now.variety && then.suggestions == now.suggestions)
        }
    }
}
