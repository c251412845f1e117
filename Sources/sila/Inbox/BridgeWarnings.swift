/// What the bridge says of itself by fixed words, in sentences.
enum BridgeWarnings {
    /// Those that cannot wait for somebody to run 'sila doctor'.
    static let alarms: Set<String> = ["own-device-removed", "restored-from-backup"]

    static func words(_ warning: String) -> String {
        switch warning {
        case "draft-answers-shown": "The bot says answers that no lawyer has reviewed."
        case "own-device-removed":
            "Somebody added a device to the bridge's own account. It was removed, and nothing was encrypted to it; but "
                + "they know the account's password. Change it at the server and in keys/xmpp.password."
        case "restored-from-backup":
            "The bridge was restored from a backup. What was done after that backup is gone: replies that contacts "
                + "have, notes, assignments, erasures. 'sila audit list' shows where the log goes on."
        case "backup-never":
            "There is no backup of the bridge. If its machine is lost, so is everything. Ask whoever runs it: 'silad "
                + "backup', each night."
        case "backup-old":
            "The last backup of the bridge is old. Ask whoever runs it to look at its timer: 'silad backup'."
        default: warning
        }
    }

    /// Those that are shown red, and in the list of the day.
    static let overdue: Set<String> = ["backup-never", "backup-old"]

    /// The alarms among them, for lists that people look at all day.
    static func lines(_ warnings: [String], _ display: Display) -> [Display.Line] {
        warnings.filter(alarms.contains).flatMap { display.wrapped("ALARM: \(words($0))", weight: .alarm) }
    }
}
