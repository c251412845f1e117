import Crypto

/// The hash chain of the audit log: SHA-256 over the last hash and the line's own fields. A line that
/// was taken out or changed afterwards shows.
public enum AuditChain {
    /// The chain after a line.
    ///
    /// - Parameters:
    ///   - last: the chain before it; empty before the first line.
    ///   - at: milliseconds since 1970.
    ///   - actor: the member who did it. A line without actor and amount is of the first form, which
    ///     had neither.
    ///   - about: the member to whom it was done. A line without is of the second form, which had none.
    public static func next(
        after last: [UInt8], at: Int64, kind: String, subject: Int64, actor: String = "", amount: Int64 = 0,
        about: String = ""
    ) -> [UInt8] {
        var line: [UInt8] = []
        line.reserveCapacity(128)
        func add<Number: FixedWidthInteger>(_ number: Number) {
            withUnsafeBytes(of: number.bigEndian) { unsafe line.append(contentsOf: $0) }
        }
        let isFirstForm = actor.isEmpty && amount == 0 && about.isEmpty
        let form = isFirstForm ? "1" : about.isEmpty ? "2" : "3"
        line.append(contentsOf: "sila audit ".utf8)
        line.append(contentsOf: form.utf8)
        line.append(contentsOf: last)
        add(at)
        add(subject)
        if !isFirstForm {
            add(amount)
            add(UInt32(actor.utf8.count))
            line.append(contentsOf: actor.utf8)
        }
        if !about.isEmpty {
            add(UInt32(about.utf8.count))
            line.append(contentsOf: about.utf8)
        }
        line.append(contentsOf: kind.utf8)
        var hash = SHA256()
        line.withUnsafeBytes { unsafe hash.update(bufferPointer: $0) }
        return hash.finalize().withUnsafeBytes { unsafe Array($0) }
    }

    /// The first line that does not follow from the one before it, if there is one.
    ///
    /// - Parameter last: the chain before the first of these lines.
    public static func firstBroken(in lines: [AuditLine], after last: [UInt8] = []) -> AuditLine? {
        var last = last
        for line in lines {
            let expected = next(
                after: last, at: line.at, kind: line.kind, subject: line.subject, actor: line.actor,
                amount: line.amount, about: line.about ?? "")
            guard expected == Array(line.chain) else { return line }
            last = expected
        }
        return nil
    }
}
