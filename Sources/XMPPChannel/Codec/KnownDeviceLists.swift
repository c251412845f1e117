import Foundation
import Synchronization

/// The accounts whose device list was fetched and committed since this process started.
///
/// The link adds an account after the commit, so nothing here can be undone by a rollback. A list
/// is fetched anew after half a day, because contacts are not in our roster and need not tell us
/// of a change, and as soon as a device writes that the list did not name.
final class KnownDeviceLists: Sendable {
    private static let lifetime: TimeInterval = 12 * 60 * 60
    /// For what concerns the person: a device that was lost or seized, and taken off the list, gets none of it after
    /// five minutes. In seconds.
    private static let personalLifetime: TimeInterval = 5 * 60

    private let fetched = Mutex<[String: Date]>([:])
    private let clock: @Sendable () -> Date

    init(clock: @escaping @Sendable () -> Date = { Date() }) { self.clock = clock }

    func contains(_ jid: String, forPersonal isPersonal: Bool = false) -> Bool {
        let now = clock()
        let lifetime = isPersonal ? Self.personalLifetime : Self.lifetime
        return fetched.withLock { $0[jid].map { now.timeIntervalSince($0) < lifetime } ?? false }
    }

    func insert(_ jid: String) {
        let now = clock()
        fetched.withLock { $0[jid] = now }
    }

    func remove(_ jid: String) { fetched.withLock { $0[jid] = nil } }
}
