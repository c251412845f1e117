/// What keeps words from being guessed, and how long they hold.
enum ArrivalLimits {
    /// Wrong tries of one address, until staff let it try again.
    static let triesOfAddress: Int64 = 5
    /// Wrong tries of everybody together, in an hour.
    static let triesInAnHour: Int64 = 50
    /// Further addresses that one card brings in: somebody who borrows a phone first and has one of their own later.
    static let addresses: Int64 = 3
    /// Days for which a card holds.
    static let days: Int64 = 365

    static let hour: Int64 = 3_600_000
    static let day: Int64 = 86_400_000
}

extension Transaction {
    /// Wrong tries of an address, and of everybody in the last hour.
    func arrivalTries(in conversation: Int64) throws -> (ofAddress: Int64, inAnHour: Int64) {
        let ofAddress = try db().integer(
            "SELECT count(*) FROM arrival_try WHERE conversation_id = ?", [conversation])
        let inAnHour = try db().integer(
            "SELECT count(*) FROM arrival_try WHERE at > ?", [now.milliseconds - ArrivalLimits.hour])
        return (ofAddress ?? 0, inAnHour ?? 0)
    }

    func addArrivalTry(in conversation: Int64) throws {
        try db().run(
            "INSERT INTO arrival_try (conversation_id, at) VALUES (?, ?)", [conversation, now.milliseconds])
    }
}
