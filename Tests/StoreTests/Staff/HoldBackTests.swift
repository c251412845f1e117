import ArrivalWords
import Foundation
import Messaging
import OMEMO
import Sealing
import SignalProtocol
import StaffProtocol
import Store
import Testing

/// A device that came later, or claims another key, holds back what concerns the person.
@Suite(.timeLimit(.minutes(1)), .scratchFolder) struct HoldBackTests {
    @Test func aReplyOfStaffWaitsForTheDecisionAndTheBotsDoesNot() async throws {
        let desk = try await DevicesDesk()
        #expect(try await desk.reply("before") == nil, "the devices of the first contact hold nothing")
        #expect(try await desk.due() == ["before"])
        try await desk.list([1, 2])
        #expect(try await desk.office.row(desk.conversation).newDevices == 1)
        #expect(try await desk.due() == [], "what was written before waits too")

        #expect(try await desk.reply("second") == "new-device")
        try await desk.botSays("for everybody")
        #expect(try await desk.due() == ["for everybody"])
        let row = try await desk.office.row(desk.conversation)
        #expect(row.held == 2 && row.waitsSince > 0, "somebody must look")
        #expect(try await desk.stages() == ["intent new-device", "intent new-device", "intent "])
        #expect(try await desk.office.service.status(for: StaffDesk.viewer("noor")).held == 2)

        let after = try await desk.decide(2, confirmed: true)
        #expect(after.held == 0 && after.devices.map(\.standing) == [.first, .confirmed])
        #expect(try await desk.due() == ["before", "second", "for everybody"], "in the order of writing")
        #expect(try await desk.office.row(desk.conversation).newDevices == nil)
        await desk.office.writer.close()
    }

    @Test func aFileOfStaffWaitsLikeTheirWords() async throws {
        let desk = try await DevicesDesk()
        let service = desk.office.service
        try await desk.list([1, 2])
        let staged = try await service.addAttachment(
            desk.conversation, [UInt8](repeating: 7, count: 40), call("sam", .addAttachment))
        let sent = try await service.sendAttachment(
            staged.id,
            NewAttachment(
                seen: try await desk.office.newest(desk.conversation), kind: "document", name: "letter.pdf",
                key: Data(repeating: 1, count: 32), nonce: Data(repeating: 2, count: 12)),
            call("sam", .sendAttachment))
        #expect(sent.held == "new-device")
        try await desk.botSays("for everybody")
        #expect(try await desk.due() == [], "what was written after a file waits until it is laid down")
        try await desk.office.writer.perform {
            try $0.setUploaded(staged.id, at: "https://files.example.org/x.pdf")
        }
        #expect(try await desk.due() == ["for everybody"])
        let row = try await desk.office.row(desk.conversation)
        #expect(row.held == 1 && row.waitsSince > 0, "somebody must look")
        try await desk.decide(2, confirmed: true)
        let due = try await desk.due()
        #expect(due.count == 2 && due[0].hasPrefix("aesgcm://files.example.org/x.pdf#0202"))
        await desk.office.writer.close()
    }

    @Test func aRefusedDeviceHoldsNothingBackAndGetsNothing() async throws {
        let desk = try await DevicesDesk()
        try await desk.list([1, 2])
        #expect(try await desk.reply("held") == "new-device")
        _ = try await desk.decide(2, confirmed: false)
        #expect(try await desk.due() == ["held"])
        // It writes and stands in the list as before: still refused.
        try await desk.list([2])
        try await desk.list([1, 2])
        #expect(try await desk.reply("not held") == nil)
        let jid = desk.jid
        #expect(try await desk.withEngine { try $0.missingSessions(for: jid) } == [1])
        await desk.office.writer.close()
    }

    @Test func aDeviceThatIsTakenOffTheListLetsGo() async throws {
        let desk = try await DevicesDesk()
        try await desk.list([1, 2])
        #expect(try await desk.reply("held") == "new-device")
        try await desk.list([1])
        #expect(try await desk.due() == ["held"])
        try await desk.list([1, 2])
        #expect(try await desk.due() == [], "it comes back as it was")
        await desk.office.writer.close()
    }

    @Test func anotherKeyHoldsBackAndExactlyThatKeyIsConfirmed() async throws {
        let desk = try await DevicesDesk()
        let second = try ECPublicKey(raw: Array(100..<132))
        let jid = desk.jid
        #expect(try await desk.reply("before") == nil)
        try await desk.withEngine { try $0.noteIdentity(second, of: 1, jid: jid) }
        #expect(try await desk.reply("held") == "new-device")
        let shown = try await desk.devices()
        #expect(shown.devices[0].claimed == hex(100..<132) && shown.devices[0].fingerprint == hex(device: 1))
        #expect(shown.devices[0].awaits)

        // Somebody looked at the old key, or at one that has changed since.
        let code = try await refusal { try await desk.decide(1, confirmed: true, fingerprint: hex(device: 1)) }
        #expect(code == .conflict)
        #expect(try await desk.due() == [])
        let after = try await desk.decide(1, confirmed: true)
        #expect(after.devices[0].fingerprint == hex(100..<132) && after.devices[0].claimed == nil)
        #expect(after.devices[0].standing == .confirmed && !after.devices[0].awaits)
        #expect(try await desk.due() == ["before", "held"])
        await desk.office.writer.close()
    }

    @Test func aKeyNobodyCanHaveComparedIsNotConfirmed() async throws {
        let desk = try await DevicesDesk(keys: false)
        try await desk.list([1, 2])
        #expect(try await refusal { try await desk.decide(2, confirmed: true, fingerprint: "") } == .refused)
        #expect(try await refusal { try await desk.decide(9, confirmed: false, fingerprint: "") } == .notFound)
        #expect(try await refusal { try await desk.decide(2, confirmed: false, fingerprint: "") } == nil)
        await desk.office.writer.close()
    }

    @Test func aDecisionIsMadeOnceWrittenDownAndTold() async throws {
        let desk = try await DevicesDesk()
        try await desk.list([1, 2])
        let before = try await desk.office.service.eventBatch(after: 0, limit: 1000, for: StaffDesk.viewer("noor"))
        #expect(before.events.contains { $0.kind == .conversation && $0.conversation == desk.conversation })
        let change = call("sam", .decideDevice)
        let decision = DeviceDecision(confirmed: true, fingerprint: hex(device: 2))
        let first = try await desk.office.service.decide(decision, about: 2, of: desk.conversation, change)
        try await desk.list([1, 2, 3])
        #expect(try await desk.office.service.decide(decision, about: 2, of: desk.conversation, change) == first)
        let audit = try await desk.office.service.audit(after: 0, limit: 1000, for: StaffDesk.viewer("audit")).lines
        #expect(audit.filter { $0.kind == "device-confirmed" }.map(\.actor) == ["sam"])
        #expect(desk.office.bells.state.withLock { $0.woken.last } == "xmpp")
        let after = try await desk.office.service.eventBatch(
            after: before.reached, limit: 1000, for: StaffDesk.viewer("noor"))
        #expect(after.events.contains { $0.kind == .conversation && $0.conversation == desk.conversation })
        await desk.office.writer.close()
    }

    @Test func whoMayDecide() async throws {
        let desk = try await DevicesDesk()
        try await desk.list([1, 2])
        for (member, code) in [("amal", APIError.Code.forbidden), ("fin", .forbidden), ("audit", .forbidden)] {
            #expect(try await refusal { try await desk.decide(2, confirmed: true, by: member) } == code)
        }
        #expect(
            try await refusal {
                try await desk.office.service.devices(of: desk.conversation, for: StaffDesk.viewer("amal"))
            } == .notFound, "of another's conversation")
        try await desk.office.assign(desk.conversation, to: "amal")
        #expect(
            try await desk.office.service.devices(of: desk.conversation, for: StaffDesk.viewer("amal")).devices.count
                == 2)
        await desk.office.writer.close()
    }

    @Test func theArrivalWordsConfirmADeviceButNotARefusedOne() async throws {
        let desk = try await DevicesDesk()
        try await desk.list([1, 2, 3])
        #expect(try await desk.reply("held") == "new-device")
        _ = try await desk.decide(3, confirmed: false)
        let address = Address(channel: .xmpp, value: desk.jid)
        let code = try #require(ArrivalCode(words: [0, 2, 10, 13, 19, 36]))
        _ = try await desk.office.service.setArrivalWords(
            desk.conversation, ArrivalWordsRequest(action: .give, code: code.canonical), call("sam", .setArrivalWords))
        for device in [UInt32(3), 9, 2] {
            #expect(try await desk.due() == [], "before \(device) has said them")
            let outcome = try await desk.office.writer.perform { transaction in
                let conversation = try transaction.conversation(for: address)
                return try transaction.takeArrival(
                    .code(code), in: conversation, protection: .endToEnd, device: device)
            }
            #expect(outcome == .right(dialogue: []))
        }
        #expect(try await desk.due() == ["held"])
        #expect(try await desk.devices().devices.map(\.standing) == [.first, .confirmed, .refused])
        await desk.office.writer.close()
    }

    @Test func wordsThatOthersCouldReadConfirmNoDevice() async throws {
        let desk = try await DevicesDesk()
        let address = Address(channel: .xmpp, value: desk.jid)
        let code = try #require(ArrivalCode(words: [0, 2, 10, 13, 19, 36]))
        _ = try await desk.office.service.setArrivalWords(
            desk.conversation, ArrivalWordsRequest(action: .give, code: code.canonical), call("sam", .setArrivalWords))
        try await desk.list([1, 2])
        #expect(try await desk.reply("held") == "new-device")
        for protection in [Protection.none, .endToEnd] {
            _ = try await desk.office.writer.perform { transaction in
                let conversation = try transaction.conversation(for: address)
                return try transaction.takeArrival(
                    .code(code), in: conversation, protection: protection, device: 2)
            }
        }
        #expect(try await desk.due() == [], "whoever carries the address may have read them")
        #expect(try await desk.devices().devices.map(\.standing) == [.first, .unconfirmed])
        await desk.office.writer.close()
    }

    @Test func anErasedContactBeginsAnew() async throws {
        let desk = try await DevicesDesk()
        try await desk.list([1, 2])
        let contact = try await desk.office.row(desk.conversation).contact
        _ = try await desk.office.service.erase(
            contact, EraseRequest(confirm: contact), call("noor", .eraseContact))
        let again = try await desk.office.contact("rachid")
        #expect(try await desk.office.row(again).newDevices == nil)
        try await desk.list([2])
        #expect(try await desk.office.row(again).newDevices == nil, "the first contact is the first again")
        await desk.office.writer.close()
    }

    @Test func theBridgeShowsItsOwnKey() async throws {
        let desk = try await DevicesDesk()
        let (device, key) = try await desk.withEngine {
            (try $0.ownDeviceID(), try $0.bundle().identityKey.fingerprint)
        }
        let identity = try await desk.office.service.bridgeIdentity(for: StaffDesk.viewer("audit"))
        #expect(identity.device == device && identity.fingerprint == key.replacing(" ", with: ""))
        await desk.office.writer.close()
    }

    @Test func anAlarmIsShownForTwoWeeks() async throws {
        let desk = try await DevicesDesk()
        try await desk.office.writer.perform { try $0.raise(.ownDeviceRemoved, count: 2) }
        let noor = StaffDesk.viewer("noor")
        #expect(try await desk.office.service.status(for: noor).warnings.contains("own-device-removed"))
        let audit = try await desk.office.service.audit(after: 0, limit: 1000, for: noor).lines
        #expect(audit.contains { $0.kind == "own-device-removed" && $0.amount == 2 })
        desk.office.clock.advance(by: 15 * 86_400)
        #expect(try await !desk.office.service.status(for: noor).warnings.contains("own-device-removed"))
        await desk.office.writer.close()
    }
}

