/// What the bridge says of itself by fixed words, in sentences.
enum BridgeWarnings {
    /// Those that cannot wait for somebody to run 'sila doctor'.
    static let alarms: Set<String> = ["own-device-removed"]

    static func words(_ warning: String) -> String {
        switch warning {
        case "draft-answers-shown": "The bot says answers that no lawyer has reviewed."
        case "own-device-removed":
            "Somebody added a device to the bridge's own account. It was removed, and nothing was encrypted to it; but "
                + "they know the account's password. Change it at the server and in keys/xmpp.password."
        default: warning
        }
    }

    /// The alarms among them, for lists that people look at all day.
    static func lines(_ warnings: [String], _ display: Display) -> [Display.Line] {
        warnings.filter(alarms.contains).flatMap { display.wrapped("ALARM: \(words($0))", weight: .alarm) }
    }
}
