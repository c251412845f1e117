import Bot
import BotContent
import DeploymentConfiguration
import Foundation
import Practice

/// What the deployment's content folders hold, read and compiled once: for the bot, for staff, and for
/// practice.
struct DeploymentContent {
    let engine: Engine
    let suggestions: SuggestionMaker
    let practice: PracticeEngine
    /// Whether the bot's models were read or trained; `nil` without a cache.
    let models: ModelCache.Outcome?

    /// Throws `ContentError` naming file and line, or `DaemonError` for what the configuration says.
    ///
    /// - Parameter cache: where trained models are kept; `nil`: they are trained, and not kept.
    init(content: SilaConfiguration.Content, defaultLanguage: String, cache: ModelCache?) throws {
        guard let variety = Variety(rawValue: defaultLanguage), Variety.written.contains(variety) else {
            throw DaemonError(
                .configuration,
                "language.default '\(defaultLanguage)' is not a variety of the content: use one of "
                    + Variety.written.map(\.rawValue).joined(separator: ", "))
        }
        try Self.requireFolders(content)
        let folders = ContentFolders(bots: content.bots, translations: content.translations)
        let bundle: ContentBundle
        if let cache {
            let loaded = try ContentLoader.bundle(folders, cache: cache)
            (bundle, models) = (loaded.bundle, loaded.models)
        } else {
            (bundle, models) = (try ContentLoader.bundle(folders), nil)
        }
        engine = Engine(
            content: bundle.compiled,
            settings: EngineSettings(showDrafts: content.showDrafts, defaultVariety: variety))
        suggestions = SuggestionMaker(bundle)
        practice = PracticeEngine(
            content: try PracticeReader.load(content.bots, forbidden: bundle.forbidden), forbidden: bundle.forbidden)
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
}
