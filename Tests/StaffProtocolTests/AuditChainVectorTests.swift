import StaffProtocol
import Testing

/// The three forms of a line, held against hashes that were computed elsewhere (Python's hashlib).
@Suite struct AuditChainVectorTests {
    @Test func knownAnswers() {
        let at: Int64 = 1_795_219_200_000
        let first = AuditChain.next(after: [], at: at, kind: "message-in", subject: 1)
        #expect(hex(first) == "48541e9f8bdc63f637df96be7e15c828393728cdc7972f48730046c25d6ee97d")
        let second = AuditChain.next(
            after: first, at: at + 1, kind: "served", subject: -2, actor: "roos", amount: 40)
        #expect(hex(second) == "1feb1b01cbfbb2f3b98200d313b013a9d814daf07769f44045020f93686ea321")
        let third = AuditChain.next(
            after: second, at: at + 2, kind: "assigned", subject: 3, actor: "roos", about: "åsa")
        #expect(hex(third) == "f321f57113c2d4bd98ceeb3532a03406d33f9b13e7524b54e3007dea3685b688")
    }

    private func hex(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
