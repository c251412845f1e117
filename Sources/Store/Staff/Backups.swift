import StaffProtocol

/// Backups that staff ask for; a timer makes them otherwise.
extension StoreStaffService {
    public func makeBackup(for viewer: Viewer) async throws -> MadeBackup {
        _ = try scope(viewer, .makeBackup)
        guard let port = ports.backups else {
            throw APIError(.refused, "this bridge makes no backups at the request of staff: run 'silad backup' there")
        }
        try await write { try $0.audit("backup-asked", subject: 0, actor: viewer.member.rawValue) }
        return try await port.makeBackup()
    }
}
