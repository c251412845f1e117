import Crypto
import Foundation

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

/// The hash chain of the audit log: SHA-256 over the last hash and the line's own fields.
public enum AuditChain {
    public static func next(after last: [UInt8], at: Int64, kind: String, subject: Int64) -> [UInt8] {
        var hash = SHA256()
        hash.update(data: Array("sila audit 1".utf8))
        hash.update(data: last)
        withUnsafeBytes(of: at.bigEndian) { unsafe hash.update(bufferPointer: $0) }
        withUnsafeBytes(of: subject.bigEndian) { unsafe hash.update(bufferPointer: $0) }
        hash.update(data: Array(kind.utf8))
        return Array(hash.finalize())
    }
}
