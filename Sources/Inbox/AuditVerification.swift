import Foundation
import Sealing
import StaffProtocol

/// A line of the audit log that was verified: what a later verification must still find.
public struct AuditMark: Sendable, Equatable, Codable {
    public var line: Int64
    /// 32 bytes.
    public var chain: Data
}

/// What a verification found.
public struct AuditFinding: Sendable, Equatable {
    public enum Fault: Sendable, Equatable {
        /// This line does not follow from the one before it: one of them was changed, or one between
        /// them was taken out.
        case broken(AuditLine)
        /// The lines do not come in the order of their numbers.
        case outOfOrder(AuditLine)
        /// A line that was verified before is gone: the end of the log was taken off.
        case shortened(AuditMark)
        /// A line that was verified before is another one: the log was written anew.
        case rewritten(AuditMark)
    }

    /// Lines that hold.
    public var lines: Int
    /// The last of them.
    public var last: AuditLine?
    public var fault: Fault?
    /// The last line that says that the bridge was restored from a backup: what had followed before is gone.
    public var restored: AuditLine?
    public var holds: Bool { fault == nil }
}

/// `sila audit verify`: the whole audit log, line by line, against its own chain and against what was
/// verified last on this machine.
public struct AuditVerification: Sendable {
    /// Written by a restore, behind the lines that were in the backup.
    private static let restoredKind = "restored-from-backup"

    private let connection: StaffConnection
    private let markPath: String

    public init(_ connection: StaffConnection, folder: ProfileFolder) {
        self.connection = connection
        markPath = folder.auditMark
    }

    /// - Parameter each: is given every line that holds, in order.
    public func run(_ each: (AuditLine) -> Void = { _ in }) async throws -> AuditFinding {
        let mark = try readMark()
        var finding = AuditFinding(lines: 0)
        var wasSeen = mark == nil
        var after: Int64 = 0
        repeat {
            let page = try await connection.audit(after: after)
            for line in page.lines {
                guard line.id > (finding.last?.id ?? 0) else { return finding.with(.outOfOrder(line)) }
                guard AuditChain.firstBroken(in: [line], after: Array(finding.last?.chain ?? Data())) == nil else {
                    return finding.with(.broken(line))
                }
                if line.kind == Self.restoredKind { finding.restored = line }
                if let mark, mark.line == line.id {
                    guard mark.chain == line.chain else { return finding.with(.rewritten(mark)) }
                    wasSeen = true
                }
                finding.lines += 1
                finding.last = line
                each(line)
            }
            guard page.next == 0 || page.next > after else {
                throw ConnectionError.unexpected(Endpoint.listAudit.rawValue, status: 200)
            }
            after = page.next
        } while after != 0
        if let mark, !wasSeen { return finding.with(.shortened(mark)) }
        if let last = finding.last {
            try PrivateFile.replace(
                markPath, with: StaffRequest.encode(AuditMark(line: last.id, chain: last.chain)))
        }
        return finding
    }

    private func readMark() throws -> AuditMark? {
        let bytes: [UInt8]
        do {
            bytes = try PrivateFile.read(markPath)
        } catch let error where error.isMissing {
            return nil
        }
        guard let mark = try? JSONDecoder().decode(AuditMark.self, from: Data(bytes)) else {
            throw FileError(markPath, "it is damaged. Remove it to verify without what was seen before")
        }
        return mark
    }
}

extension AuditFinding {
    fileprivate func with(_ fault: Fault) -> AuditFinding {
        var finding = self
        finding.fault = fault
        return finding
    }
}
