import Foundation
import Sealing
import Synchronization

/// The remarks of the bot that were opened last, so that an inbox page does not open the same fifty at each request.
///
/// A remark is taken from here only when the sealed bytes are those that it was opened from: each sealing has a
/// nonce of its own, so one that was changed is never served as it was before.
final class OpenedRemarks: Sendable {
    private struct Entry {
        let sealed: [UInt8]
        let remark: BotRemark
    }

    /// Two generations: what was used since the last change of generation, and before. Bounded, and without a list
    /// that every use would have to put in order.
    private struct Generations {
        var present: [Int64: Entry] = [:]
        var past: [Int64: Entry] = [:]
    }

    private let generations = Mutex(Generations())
    private let generationLimit: Int

    /// - Parameter limit: remarks kept at most; each takes about half a kilobyte.
    init(limit: Int = 4096) { generationLimit = max(1, limit / 2) }

    var count: Int { generations.withLock { $0.present.count + $0.past.count } }

    /// The remark on a conversation, when it is known what these bytes say.
    func remark(on conversation: Int64, sealed: UnsafeRawBufferPointer) -> BotRemark? {
        let (found, isPast) = generations.withLock { generations -> (Entry?, Bool) in
            if let entry = generations.present[conversation] { return (entry, false) }
            return (generations.past[conversation], true)
        }
        guard let found, Self.areEqual(found.sealed, sealed) else { return nil }
        if isPast { add(found, of: conversation) }
        return found.remark
    }

    func add(_ remark: BotRemark, on conversation: Int64, sealed: [UInt8]) {
        add(Entry(sealed: sealed, remark: remark), of: conversation)
    }

    /// Forgets all, as a contact's erasure must leave nothing behind.
    func removeAll() { generations.withLock { $0 = Generations() } }

    private static func areEqual(_ one: [UInt8], _ other: UnsafeRawBufferPointer) -> Bool {
        one.withUnsafeBytes { one in
            guard one.count == other.count, let one = one.baseAddress, let bytes = other.baseAddress else {
                return false
            }
            return memcmp(one, bytes, other.count) == 0
        }
    }

    private func add(_ entry: Entry, of conversation: Int64) {
        generations.withLock { generations in
            if generations.present[conversation] == nil, generations.present.count >= generationLimit {
                generations.past = generations.present
                generations.present = [:]
            }
            generations.present[conversation] = entry
            generations.past[conversation] = nil
        }
    }
}
