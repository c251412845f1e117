import Foundation
import StaffProtocol

/// A request that is good for each operation.
struct Specimen: Sendable {
    let endpoint: Endpoint
    let path: String
    let body: [UInt8]?

    init(_ endpoint: Endpoint) throws {
        self.endpoint = endpoint
        path = endpoint.path.replacing("{conversation}", with: "12").replacing("{entry}", with: "7")
            .replacing("{member}", with: "intern").replacing("{contact}", with: "4").replacing("{device}", with: "77")
            .replacing("{attachment}", with: "5")
        let value: (any Encodable)? =
            switch endpoint {
            case .makeChallenge: ChallengeRequest(member: "intern")
            case .logIn:
                LoginRequest(member: "intern", challenge: Data(count: 32), signature: Data(count: 64))
            case .unlock: UnlockRequest(workingKey: Data(MemoryDirectory.workingKey))
            case .reply: ReplyRequest(text: "Salam, chno l-mochkil?", seen: 3)
            case .assign: AssignmentRequest(member: "intern", from: "")
            case .takeOver: TakeoverRequest(taken: true)
            case .setAttention: AttentionRequest(waits: false, seen: 3)
            case .setArrivalWords: ArrivalWordsRequest(action: .give, code: "words-1-2-3-4-5-6")
            case .setPerson: PersonRequest(action: .recognise)
            case .addEntry:
                NewEntry(
                    kind: .note,
                    segment: SealedSegment(
                        token: Data(count: 16), contact: 4, day: 20_000, compartment: .desk, wrapped: Data(count: 97)),
                    token: Data(count: 16), sealed: Data([1, 2, 3]))
            case .closeEntry: CloseEntry(outcome: "done")
            case .setHeard: HeardRequest(heard: true)
            case .sendAttachment:
                NewAttachment(seen: 3, kind: "photo", name: "a.jpg", key: Data(count: 32), nonce: Data(count: 12))
            case .suggest: SuggestionRequest(text: "wach n9der nchki?")
            case .setMemberSettings: MemberSettings(repliesAlone: true, experiencedIn: ["ary"])
            case .changeStaff: StaffChange(after: 4, roster: Data([1]), keyring: Data([2]))
            case .reportOpened: OpenedReport(conversation: 12, items: 3)
            case .eraseContact: EraseRequest(confirm: 4)
            case .addPracticeContact: PracticeRequest()
            case .decideDevice:
                DeviceDecision(confirmed: true, fingerprint: String(repeating: "0a", count: 32))
            case .acknowledgeGaps: AcknowledgeGaps(upTo: 3)
            default: nil
            }
        body =
            endpoint == .addAttachment
            ? [UInt8](repeating: 7, count: 40) : try value.map { Array(try JSONEncoder().encode($0)) }
    }
}