private func hex(_ bytes: Range<UInt8>) -> String { bytes.map { String(format: "%02x", $0) }.joined() }
private func hex(device: UInt8) -> String { hex(device..<device + 32) }

/// One contact whose devices the test lists, over a desk.
private struct DevicesDesk {
    let office: StaffDesk
    let conversation: Int64
    let jid = StaffDesk.address("rachid").value
    private let keys: Bool

    /// - Parameter keys: whether a device's key is known once it is listed.
    init(keys: Bool = true) async throws {
        self.keys = keys
        office = try StaffDesk()
        let clock = office.clock
        try await office.writer.addCodec(for: .xmpp) { try DeviceCodec($0, clock: clock) }
        conversation = try await office.contact("rachid")
        try await list([1])
    }

    func withEngine<R: Sendable>(_ body: @escaping @Sendable (OMEMOEngine) throws -> R) async throws -> R {
        try await office.writer.perform { transaction in
            guard let codec = try transaction.codec(for: .xmpp) as? DeviceCodec else { throw StoreError.closed }
            return try body(codec.engine)
        }
    }

    func list(_ devices: [UInt32]) async throws {
        let (jid, keys) = (jid, keys)
        try await withEngine { engine in
            try engine.update(deviceList: DeviceList(devices), for: jid)
            guard keys else { return }
            for device in devices {
                let known = try engine.devices(for: jid).first { $0.address.deviceID == device }?.identityKey
                guard known == nil, let first = UInt8(exactly: device) else { continue }
                try engine.noteIdentity(ECPublicKey(raw: Array(first..<first + 32)), of: device, jid: jid)
            }
        }
    }

