import Bot
import Foundation

/// A conversation in a file: what the contact says and what must follow, exactly.
///
///     # a comment
///     @ wait 3600          time passes (seconds)
///     @ clear              the next message comes unencrypted; once only
///     @ drafts             drafts are shown from here on
///     @ arrival right nl     the next message was the words of a card (right, wrong, too-often), written in nl; once only
///     > text               a message; `\n` is a line break
///     = decision topic     how it was understood (`-`: no topic)
///     < [nl] key key       a reply: its variety and its keys
///     ! reason target topic
struct Transcript {
    struct Turn {
        let line: Int
        let text: String
        let isEncrypted: Bool
        let wait: Int64
        let showsDrafts: Bool
        let arrival: Arrival?
        let writtenIn: Variety?
        var expected: [String]
    }

    let name: String
    private(set) var turns: [Turn] = []

    struct Malformed: Error, CustomStringConvertible {
        let description: String
    }

    init(path: String) throws {
        name = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
        var wait: Int64 = 0
        var isEncrypted = true
        var drafts = false
        var arrival: Arrival?
        var writtenIn: Variety?
        let text = try String(contentsOfFile: path, encoding: .utf8)
        for (index, raw) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let line = raw.trimmingCharacters(in: .whitespaces)
            guard let mark = line.first, mark != "#" else { continue }
            let rest = line.dropFirst().trimmingCharacters(in: .whitespaces)
            switch mark {
            case "@":
                let words = rest.split(separator: " ")
                switch words.first {
                case "wait": wait += words.count > 1 ? Int64(words[1]) ?? 0 : 0
                case "clear": isEncrypted = false
                case "drafts": drafts = true
                case "arrival":
                    arrival = try Self.arrival(words.dropFirst().first ?? "", at: "\(name):\(index + 1)")
                    writtenIn = words.count > 2 ? Variety(rawValue: String(words[2])) : nil
                default: throw Malformed(description: "\(name):\(index + 1): unknown setting \(rest)")
                }
            case ">":
                turns.append(
                    Turn(
                        line: index + 1, text: rest.replacingOccurrences(of: "\\n", with: "\n"),
                        isEncrypted: isEncrypted,
                        wait: wait, showsDrafts: drafts, arrival: arrival, writtenIn: writtenIn, expected: []))
                wait = 0
                isEncrypted = true
                (arrival, writtenIn) = (nil, nil)
            case "<", "=", "!":
                guard !turns.isEmpty else { throw Malformed(description: "\(name):\(index + 1): nothing was said yet") }
                turns[turns.count - 1].expected.append("\(mark) \(rest)")
            default: throw Malformed(description: "\(name):\(index + 1): cannot be read: \(line)")
            }
        }
    }

    private static func arrival(_ word: Substring, at place: String) throws -> Arrival {
        switch word {
        case "right": .right
        case "wrong": .notRecognised
        case "too-often": .tooOften
        default: throw Malformed(description: "\(place): unknown arrival \(word)")
        }
    }

    /// An event as a transcript writes it.
    static func line(_ event: Event) -> String {
        switch event {
        case .classified(let found): "= \(found.decision.rawValue) \(found.topic?.rawValue ?? "-")"
        case .reply(let reply): "< [\(reply.variety.rawValue)] \(reply.keys.map(\.rawValue).joined(separator: " "))"
        case .handOver(let reason, let target, let topic):
            "! \(reason.rawValue) \(target.rawValue) \(topic?.rawValue ?? "-")"
        }
    }
}
