/// Where the content lies.
public struct ContentFolders: Sendable, Equatable {
    /// Topics, examples and forbidden words.
    public let bots: String
    /// One folder a variety, with `topics.po` and `bot.po`.
    public let translations: String

    public init(bots: String, translations: String) {
        self.bots = bots
        self.translations = translations
    }

    /// A folder that holds `Bots` and `Translations`.
    public init(root: String) {
        self.init(bots: root + "/Bots", translations: root + "/Translations")
    }
}
