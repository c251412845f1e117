import Testing
import XMPP

@Suite struct StreamManagementTests {
    private func enabled() -> StreamManagement {
        var management = StreamManagement()
        management.enabled(id: "old")
        return management
    }

    @Test func onlyACommittedPrefixIsAcknowledged() {
        var management = enabled()
        let numbers = (0..<4).map { _ in management.received() }
        management.committed(numbers[1])
        management.committed(numbers[2])
        #expect(management.h == 0)
        management.committed(numbers[0])
        #expect(management.h == 3)
        management.committed(numbers[0])
        #expect(management.h == 3)
    }

    @Test func aLateCommitIsToldWithoutBeingAsked() {
        var management = enabled()
        let number = management.received()
        #expect(management.answer() == 0)
        management.committed(number)
        #expect(management.shouldAcknowledge() == true)
        #expect(management.shouldAcknowledge() == false)
        // Nobody asked: nothing is owed.
        management.committed(management.received())
        #expect(management.shouldAcknowledge() == false)
    }

    @Test func confirmationsComeInOrder() throws {
        var management = enabled()
        for token in 1...5 { management.sent([UInt8(token)], token: token == 3 ? nil : Int64(token)) }
        #expect(try management.acknowledged(2) == [1, 2])
        #expect(try management.acknowledged(2) == [])
        #expect(try management.acknowledged(4) == [4])
        #expect(throws: StreamFailure.self) { try management.acknowledged(6) }
        #expect(throws: StreamFailure.self) { try management.acknowledged(3) }
    }

    @Test func aRequestIsOpenOnce() throws {
        var management = enabled()
        #expect(management.shouldRequest() == false)
        management.sent([1], token: nil)
        #expect(management.shouldRequest() == false)
        management.sent([2], token: 2)
        #expect(management.shouldRequest() == true)
        #expect(management.shouldRequest() == false)
        #expect(try management.acknowledged(1) == [])
        #expect(management.shouldRequest() == true)
    }

    @Test func afterAResumptionTheRestIsSentAgain() throws {
        var management = enabled()
        let first = management.received()
        let second = management.received()
        management.committed(first)
        for token in 1...3 { management.sent([UInt8(token)], token: Int64(token)) }
        #expect(management.beginResumption() == .init(id: "old", h: 1))
        let (confirmed, again) = try management.resumed(h: 1)
        #expect(confirmed == [1])
        #expect(again == [[2], [3]])
        // The server sends the second again: the same stanza, the same number.
        #expect(management.received() == second)
        management.committed(second)
        #expect(management.h == 2)
        #expect(try management.acknowledged(3) == [2, 3])
    }

    /// `<resume/>` is sent before the login; the owner goes on storing meanwhile.
    @Test func whatIsCommittedDuringTheLoginDoesNotShiftTheNumbers() throws {
        var management = enabled()
        let numbers = (0..<5).map { _ in management.received() }
        management.committed(numbers[0])
        #expect(management.beginResumption()?.h == 1)
        management.committed(numbers[1])
        management.committed(numbers[2])
        _ = try management.resumed(h: 0)
        // The server knows of the first only: it sends the other four again, and then a new one.
        #expect((1...4).map { _ in management.received() } == Array(numbers[1...]))
        let new = management.received()
        #expect(!numbers.contains(new))
        #expect(management.h == 3)
        management.committed(numbers[1])
        #expect(management.h == 3)
        management.committed(numbers[3])
        management.committed(numbers[4])
        #expect(management.h == 5)
        management.committed(new)
        #expect(management.h == 6)
    }

    @Test func whatNobodyWaitsForIsRequestedWhenItIsMuch() throws {
        var management = enabled()
        for _ in 1..<20 { management.sent([1], token: nil) }
        #expect(management.shouldRequest() == false)
        management.sent([1], token: nil)
        #expect(management.shouldRequest() == true)
        #expect(management.shouldRequest() == false)
        _ = try management.acknowledged(20)
        #expect(management.shouldRequest() == false)
        // A token counts once, wherever it ends.
        management.sent([1], token: 1)
        #expect(management.shouldRequest() == true)
        #expect(try management.acknowledged(21) == [1])
        management.sent([1], token: nil)
        #expect(management.shouldRequest() == false)
    }

    @Test func afterAFailedResumptionEachIsSettledOrReported() {
        var management = enabled()
        for token in 1...3 { management.sent([UInt8(token)], token: Int64(token)) }
        var other = management
        let known = management.resumptionFailed(h: 2)
        #expect(known.confirmed == [1, 2])
        #expect(known.unsettled == [3])
        let unknown = other.resumptionFailed(h: nil)
        #expect(unknown.confirmed == [])
        #expect(unknown.unsettled == [1, 2, 3])
        #expect(other.beginResumption() == nil)
    }

    @Test func anImpossibleHSettlesNothing() {
        var management = enabled()
        management.sent([1], token: 1)
        let result = management.resumptionFailed(h: 9)
        #expect(result.confirmed == [])
        #expect(result.unsettled == [1])
    }

    @Test func numbersOfOldStreamsDoNotCount() throws {
        var management = enabled()
        let first = management.received()
        let second = management.received()
        _ = try management.resumed(h: 0)
        _ = management.resumptionFailed(h: nil)
        management.enabled(id: "new")
        let third = management.received()
        #expect(third > second)
        management.committed(first)
        management.committed(second)
        #expect(management.h == 0)
        management.committed(third)
        #expect(management.h == 1)
    }

    @Test func countersWrapAround() throws {
        // XEP-0198 §4: 2^32-1 is followed by 0.
        var management = StreamManagement()
        management.enabled(id: "x")
        let edge = UInt32.max
        #expect(throws: StreamFailure.self) { try management.acknowledged(edge) }
        var near = StreamManagement(enabledAt: edge - 1)
        for token in 1...4 { near.sent([0], token: Int64(token)) }
        #expect(try near.acknowledged(edge) == [1])
        #expect(try near.acknowledged(1) == [2, 3])
    }
}
