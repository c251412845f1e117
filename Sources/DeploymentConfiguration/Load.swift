import Foundation
import Yams

extension SilaConfiguration {
    /// The keys of each section. What is not here is refused.
    static let schema: [String: [String]] = [
        "": [
            "deployment", "store", "keys", "content", "language", "xmpp", "staff", "attachments", "backup",
            "invitation", "log",
        ],
        "deployment": ["name"],
        "store": ["path"],
        "keys": ["mode", "working-key", "credential", "roster", "roster-pin", "archive-keyring"],
        "content": ["bots", "translations", "show-drafts"],
        "language": ["default"],
        "xmpp": ["jid", "password-file", "host", "port", "resource", "tls", "proxy"],
        "xmpp.tls": ["ca-file", "pin"],
        "staff": ["socket"],
        "attachments": ["limit-mb", "ca-file", "private-addresses"],
        "backup": ["data", "keys", "keep-days", "overdue-days"],
        "invitation": ["telephone", "second-way", "android", "iphone"],
        "log": ["level"],
    ]

    /// The largest file that is read, in bytes.
    static let sizeLimit = 1 << 20

    /// Reads and checks a configuration file. Throws a `ConfigurationError` that lists all problems.
    public static func load(from path: String) throws(ConfigurationError) -> SilaConfiguration {
        let url = URL(fileURLWithPath: path).standardizedFileURL
        func fail(_ message: String) -> ConfigurationError {
            ConfigurationError(path: path, problems: [.init(line: nil, message: message)])
        }
        guard FileManager.default.fileExists(atPath: url.path) else {
            throw fail(
                "there is no such file (looked for \(url.path)): go to the deployment's folder, or name it with "
                    + "--config PATH. A new one starts from config/sila.example.yaml")
        }
        let data: Data
        do {
            data = try Data(contentsOf: url)
        } catch {
            throw fail("cannot be read; check that it is a file and that this user may read it")
        }
        guard data.count <= sizeLimit else { throw fail("has more than \(sizeLimit) bytes") }
        guard let text = String(data: data, encoding: .utf8) else { throw fail("is not UTF-8 text") }
        return try parse(text, path: path, directory: url.deletingLastPathComponent().path)
    }

    /// Reads configuration from text. `directory` is what relative paths are relative to.
    public static func parse(
        _ text: String, path: String, directory: String
    ) throws(ConfigurationError) -> SilaConfiguration {
        let problems = ProblemList()
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch {
            throw ConfigurationError(path: path, problems: [yamlProblem(error)])
        }
        if let root, root.mapping == nil, !root.isEmptyValue {
            problems.add(root.mark?.line, "the file must hold keys such as 'xmpp:', not a list or a text")
        }
        let top = Section(root?.mapping, path: [], line: nil, schema: schema, problems: problems)
        let reader = ConfigurationReader(top: top, directory: directory)
        let configuration = reader.read()
        guard problems.problems.isEmpty, let configuration else {
            let ordered = problems.problems.enumerated().sorted {
                ($0.element.line ?? .max, $0.offset) < ($1.element.line ?? .max, $1.offset)
            }
            throw ConfigurationError(path: path, problems: ordered.map(\.element))
        }
        return configuration
    }

    private static func yamlProblem(_ error: any Error) -> ConfigurationError.Problem {
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            .init(line: mark.line, message: "this is not YAML: \(problem)")
        case .duplicatedKeysInMapping(let duplicates, let context):
            .init(
                line: context.mark.line,
                message: "written twice below this line: \(duplicates.sorted().joined(separator: ", "))")
        case .reader(let problem, _, _, _):
            .init(line: nil, message: "this is not YAML: \(problem)")
        default:
            .init(line: nil, message: "this is not YAML")
        }
    }
}
