import Foundation
import Glibc
import Inbox
import Sealing
import StaffProtocol
import Testing
import Unsealing

@testable import StaffAgent

@Suite("The agent at its socket", .timeLimit(.minutes(2)))
struct ServerTests {
    private let deployment: Deployment

    init() throws { deployment = try Deployment() }

    private func code(_ work: () throws -> Void) -> AgentError.Code? {
        do { try work() } catch { return (error as? AgentError)?.code }
        return nil
    }

    @Test func aClientHoldsTheKeysThroughTheAgent() async throws {
        let folder = try TemporaryFolder()
        var archive = try GeneratedArchive(deployment)
        for contact in 1...50 as ClosedRange<Int64> { try archive.add("salam \(contact)", contact: contact) }
        let agent = try await RunningAgent(deployment.session(), at: folder.socket)
        let client = try AgentClient(folder.socket)
        #expect(client.member == deployment.coordinator.id)
        #expect(mode(folder.socket.path) == 0o600)
        #expect(mode(folder.path + "/run") == 0o700)
        let files = try deployment.files
        let used = try await client.ask(.use(roster: Data(files.roster), keyring: Data(files.keyring)))
        #expect(used == .done)
        #expect(try await client.status().compartments == ["casework", "conversation", "desk", "payments"])
        // The same as the keys themselves would give.
        let own = UnlockedKeys(deployment.coordinator)
        let signature = try await client.signLogin(deployment: Array(repeating: 9, count: 16), challenge: [1, 2])
        #expect(try await own.signLogin(deployment: Array(repeating: 9, count: 16), challenge: [1, 2]) == signature)
        #expect(try await client.localKey(.drafts) == deployment.coordinator.localKey(.drafts))
        var broken = archive.segments[0]
        broken.token = Data(repeating: 0, count: 16)
        let opened = try await client.open(archive.segments + [broken])
        #expect(Set(opened.keys) == Set(archive.segments.map(\.token)))
        for item in archive.items {
            let segment = try #require(opened[archive.segments[Int(item.segment)].token])
            let text = try segment.openMessage(Array(item.item.sealed), record: item.item.record).text
            #expect(text == "salam \(item.item.conversation - 500)")
        }
        try await client.add((1...50).map { archive.sealedItem($0) }, segments: archive.segments)
        #expect(try await client.search("salam", limit: 5).total == 50)
        try await client.remove(conversations: [501])
        #expect(try await client.search("salam", limit: 5).total == 49)
        try await agent.stop()
    }

    @Test func lockTakesEverythingAwayAndOneCanUnlockAnew() async throws {
        let folder = try TemporaryFolder()
        let agent = try await RunningAgent(deployment.session(), at: folder.socket)
        let client = try AgentClient(folder.socket)
        try await client.lock()
        // Gone before the answer came.
        #expect(mode(folder.socket.path) == nil)
        #expect(code { _ = try AgentClient(folder.socket) } == .notUnlocked)
        #expect(try await agent.ended() == .locked)
        #expect(agent.session.archiveKeys.isEmpty)
        await #expect(throws: AgentError.self) { try await client.status() }
        let next = try await RunningAgent(deployment.session(deployment.intern), at: folder.socket)
        #expect(try AgentClient(folder.socket).member == deployment.intern.id)
        try await next.stop()
    }

    @Test func itEndsWhenItsSocketIsTakenAwayAsAtLogOut() async throws {
        let folder = try TemporaryFolder()
        let agent = try await RunningAgent(deployment.session(), at: folder.socket)
        try FileManager.default.removeItem(atPath: folder.path + "/run")
        agent.server.wake()
        #expect(try await agent.ended() == .signal)
    }

