import Bot

/// The content as the files hold it, with the place of everything.
struct ReadContent {
    struct Text {
        let key: String
        let text: String
        let place: Place
    }
    struct Example {
        /// `nil` for what no topic covers.
        let topic: String?
        let variety: Variety
        let text: String
        let place: Place
    }
    struct Phrase {
        let variety: Variety
        let text: String
        let place: Place
    }
    struct Place: Hashable {
        let file: String
        let line: Int
    }

    var topics: [(file: TopicFile, path: String)] = []
    /// Names of topic files, also of those with errors, so that one error does not cause others.
    var topicNames: Set<String> = []
    var examples: [Example] = []
    var texts: [Variety: [Text]] = [:]
    var forbidden: [Phrase] = []
    var problems: [Problem] = []
}

/// Reads both folders. Goes on after an error, so that all of them are shown at once.
struct ContentReader {
    let folders: ContentFolders
    private var content = ReadContent()

    private init(folders: ContentFolders) { self.folders = folders }

    static func read(_ folders: ContentFolders) -> ReadContent {
        var reader = ContentReader(folders: folders)
        reader.readTopics()
        reader.readExamples()
        reader.readTranslations()
        reader.readForbidden()
        return reader.content
    }

    private mutating func report(_ file: String, _ line: Int? = nil, _ message: String) {
        content.problems.append(Problem(file: file, line: line, message))
    }

    private mutating func text(_ path: String) -> String? {
        switch TextFile.read(path) {
        case .success(let text): return text
        case .failure(let failure):
            content.problems.append(failure.problem)
            return nil
        }
    }

    /// The variety a folder or file is named after.
    private mutating func variety(_ name: String, path: String) -> Variety? {
        if let variety = Variety(rawValue: name), variety != .other { return variety }
        let known = Variety.written.map(\.rawValue)
        let hint = Suggestion.nearest(to: name, in: known).map { "; did you mean \"\($0)\"?" } ?? ""
        report(path, nil, "\"\(name)\" is no variety (\(known.joined(separator: ", ")))\(hint)")
        return nil
    }

    private mutating func readTopics() {
        let folder = folders.bots + "/topics"
        guard let names = TextFile.names(in: folder) else {
            return report(folder, nil, "is missing or cannot be read; it holds a file for each topic")
        }
        for name in names {
            let path = folder + "/" + name
            guard name.hasSuffix(".yaml") else {
                report(path, nil, "does not belong here; topics are named <id>.yaml")
                continue
            }
            let id = String(name.dropLast(5))
            content.topicNames.insert(id)
            guard let text = text(path) else { continue }
            let (file, problems) = TopicFile.read(text, file: path, name: id)
            content.problems += problems
            if let file { content.topics.append((file, path)) }
        }
        if content.topicNames.isEmpty { report(folder, nil, "holds no topic") }
    }

    private mutating func readExamples() {
        let root = folders.bots + "/examples"
        guard let names = TextFile.names(in: root) else {
            return report(root, nil, "is missing or cannot be read; it holds a folder for each variety")
        }
        for name in names {
            let folder = root + "/" + name
            guard let variety = variety(name, path: folder), let files = TextFile.names(in: folder) else { continue }
            for file in files { readExamples(folder + "/" + file, name: file, variety: variety) }
        }
    }

    private mutating func readExamples(_ path: String, name: String, variety: Variety) {
        guard name.hasSuffix(".txt") else {
            return report(path, nil, "does not belong here; examples are named <id>.txt")
        }
        let id = String(name.dropLast(4))
        let isOther = id == "_other"
        guard isOther || content.topicNames.contains(id) else {
            let hint =
                Suggestion.nearest(to: id, in: content.topicNames.sorted()).map { "; did you mean \"\($0)\"?" } ?? ""
            return report(path, nil, "there is no topic \"\(id)\"\(hint)")
        }
        guard let text = text(path) else { return }
        for (number, line) in TextFile.lines(text) {
            guard let sentence = Self.content(of: line) else { continue }
            content.examples.append(
                .init(
                    topic: isOther ? nil : id, variety: variety, text: sentence, place: .init(file: path, line: number))
            )
        }
    }

    /// A line without the spaces around it; `nil` for an empty line and a comment.
    private static func content(of line: Substring) -> String? {
        let trimmed = line.drop(while: \.isWhitespace)
        guard !trimmed.isEmpty, !trimmed.hasPrefix("#") else { return nil }
        var text = String(trimmed)
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }

    private mutating func readTranslations() {
        guard let names = TextFile.names(in: folders.translations) else {
            return report(folders.translations, nil, "is missing or cannot be read; it holds a folder for each variety")
        }
        for name in names {
            let folder = folders.translations + "/" + name
            guard let variety = variety(name, path: folder) else { continue }
            for file in ["bot.po", "topics.po"] { readPO(folder + "/" + file, variety: variety) }
        }
    }

    private mutating func readPO(_ path: String, variety: Variety) {
        guard let text = text(path) else { return }
        let (file, problems) = POReader.read(text, file: path)
        content.problems += problems
        if let language = file.header["Language"], language != variety.rawValue {
            report(path, 1, "the header says Language \"\(language)\"; the folder says \"\(variety.rawValue)\"")
        } else if file.header["Language"] == nil {
            report(path, 1, "the header must say \"Language: \(variety.rawValue)\"")
        }
        content.texts[variety, default: []] += file.entries.map {
            .init(key: $0.key, text: $0.text, place: .init(file: path, line: $0.line))
        }
    }

    private mutating func readForbidden() {
        // The folder is optional.
        for name in TextFile.names(in: folders.bots + "/never") ?? [] {
            let path = folders.bots + "/never/" + name
            guard name.hasSuffix(".txt") else {
                report(path, nil, "does not belong here; lists are named <variety>.txt")
                continue
            }
            guard let variety = variety(String(name.dropLast(4)), path: path), let text = text(path) else { continue }
            for (number, line) in TextFile.lines(text) {
                guard let phrase = Self.content(of: line) else { continue }
                content.forbidden.append(.init(variety: variety, text: phrase, place: .init(file: path, line: number)))
            }
        }
    }
}