    func devices() async throws -> ContactDevices {
        try await office.service.devices(of: conversation, for: StaffDesk.viewer("noor"))
    }

    @discardableResult
    func decide(
        _ device: UInt32, confirmed: Bool, fingerprint: String? = nil, by member: String = "sam"
    ) async throws -> ContactDevices {
        let shown = try await devices().devices.first { $0.device == device }?.compared ?? ""
        return try await office.service.decide(
            DeviceDecision(confirmed: confirmed, fingerprint: fingerprint ?? shown), about: device, of: conversation,
            call(member, .decideDevice))
    }

    /// Returns why it is held.
    func reply(_ text: String) async throws -> String? {
        let seen = try await office.newest(conversation)
        return try await office.service.reply(conversation, ReplyRequest(text: text, seen: seen), call("sam", .reply))
            .held
    }

    func botSays(_ text: String) async throws {
        try await office.writer.perform { transaction in
            let conversation = try transaction.conversation(for: StaffDesk.address("rachid"))
            try transaction.addIntent(
                MessageRecord(
                    text: text, direction: .outgoing, author: .bot, sentAt: transaction.now,
                    receivedAt: transaction.now, channel: .xmpp, protection: .endToEnd),
                cause: 0, in: conversation)
        }
    }

    func due() async throws -> [String] {
        try await office.writer.perform { try $0.due(on: .xmpp, limit: 10).map(\.draft.text) }
    }

    func stages() async throws -> [String] {
        try await office.service.conversation(conversation, before: "", limit: 50, for: StaffDesk.viewer("noor"))
            .items.compactMap { item in item.stage.map { "\($0) \(item.code ?? "")" } }
    }
}

/// Gives tests the engine that lives on the writer's executor.
private final class DeviceCodec: ChannelCodec {
    let engine: OMEMOEngine

    init(_ store: SQLiteOMEMOStore, clock: TestClock) throws {
        engine = try OMEMOEngine(
            context: SignalContext(), store: store, ownJID: "helpline@example.org", clock: { clock.now })
        try engine.setUp()
    }

    func open(_ envelope: Envelope) throws -> Opened { .silent(reason: "not used here") }
    func readiness(for draft: Draft) throws -> Readiness { .ready }
    func prepare(_ draft: Draft, material: (any PreparationMaterial)?) throws -> Prepared { Prepared(bytes: []) }
}
