import Foundation
import Inbox
import StaffProtocol

/// Reads everything that this member is served, for what no list of the bridge can tell.
struct ArchiveScan {
    let work: InboxSession

    /// The items that `isWanted`, oldest first, still sealed.
    ///
    /// - Parameter isWanted: is given an item, and whether it is closed.
    func items(_ isWanted: (_ item: SealedItem, _ isClosed: Bool) -> Bool) async throws -> [SealedItem] {
        var found: [SealedItem] = []
        _ = try await work.bulk.run { frames in
            for frame in frames {
                if case .item(let item, _, let isClosed) = frame, isWanted(item, isClosed) { found.append(item) }
            }
        }
        return found
    }
}