    @Test func aSecondAgentOfTheProfileIsRefusedAndTheFirstGoesOn() async throws {
        let folder = try TemporaryFolder()
        let first = try await RunningAgent(deployment.session(), at: folder.socket)
        await #expect(throws: AgentError.self) {
            try await RunningAgent(deployment.session(deployment.intern), at: folder.socket)
        }
        #expect(try AgentClient(folder.socket).member == deployment.coordinator.id)
        try await first.stop()
    }

    @Test func aSocketThatWasLeftOverIsNoObstacle() async throws {
        let folder = try TemporaryFolder()
        try FileManager.default.createDirectory(
            atPath: folder.path + "/run", withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        #expect(FileManager.default.createFile(atPath: folder.socket.path, contents: nil))
        #expect(FileManager.default.createFile(atPath: folder.socket.path + ".lock", contents: nil))
        let agent = try await RunningAgent(deployment.session(), at: folder.socket)
        #expect(try AgentClient(folder.socket).member == deployment.coordinator.id)
        try await agent.stop()
    }

    @Test func aFolderThatOthersCanReachIsRefused() async throws {
        let folder = try TemporaryFolder()
        try FileManager.default.createDirectory(
            atPath: folder.path + "/run", withIntermediateDirectories: false, attributes: [.posixPermissions: 0o755])
        chmod(folder.path + "/run", 0o755)
        await #expect(throws: AgentError.self) {
            try await RunningAgent(deployment.session(), at: folder.socket)
        }
        #expect(mode(folder.socket.path) == nil)
    }

    @Test func anotherUserIsRefusedBeforeTheirFirstWord() async throws {
        let folder = try TemporaryFolder()
        let agent = try await RunningAgent(deployment.session(), at: folder.socket) { $0 != geteuid() }
        #expect(code { _ = try AgentClient(folder.socket) } == .notUnlocked)
        #expect(agent.session.end == nil)
        try await agent.stop()
    }

    @Test func theUserWhoConnectsIsTheOneWhoIsAskedAbout() async throws {
        let folder = try TemporaryFolder()
        let agent = try await RunningAgent(deployment.session(), at: folder.socket) { $0 == geteuid() }
        #expect(try AgentClient(folder.socket).member == deployment.coordinator.id)
        try await agent.stop()
    }

    @Test func whatCannotBeUnderstoodIsAnsweredAndOthersAreServed() async throws {
        let folder = try TemporaryFolder()
        let agent = try await RunningAgent(deployment.session(), at: folder.socket)
        // An unknown request, then a good one on the same connection.
        let talker = try folder.socket.connect()
        try FrameStream.write(AgentFrame.wrap(Array("{\"version\":1,\"body\":{\"keys\":{}}}".utf8)), to: talker)
        try FrameStream.write(AgentFrame.encode(AgentRequest.status), to: talker)
        guard case .failed(let error) = try AgentFrame.decode(AgentAnswer.self, from: FrameStream.read(from: talker))
        else {
            Issue.record("answered")
            return
        }
        #expect(error.code == .malformed)
        guard case .status = try AgentFrame.decode(AgentAnswer.self, from: FrameStream.read(from: talker)) else {
            Issue.record("no status")
            return
        }
        // A length over the limit ends the connection, after it was said why.
        try FrameStream.write([0xff, 0xff, 0xff, 0xff], to: talker)
        guard case .failed(let last) = try AgentFrame.decode(AgentAnswer.self, from: FrameStream.read(from: talker))
        else {
            Issue.record("answered")
            return
        }
        #expect(last.code == .tooLarge)
        #expect(code { _ = try FrameStream.read(from: talker) } == .notUnlocked)
        close(talker)
        #expect(try AgentClient(folder.socket).member == deployment.coordinator.id)
        try await agent.stop()
    }

    @Test func arbitraryBytesNeverStopIt() async throws {
        let folder = try TemporaryFolder()
        let agent = try await RunningAgent(deployment.session(), at: folder.socket)
        var random = SplitMix(state: 7)
        let good = try AgentFrame.encode(AgentRequest.search(query: "klacht", limit: 3))
        for round in 0..<300 {
            let descriptor = try folder.socket.connect()
            var bytes = good
            for _ in 0...round % 5 { bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(random.next() & 0xff) }
            // A length that promises more than comes is a client that waits: it goes away.
            try? FrameStream.write(Array(bytes.prefix(Int(random.next() % UInt64(bytes.count + 1)))), to: descriptor)
            close(descriptor)
        }
        #expect(try AgentClient(folder.socket).member == deployment.coordinator.id)
        try await agent.stop()
    }

    @Test func aClientThatSaysNothingHoldsNobodyUp() async throws {
        let folder = try TemporaryFolder()
        let agent = try await RunningAgent(deployment.session(), at: folder.socket)
        let silent = try folder.socket.connect()
        try FrameStream.write([0, 0], to: silent)
        #expect(try AgentClient(folder.socket).member == deployment.coordinator.id)
        close(silent)
        try await agent.stop()
    }

    @Test func tooManyConnectionsAreClosed() async throws {
        let folder = try TemporaryFolder()
        let agent = try await RunningAgent(deployment.session(), at: folder.socket)
        var open: [Int32] = []
        for _ in 0..<AgentServer.connectionLimit {
            let descriptor = try folder.socket.connect()
            // Answered: so the agent has taken it.
            try FrameStream.write(AgentFrame.encode(AgentRequest.status), to: descriptor)
            _ = try FrameStream.read(from: descriptor)
            open.append(descriptor)
        }
        #expect(code { _ = try AgentClient(folder.socket) } == .notUnlocked)
        for descriptor in open { close(descriptor) }
        try await agent.stop()
    }

    @Test(arguments: [AgentEnd.idle, .suspended])
    func itEndsByTheClocks(reason: AgentEnd) async throws {
        let folder = try TemporaryFolder()
        let time = FakeClocks()
        let agent = try await RunningAgent(deployment.session(idle: 60, clocks: time.clocks), at: folder.socket)
        #expect(try AgentClient(folder.socket).member == deployment.coordinator.id)
        if reason == .idle { time.pass(61) } else { time.suspend(61) }
        agent.server.wake()
        #expect(try await agent.ended() == reason)
        #expect(mode(folder.socket.path) == nil)
        #expect(agent.session.archiveKeys.isEmpty)
    }

    @Test func aMemberWhoLeftIsToldAndTheAgentEnds() async throws {
        let folder = try TemporaryFolder()
        let agent = try await RunningAgent(deployment.session(deployment.intern), at: folder.socket)
        let client = try AgentClient(folder.socket)
        var without = deployment
        try without.append(.dismiss(deployment.intern.id))
        let files = try without.files
        await #expect {
            try await client.ask(.use(roster: Data(files.roster), keyring: Data(files.keyring)))
        } throws: { ($0 as? AgentError)?.code == .notMember }
        #expect(try await agent.ended() == .notMember)
    }

    @Test func theSocketLiesInTheRuntimeFolderOrTheProfile() throws {
        let folder = try TemporaryFolder()
        let profile = "/home/noor/.local/share/sila"
        let inRuntime = try AgentSocket.forProfile(profile, environment: ["XDG_RUNTIME_DIR": folder.path])
        #expect(inRuntime.path.hasPrefix(folder.path + "/sila/agent-"))
        #expect(try AgentSocket.forProfile(profile, environment: ["XDG_RUNTIME_DIR": folder.path]) == inRuntime)
        #expect(try AgentSocket.forProfile(profile + "2", environment: ["XDG_RUNTIME_DIR": folder.path]) != inRuntime)
        // A folder that others can read is not one.
        chmod(folder.path, 0o755)
        #expect(
            try AgentSocket.forProfile(profile, environment: ["XDG_RUNTIME_DIR": folder.path]).path == profile
                + "/agent.sock")
        #expect(try AgentSocket.forProfile(profile, environment: [:]).path == profile + "/agent.sock")
        let long = "/home/" + String(repeating: "n", count: 100)
        #expect(code { _ = try AgentSocket.forProfile(long, environment: [:]) } == .system)
    }
}

/// Numbers that are the same in each run.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
