import Bot
import BotContent
import Bridge
import Configuration
import Foundation
import Messaging

/// The bot as the bridge's responder: its state travels as JSON, its replies as they are.
struct BotResponder: Responder {
    private let engine: Engine

    /// Reads, checks and compiles the content. Throws `ContentError` naming file and line.
    init(content: SilaConfiguration.Content, defaultLanguage: String) throws {
        guard let variety = Variety(rawValue: defaultLanguage), Variety.written.contains(variety) else {
            throw DaemonError(
                .configuration,
                "language.default '\(defaultLanguage)' is not a variety of the content: use one of "
                    + Variety.written.map(\.rawValue).joined(separator: ", "))
        }
        try Self.requireFolders(content)
        let folders = ContentFolders(bots: content.bots, translations: content.translations)
        engine = Engine(
            content: try ContentLoader.load(folders),
            settings: EngineSettings(showDrafts: content.showDrafts, defaultVariety: variety))
    }

    /// A folder that is not there is an error of the configuration, not of the content.
    private static func requireFolders(_ content: SilaConfiguration.Content) throws {
        let folders = [("content.bots", content.bots), ("content.translations", content.translations)]
        let missing = folders.filter { _, path in
            var isFolder: ObjCBool = false
            return !FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) || !isFolder.boolValue
        }
        guard missing.isEmpty else {
            let advice = "write where it is, relative to the configuration file or as a whole path"
            throw DaemonError(
                .configuration,
                missing.map { "\($0): there is no folder \($1); \(advice)" }.joined(separator: "\n"))
        }
    }

    func respond(to input: ResponderInput) -> ResponderOutput {
        let (state, events) = engine.step(
            state: decode(input.state),
            input: Input(
                text: input.text, isEncrypted: input.protection == .endToEnd,
                now: Int64(input.now.timeIntervalSince1970)))
        return output(state, events, protection: input.protection)
    }

    func respondToUnreadable(now: Date, state: [UInt8]) -> ResponderOutput {
        let (state, events) = engine.unreadable(state: decode(state), now: Int64(now.timeIntervalSince1970))
        return output(state, events, protection: .endToEnd)
    }

    /// A state this version cannot read (an older backup, a newer version) starts the dialogue anew.
    private func decode(_ bytes: [UInt8]) -> DialogueState {
        if bytes.isEmpty { return DialogueState() }
        return (try? JSONDecoder().decode(DialogueState.self, from: Data(bytes))) ?? DialogueState()
    }

    private func output(_ state: DialogueState, _ events: [Event], protection: Protection) -> ResponderOutput {
        var output = ResponderOutput(
            state: (try? JSONEncoder().encode(state)).map(Array.init) ?? [], replies: [], handsOver: false)
        for event in events {
            switch event {
            case .reply(let reply):
                output.replies.append(
                    .init(
                        text: reply.text, protection: protection, topic: reply.topic?.rawValue,
                        variety: reply.variety.rawValue))
            case .handOver:
                output.handsOver = true
            case .classified:
                break
            }
        }
        return output
    }
}
