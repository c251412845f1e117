import Testing
import XMPP

/// A stream of an earlier run, as a value.
@Suite struct KeptStreamTests {
    private func restored(
        committed: UInt64 = 7, acknowledged: UInt64 = 3, ceiling: UInt64 = 20
    ) -> StreamManagement {
        var management = StreamManagement()
        management.restore(KeptStream(id: "old", committed: committed, acknowledged: acknowledged, ceiling: ceiling))
        return management
    }

    @Test func itIsOfferedWithWhatIsCommitted() {
        var management = restored()
        #expect(management.isRestored)
        #expect(management.beginResumption() == .init(id: "old", h: 7))
    }

    @Test func resumedBothCountsGoOn() throws {
        var management = restored()
        _ = management.beginResumption()
        #expect(try management.restoredResumed(h: 12) == 12)
        #expect(!management.isRestored)
        #expect(management.sentCount == 12)
        management.sent([1], token: 1)
        #expect(management.sentCount == 13)
        #expect(try management.acknowledged(13) == [1])
        // The server begins behind the seventh.
        let number = management.received()
        #expect(management.committedCount(with: [number]) == 8)
        #expect(management.committedCount == 7)
        management.committed(number)
        #expect(management.h == 8)
    }

    @Test(arguments: [UInt32(2), 21, .max]) func aCountThatCannotBeIsNotBelieved(_ h: UInt32) throws {
        var management = restored()
        _ = management.beginResumption()
        #expect(throws: StreamFailure.self) { try management.restoredResumed(h: h) }
        // The next connection binds, and the stream counts as lost.
        #expect(management.isRestored)
        #expect(management.restoredFailed(h: h) == nil)
        #expect(!management.isRestored)
        #expect(management.beginResumption() == nil)
    }

    @Test func aLostStreamSaysWhatItTook() {
        var known = restored()
        #expect(known.restoredFailed(h: 20) == 20)
        var unknown = restored()
        #expect(unknown.restoredFailed(h: nil) == nil)
        #expect(unknown.beginResumption() == nil)
    }

    @Test func theCountGoesOnBeyondTheWrapAround() throws {
        // XEP-0198 §4: 2^32-1 is followed by 0.
        let edge = UInt64(UInt32.max)
        var management = restored(committed: edge, acknowledged: edge, ceiling: edge + 10)
        #expect(management.beginResumption() == .init(id: "old", h: .max))
        #expect(try management.restoredResumed(h: 3) == edge + 4)
        management.committed(management.received())
        #expect(management.h == 0)
        #expect(management.committedCount == edge + 1)
    }

    @Test func onlyWhatFollowsWithoutAGapCounts() {
        var management = StreamManagement()
        management.enabled(id: "x")
        let numbers = (0..<5).map { _ in management.received() }
        management.committed(numbers[2])
        #expect(management.committedCount(with: [numbers[0]]) == 1)
        #expect(management.committedCount(with: [numbers[0], numbers[1]]) == 3)
        #expect(management.committedCount(with: [numbers[4]]) == 0)
        #expect(management.committedCount == 0)
    }

    @Test func aNewStreamIsNotTheKeptOne() {
        var management = restored()
        _ = management.restoredFailed(h: nil)
        management.enabled(id: "new")
        #expect(!management.isRestored)
        #expect(management.sentCount == 0)
        #expect(management.beginResumption() == .init(id: "new", h: 0))
        management.forgetResumption()
        #expect(management.beginResumption() == nil)
        #expect(management.isEnabled)
    }

    /// A server refuses `<resume/>` with less than it was told before.
    @Test func theServerIsToldNoMoreThanWhatIsWrittenDown() throws {
        var management = StreamManagement(isKept: true)
        management.enabled(id: "x")
        for _ in 0..<3 { management.committed(management.received()) }
        #expect(management.committedCount == 3)
        #expect(management.answer() == 0)
        #expect(management.shouldAcknowledge() == false)
        management.wroteDown(2)
        #expect(management.shouldAcknowledge() == true)
        #expect(management.answer() == 2)
        #expect(management.beginResumption() == .init(id: "x", h: 2))
        _ = try management.resumed(h: 0)
        // The third comes again under its number, and then a new one.
        #expect(management.received() == 3)
        #expect(management.received() == 4)
        // What was counted of an earlier time is nothing new.
        management.wroteDown(1)
        #expect(management.h == 2)
    }
}
