import Bot
import BotContent
import Foundation

/// Content folders in a directory of their own, small and without fault until something is changed.
final class ScratchContent {
    let root: URL
    var folders: ContentFolders { ContentFolders(root: root.path) }

    init() throws {
        root = FileManager.default.temporaryDirectory.appendingPathComponent("bot-content-\(UUID().uuidString)")
        try write("Bots/topics/lost-bag.yaml", Self.topic)
        for variety in Variety.written {
            let name = variety.rawValue
            try write(
                "Bots/examples/\(name)/lost-bag.txt", "# examples\n\nbag lost \(name) one\nbag lost \(name) two\n")
            try write("Translations/\(name)/bot.po", Self.po(name, Self.general(name)))
            try write(
                "Translations/\(name)/topics.po",
                Self.po(name, [("topic.lost-bag.title", "Bag \(name)"), ("topic.lost-bag.answer", "Ask at the desk.")]))
        }
    }

    deinit { try? FileManager.default.removeItem(at: root) }

    func write(_ path: String, _ text: String) throws { try write(path, Data(text.utf8)) }

    func write(_ path: String, _ data: Data) throws {
        let file = root.appendingPathComponent(path)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try data.write(to: file)
    }

    func remove(_ path: String) throws { try FileManager.default.removeItem(at: root.appendingPathComponent(path)) }

    func edit(_ path: String, _ change: (String) -> String) throws {
        let text = try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
        try write(path, change(text))
    }

    static func po(_ language: String, _ entries: [(String, String)]) -> String {
        var text =
            "msgid \"\"\nmsgstr \"\"\n\"Language: \(language)\\n\"\n\"Content-Type: text/plain; charset=UTF-8\\n\"\n"
        for (key, value) in entries { text += "\nmsgid \"\(key)\"\nmsgstr \"\(value)\"\n" }
        return text
    }

    static func general(_ name: String) -> [(String, String)] {
        TextKey.general.map { ($0.rawValue, $0 == .askOption ? "{n}. {title}" : "\($0) in \(name)") }
    }

    static let topic = """
        id: lost-bag
        group: belongings
        audience: [person, relative]
        kind: answer
        hand-over: intern
        law-review: false
        confidence: medium
        sources:
          - {key: GK, title: general knowledge, date: undated}
        checked: 2026-11-20
        expires: 2027-05-20
        reviewed: []
        """
}
