import ArrivalWords
import Bridge
import Foundation
import Messaging
import Sealing
import StaffProtocol
import Store
import Synchronization
import Testing

/// The words of a card on their way in: looked up before anybody answers, and in the same transaction.
@Suite(.timeLimit(.minutes(1)), .scratchFolder) struct ArrivalIntakeTests {
    @Test func theResponderIsToldWhatCameOfTheWordsAndNothingElse() async throws {
        let responder = ArrivalResponder()
        let deployment = try await TestDeployment(responder: responder)
        let noor = Viewer(member: try #require(MemberID(rawValue: "noor")), role: .coordinator)
        let service = StoreStaffService(
            writer: deployment.writer,
            ports: StaffPorts(
                roles: { [:] }, isReleasedText: { _, _ in false },
                suggest: { _ in Suggestions(variety: "", suggestions: []) }, wake: { _ in },
                facts: { BridgeFacts(version: "", startedAt: 0, keyMode: "", channels: [], warnings: []) }))
        let row = Mutex<InboxRow?>(nil)
        try await deployment.running { link in
            await deployment.receive(envelope("salam", 1))
            await link.until { $0.acknowledged.count == 1 }
            _ = try await service.setArrivalWords(
                1, ArrivalWordsRequest(action: .give, code: "words-0-2-10-13-19-36"),
                Call(viewer: noor, endpoint: .setArrivalWords, key: .random(), request: []))
            for (number, text) in [
                "photo: Zon, zee, kussen, lepel, brood, ezel", "zon zee kussen lepel brood stoel",
                "zon zee kussen lepel brood xx",
                "Zon, zee, kussen, lepel, brood, ezel",
                "zon zee kussen lepel brood ezel en meer",
            ].enumerated() {
                await deployment.receive(envelope(text, UInt64(number + 2), from: "new@example.org"))
            }
            await link.until { $0.acknowledged.count == 6 }
            #expect(responder.files.withLock { $0 } == 1, "what has a file beside it is no attempt")
            let found = try await service.conversation(2, before: "", limit: 1, for: noor).row
            row.withLock { $0 = found }
        }
        #expect(responder.seen.withLock { $0 } == [nil, nil, .wrong, .wrong, .right(dialogue: [9]), nil])
        #expect(row.withLock { $0 }?.person?.conversations == [1])
        // Sealed like any other message, and nowhere else.
        let disk = try Data(contentsOf: deployment.folder.appending(path: "sila.sqlite"))
        #expect(disk.range(of: Data("kussen".utf8)) == nil && disk.range(of: Data("0-2-10-13".utf8)) == nil)
    }
}

private final class ArrivalResponder: Responder {
    let seen = Mutex<[ArrivalOutcome?]>([])
    let files = Mutex(0)

    func respond(to input: ResponderInput) -> ResponderOutput {
        seen.withLock { $0.append(input.arrival) }
        if input.attachment != nil { files.withLock { $0 += 1 } }
        return ResponderOutput(state: [9], replies: [], handsOver: true)
    }
}
