import Foundation
import Sealing
import StaffProtocol
import Testing

@Suite struct ShortIDTests {
    @Test(arguments: [("c12", ShortID.Kind.conversation, 12), ("M7", .message, 7), ("p1", .proposal, 1)])
    func reads(text: String, kind: ShortID.Kind, number: Int) {
        #expect(ShortID(text) == ShortID(kind, Int64(number)))
    }

    @Test func aBareNumberIsOfTheKindAskedFor() {
        #expect(ShortID("12", assuming: .conversation)?.description == "c12")
        #expect(ShortID("12") == nil)
    }

    @Test(arguments: ["", "c", "c0", "c-1", "c1x", "x1", "c١", "c99999999999999999999"])
    func refuses(text: String) { #expect(ShortID(text) == nil) }

    @Test func everyKindHasALetterOfItsOwn() {
        #expect(Set(ShortID.Kind.allCases.map(\.rawValue)).count == ShortID.Kind.allCases.count)
        for kind in SealedItem.Kind.allCases { #expect(ShortID("\(kind.shortID.rawValue)5")?.kind == kind.shortID) }
    }
}

@Suite struct IdempotencyKeyTests {
    @Test func takesLettersDigitsAndHyphens() {
        #expect(IdempotencyKey(rawValue: "0123-abcD")?.rawValue == "0123-abcD")
        #expect(IdempotencyKey(rawValue: IdempotencyKey.random().rawValue) != nil)
    }

    @Test(arguments: ["short", "with space", "semi;colon", String(repeating: "a", count: 65), "naïve-key"])
    func refuses(text: String) { #expect(IdempotencyKey(rawValue: text) == nil) }
}

@Suite struct AuditChainTests {
    private func lines() -> [AuditLine] {
        var last: [UInt8] = []
        return [("message-in", 1, "", 0), ("archive-read", 0, "coordinator", 200), ("reply", 2, "nadia", 0)]
            .enumerated().map { index, line in
                last = AuditChain.next(
                    after: last, at: 1000, kind: line.0, subject: Int64(line.1), actor: line.2, amount: Int64(line.3))
                return AuditLine(
                    id: Int64(index + 1), at: 1000, kind: line.0, subject: Int64(line.1), actor: line.2,
                    amount: Int64(line.3), chain: Data(last))
            }
    }

    @Test func holds() { #expect(AuditChain.firstBroken(in: lines()) == nil) }

    @Test func aLineTakenOutShows() {
        var lines = lines()
        lines.remove(at: 1)
        #expect(AuditChain.firstBroken(in: lines)?.id == 3)
    }

    @Test func everyFieldIsBound() {
        let changes: [(inout AuditLine) -> Void] = [
            { $0.at += 1 }, { $0.kind = "message-out" }, { $0.subject += 1 }, { $0.actor = "ilyas" },
            { $0.amount += 1 },
        ]
        for change in changes {
            var lines = lines()
            change(&lines[1])
            #expect(AuditChain.firstBroken(in: lines)?.id == 2)
        }
    }

    /// The form of the first version, which knew neither actor nor amount, stays as it was.
    @Test func firstFormIsKept() {
        let chain = AuditChain.next(after: [], at: 1, kind: "set-aside", subject: 2)
        let hex = chain.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        #expect(hex == "58b02815c10704272f793a53498a0342e71a8eee4c65cbce44fb8767f99bba43")
    }
}

@Suite struct EndpointTests {
    @Test func noTwoShareMethodAndPath() {
        let names = Endpoint.allCases.map { $0.method.rawValue + " " + $0.path }
        #expect(Set(names).count == names.count)
    }

    @Test func auditorsAndFinanceReadNoConversation() {
        for role in [Role.auditor, .finance] {
            for endpoint in [Endpoint.listInbox, .getConversation, .streamArchive, .reply, .suggest] {
                #expect(role.access(to: endpoint) == .none)
            }
            #expect(!role.readableCompartments.contains(.conversation))
        }
    }

    @Test func onlyCoordinatorsChangeStaffAndErase() {
        for endpoint in [Endpoint.changeStaff, .eraseContact, .setMemberSettings] {
            #expect(Role.allCases.filter { $0.access(to: endpoint) != .none } == [.coordinator])
        }
    }

    @Test func whatChangesSomethingCarriesAKey() {
        for endpoint in Endpoint.allCases where endpoint.method == .put { #expect(endpoint.needsIdempotencyKey) }
    }
}
