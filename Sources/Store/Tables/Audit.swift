import Foundation
import StaffProtocol

extension Transaction {
    /// Adds a line to the audit log. Each line's hash covers the one before it, so that a line
    /// taken out or changed afterwards shows.
    ///
    /// - Parameters:
    ///   - kind: a fixed word; never anything a person wrote.
    ///   - subject: a row number.
    ///   - actor: the member whose session did it; empty for the daemon itself.
    ///   - amount: how much, for what was served.
    ///   - about: the member to whom it was done.
    public func audit(
        _ kind: String, subject: Int64, actor: String = "", amount: Int64 = 0, about: String = ""
    ) throws {
        let last =
            try state.memory.auditChain
            ?? state.first("SELECT chain FROM audit ORDER BY id DESC LIMIT 1") { $0.bytes(0) } ?? []
        let chain = AuditChain.next(
            after: last, at: now.milliseconds, kind: kind, subject: subject, actor: actor, amount: amount,
            about: about)
        try state.run(
            "INSERT INTO audit (at, kind, subject, actor, amount, about, chain) VALUES (?, ?, ?, ?, ?, ?, ?)",
            now.milliseconds, kind, subject, actor, amount, about, chain)
        state.memory.auditChain = chain
    }
}
