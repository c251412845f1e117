import Foundation
import GRDB
import Messaging
import OMEMO
import Sealing
import SignalProtocol
import StaffProtocol
import Store
import Testing

/// Invitations: for whom, what is written down, and what is not.
@Suite(.timeLimit(.minutes(1)), .scratchFolder) struct InvitationTests {
    /// A desk whose bridge was on line once.
    private static func desk() async throws -> StaffDesk {
        let desk = try StaffDesk()
        try await desk.writer.addCodec(for: .xmpp) { try KeyedCodec($0) }
        return desk
    }

    private static func asked(_ desk: StaffDesk) async throws -> [String] {
        try await desk.service.audit(after: 0, limit: 100, for: StaffDesk.viewer("noor")).lines
            .filter { $0.kind == "invitation-asked" }.map(\.actor)
    }

    @Test func itIsGivenWithTheBridgesKeyAndWhatStandsOnACard() async throws {
        let desk = try await Self.desk()
        let made = try await desk.service.makeInvitation(for: StaffDesk.viewer("sam"))
        #expect(made.uri == Doorman.uri && made.account.isEmpty && made.password.isEmpty)
        #expect(made.expiresAt == 1_800_000_000_000)
        #expect(made.contacts.telephone == "+442079460123")
        let identity = try await desk.service.bridgeIdentity(for: StaffDesk.viewer("sam"))
        #expect(made.bridge == identity && identity.fingerprint.count == 64)
        #expect(try await Self.asked(desk) == ["sam"])
        #expect("\(made)" == "an invitation", "printing it tells nothing")
        await desk.writer.close()
    }

    @Test func anAccountIsGivenWithItsPassword() async throws {
        let desk = try await Self.desk()
        desk.bells.state.withLock {
            $0.invitation = .success(.account(address: "kadebuneva@example.org", password: Doorman.password))
        }
        let made = try await desk.service.makeInvitation(for: StaffDesk.viewer("noor"))
        #expect(made.uri.isEmpty && made.account == "kadebuneva@example.org" && made.password == Doorman.password)
        #expect(made.expiresAt == 0)
        await desk.writer.close()
    }

    @Test(arguments: ["fin", "amal", "audit"]) func othersThanCoordinatorsAndStaffGetNone(member: String) async throws {
        let desk = try await Self.desk()
        let code = try await refusal { try await desk.service.makeInvitation(for: StaffDesk.viewer(member)) }
        #expect(code == .forbidden)
        #expect(desk.bells.state.withLock { $0.invitations } == 0, "the server was not asked")
        #expect(try await Self.asked(desk) == [])
        await desk.writer.close()
    }

    @Test func withoutWhatStandsOnACardTheServerIsNotAsked() async throws {
        let desk = try await Self.desk()
        desk.bells.state.withLock { $0.lacksContacts = APIError(.refused, "invitation.telephone") }
        let code = try await refusal { try await desk.service.makeInvitation(for: StaffDesk.viewer("sam")) }
        #expect(code == .refused)
        #expect(desk.bells.state.withLock { $0.invitations } == 0)
        await desk.writer.close()
    }

    /// Each says what somebody must do, and whether to try again.
    @Test(arguments: [
        (InvitationRefusal.offline, APIError.Code.unavailable, "no connection"),
        (.noAnswer, .unavailable, "did not answer"), (.notOffered, .refused, "switch that on"),
        (.notAllowed, .refused, "must allow that account"), (.contactsOnly, .refused, "lacks the role"),
        (.tooMany, .unavailable, "registration_timeout"), (.refused("not-acceptable"), .refused, "'not-acceptable'"),
    ])
    func eachRefusalIsNamed(refused: InvitationRefusal, code: APIError.Code, words: String) async throws {
        let desk = try await Self.desk()
        desk.bells.state.withLock { $0.invitation = .failure(refused) }
        let error = await #expect(throws: APIError.self) {
            try await desk.service.makeInvitation(for: StaffDesk.viewer("sam"))
        }
        #expect(error?.code == code)
        #expect(error?.message.contains(words) == true)
        #expect(try await Self.asked(desk) == ["sam"], "that it was asked for stands there all the same")
        await desk.writer.close()
    }

    @Test func nothingOfItIsKept() async throws {
        let desk = try await Self.desk()
        for answer in [
            NewInvitation.token(uri: Doorman.uri, expiresAt: nil),
            .account(address: "kadebuneva@example.org", password: Doorman.password),
        ] {
            desk.bells.state.withLock { $0.invitation = .success(answer) }
            _ = try await desk.service.makeInvitation(for: StaffDesk.viewer("sam"))
        }
        await desk.writer.close()
        let answers = try await DatabaseQueue(path: desk.store.path).read {
            try Int.fetchOne($0, sql: "SELECT count(*) FROM idempotency")
        }
        #expect(answers == 0, "not sealed either")
        let folder = URL(fileURLWithPath: desk.store.path).deletingLastPathComponent()
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        let written = try files.filter { try $0.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true }
        #expect(written.contains { $0.pathExtension == "sqlite" })
        for file in written {
            let bytes = try Data(contentsOf: file)
            for secret in ["canary-token", Doorman.password, "kadebuneva"] {
                #expect(bytes.range(of: Data(secret.utf8)) == nil, "\(secret) in \(file.lastPathComponent)")
            }
        }
    }
}

/// A bridge that was on line once has a device.
private final class KeyedCodec: ChannelCodec {
    init(_ store: SQLiteOMEMOStore) throws {
        try OMEMOEngine(context: SignalContext(), store: store, ownJID: "bridge@example.org").setUp()
    }

    func open(_ envelope: Envelope) throws -> Opened { .silent(reason: "not used here") }
    func readiness(for draft: Draft) throws -> Readiness { .ready }
    func prepare(_ draft: Draft, material: (any PreparationMaterial)?) throws -> Prepared { Prepared(bytes: []) }
}
