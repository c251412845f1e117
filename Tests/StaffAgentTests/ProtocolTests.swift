import Foundation
import Sealing
import StaffProtocol
import Testing

@testable import StaffAgent

@Suite("Messages and frames of the agent")
struct ProtocolTests {
    static let segment = SealedSegment(
        token: Data(repeating: 1, count: 16), contact: 7, day: 20_000, compartment: .desk,
        wrapped: Data(repeating: 2, count: 97))
    static let item = SealedItem(
        kind: .note, id: 3, position: 9, conversation: 4, segment: segment.token,
        token: Data(repeating: 5, count: 16), storedAt: 1_700_000_000_000, sealed: Data([1, 2, 3]))

    static let requests: [AgentRequest] = [
        .status, .lock, .signLogin(deployment: Data([1]), challenge: Data([2, 3])),
        .use(roster: Data("{}".utf8), keyring: Data()), .open(segments: [segment]), .localKey(purpose: "drafts"),
        .search(query: "شكاية \"de klacht\"", limit: 20), .add(segments: [segment], items: [item]),
        .remove(positions: [1], conversations: [2], contacts: [.max]),
    ]

    static let answers: [AgentAnswer] = [
        .done, .signature(Data(repeating: 4, count: 64)), .localKey(Data(repeating: 6, count: 32)),
        .opened([OpenedSecret(token: segment.token, secret: Data(repeating: 7, count: 32))]),
        .failed(AgentError(.otherDeployment, "no")),
        .found(
            SearchAnswer(
                hits: [
                    SearchHit(
                        position: 9, conversation: 4, contact: 7, kind: .message, id: 3, storedAt: 5,
                        isOutgoing: true, text: "wach n9der nchki", isCut: false)
                ], total: 1, isComplete: false)),
        .status(
            AgentStatus(
                member: "noor", since: 1, forgetsAt: 2, endsAt: 3, compartments: ["desk"],
                index: IndexStatus(state: .filling, items: 1, damaged: 2, damagedPositions: [8]),
                isMemoryLocked: true)),
    ]

    @Test(arguments: requests)
    func aRequestSurvivesTheWay(request: AgentRequest) throws {
        #expect(try roundTrip(request) == request)
    }

    @Test(arguments: answers)
    func anAnswerSurvivesTheWay(answer: AgentAnswer) throws {
        #expect(try roundTrip(answer) == answer)
    }

    private func roundTrip<Body: Codable & Sendable>(_ body: Body) throws -> Body {
        var reader = FrameReader()
        reader.append(try AgentFrame.encode(body))
        let payload = try #require(try reader.next())
        #expect(!reader.isInside)
        return try AgentFrame.decode(Body.self, from: payload)
    }

    @Test func framesThatComeByteByByteAndTogetherAreTheSame() throws {
        let bytes = try Self.requests.flatMap { try AgentFrame.encode($0) }
        var slow = FrameReader()
        var read: [AgentRequest] = []
        for byte in bytes {
            slow.append([byte])
            while let payload = try slow.next() { read.append(try AgentFrame.decode(AgentRequest.self, from: payload)) }
        }
        #expect(read == Self.requests)
        var fast = FrameReader()
        fast.append(bytes)
        var together: [AgentRequest] = []
        while let payload = try fast.next() {
            together.append(try AgentFrame.decode(AgentRequest.self, from: payload))
        }
        #expect(together == Self.requests)
    }

    @Test func aLengthOverTheLimitIsRefusedBeforeItsBytesCome() {
        var reader = FrameReader()
        reader.append([0x02, 0x00, 0x00, 0x01])
        #expect(throws: AgentError.self) { try reader.next() }
        var whole = FrameReader()
        whole.append([0x02, 0x00, 0x00, 0x00])
        #expect(throws: Never.self) { try whole.next() }
    }

    @Test(arguments: [
        ("", AgentError.Code.malformed), ("[]", .malformed), ("{\"version\":1}", .malformed),
        ("{\"version\":1,\"body\":{\"open\":{}}}", .malformed), ("{\"version\":1,\"body\":{\"give\":{}}}", .malformed),
        ("{\"version\":2,\"body\":{\"status\":{}}}", .version), ("{\"version\":\"1\"}", .malformed),
    ])
    func whatIsNotOfTheDocumentedFormIsRefused(text: String, code: AgentError.Code) {
        #expect { try AgentFrame.decode(AgentRequest.self, from: Array(text.utf8)) } throws: { error in
            (error as? AgentError)?.code == code
        }
    }

    @Test func textsAreKeptInBlocksAndOverwritten() {
        var arena = TextArena()
        let long = String(repeating: "ش", count: TextArena.textLimit)
        let places = (0..<100).map { arena.add("text \($0)") } + [arena.add(long)]
        #expect(arena.text(at: places[42].place) == "text 42")
        #expect(!places[42].isCut)
        #expect(places[100].isCut)
        #expect(arena.text(at: places[100].place) == String(repeating: "ش", count: TextArena.textLimit / 2))
        arena.overwrite(places[42].place)
        #expect(arena.text(at: places[42].place) == String(repeating: "\0", count: 7))
        #expect(arena.text(at: places[43].place) == "text 43")
    }
}
