import Foundation
import StaffProtocol

extension Transaction {
    /// Adds a line to the audit log. Each line's hash covers the one before it, so that a line
    /// taken out or changed afterwards shows.
    ///
    /// - Parameters:
    ///   - kind: a fixed word; never anything a person wrote.
    ///   - subject: a row number.
    func audit(_ kind: String, subject: Int64) throws {
        let last = try db().row("SELECT chain FROM audit ORDER BY id DESC LIMIT 1")?.bytes("chain") ?? []
        let chain = AuditChain.next(after: last, at: now.milliseconds, kind: kind, subject: subject)
        try db().run(
            "INSERT INTO audit (at, kind, subject, chain) VALUES (?, ?, ?, ?)",
            [now.milliseconds, kind, subject, chain.data])
    }
}
