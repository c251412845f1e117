import Foundation
import GRDB
import Messaging
import OMEMO
import Sealing
import SignalProtocol
import StaffProtocol

/// Devices of contacts: shown, confirmed, refused. And our own.
extension StoreStaffService {
    public func devices(of conversation: Int64, for viewer: Viewer) async throws -> ContactDevices {
        let scope = try scope(viewer, .listDevices)
        return try await read { reader in
            try reader.requireVisible(conversation, scope)
            return try reader.devices(of: conversation)
        }
    }

    public func decide(
        _ decision: DeviceDecision, about device: UInt32, of conversation: Int64, _ call: Call
    ) async throws -> ContactDevices {
        let target: @Sendable (StaffReader, Scope) throws -> Int64 = { reader, scope in
            try reader.requireVisible(conversation, scope)
            return conversation
        }
        let devices = try await change(call, .decideDevice, target: conversation, of: target) {
            transaction, reader, _ in
            try transaction.decide(decision, about: device, of: conversation, by: call.viewer.member.rawValue)
            return try reader.devices(of: conversation)
        }
        await ports.wake(.xmpp)
        return devices
    }

    public func bridgeIdentity(for viewer: Viewer) async throws -> BridgeIdentity {
        _ = try scope(viewer, .getBridgeIdentity)
        return try await identity()
    }

    /// The bridge's own device, for whoever may know it. Throws `notFound` before the bridge was ever on line.
    func identity() async throws -> BridgeIdentity {
        let facts = await ports.facts()
        return try await read { reader in
            guard let row = try reader.db.row("SELECT device_id, key_pair FROM ratchet_identity WHERE id = 1") else {
                throw APIError(.notFound, "the bridge has no device of its own yet: it was never on line")
            }
            let field = Field(table: "ratchet_identity", row: 1, column: "key_pair")
            let pair = try reader.key.open(row.bytes("key_pair"), in: field)
            let key = try ECPublicKey(serialized: Array(pair.prefix(ECPublicKey.serializedCount)))
            return BridgeIdentity(address: facts.address, device: row["device_id"], fingerprint: key.digits)
        }
    }
}

extension StaffReader {
    /// In the order in which they were first seen.
    func devices(of conversation: Int64) throws -> ContactDevices {
        var found: [OMEMODevice] = []
        try db.read(
            """
            SELECT device, identity, trust, is_active, first_seen_at, first_heard_at, was_listed, claimed,
                last_heard_at, stale_since
            FROM device JOIN address ON address.lookup = device.account AND address.channel = 'xmpp'
            JOIN conversation ON conversation.address_id = address.id WHERE conversation.id = ?
            """, [.integer(conversation)]
        ) { row in
            found.append(try StoredDevice(row, of: "") { try key.open($0, in: $1) }.device)
            return true
        }
        let devices = found.sorted { ($0.firstSeen, $0.address.deviceID) < ($1.firstSeen, $1.address.deviceID) }
            .map(ContactDevice.init)
        return ContactDevices(devices: devices, held: try row(of: conversation).held ?? 0)
    }
}

extension Transaction {
    fileprivate func decide(
        _ decision: DeviceDecision, about device: UInt32, of conversation: Int64, by member: String
    ) throws {
        guard let address = try address(of: conversation), address.channel == .xmpp else {
            throw APIError(.refused, "the channel of this contact knows no devices: there is nothing to decide")
        }
        let store = SQLiteOMEMOStore(state: state)
        let place = SignalAddress(name: address.value, deviceID: device)
        guard let known = try store.device(place) else { throw Self.noDevice }
        let shown = ContactDevice(known).compared
        guard shown == decision.fingerprint else {
            throw APIError(
                .conflict, "the device has another key now than the one you saw: look again, and compare",
                current: shown)
        }
        guard !decision.confirmed || !shown.isEmpty else {
            throw APIError(
                .refused,
                "the key of this device is not known yet, so nobody can have compared it: wait until it writes, or "
                    + "refuse it")
        }
        _ = try store.decide(decision.confirmed, about: known.claimedKey ?? known.identityKey, of: place)
        // Who is confirmed can be reached: what waits is tried at once.
        try db().run("UPDATE conversation SET outbox_not_before = 0 WHERE id = ?", [conversation])
        try addEvent(.conversation, conversation: conversation)
        try audit(decision.confirmed ? "device-confirmed" : "device-refused", subject: conversation, actor: member)
    }

    /// The arrival words were repeated on this device: it is the contact's, and holds nothing back any more. For the
    /// responder's side of a message that came from it, in that message's transaction.
    ///
    /// - Returns: whether it awaits no decision now. A refused device, and one that claims another key, stay with
    ///   staff.
    @discardableResult
    public func confirmDevice(_ device: UInt32, in conversation: Conversation) throws -> Bool {
        let id = conversation.id.rawValue
        guard let address = try address(of: id), address.channel == .xmpp else { return false }
        let store = SQLiteOMEMOStore(state: state)
        let wasTrusted = try store.device(SignalAddress(name: address.value, deviceID: device))?.trust == .trusted
        guard try store.confirmDevice(device, of: address.value) else { return false }
        if !wasTrusted {
            try addEvent(.conversation, conversation: id)
            try audit("device-confirmed", subject: id)
        }
        return true
    }

    private static let noDevice = APIError(.notFound, "the contact has no such device: see 'sila device list'")

    private func address(of conversation: Int64) throws -> Address? {
        try db().row(
            """
            SELECT address.channel, address.lookup, address.routing FROM address
            JOIN conversation ON conversation.address_id = address.id WHERE conversation.id = ?
            """, [conversation]
        ).map { row in
            let routing = try open(
                row.bytes("routing"), in: Field(table: "address", row: row.bytes("lookup"), column: "routing"))
            return Address(channel: ChannelID(rawValue: row[0]), value: String(decoding: routing, as: UTF8.self))
        }
    }
}

extension ContactDevice {
    init(_ device: OMEMODevice) {
        let standing: Standing =
            switch device.trust {
            case .undecided: .first
            case .unconfirmed: .unconfirmed
            case .trusted: .confirmed
            case .compromised: .refused
            }
        self.init(
            device: device.address.deviceID, fingerprint: device.identityKey?.digits ?? "",
            claimed: device.claimedKey?.digits, standing: standing, isActive: device.isActive,
            awaits: device.awaitsDecision, firstSeen: device.firstSeen.milliseconds,
            firstHeard: device.firstHeard?.milliseconds ?? 0, lastHeard: device.lastHeard?.milliseconds ?? 0,
            staleSince: device.staleSince?.milliseconds ?? 0)
    }
}

extension ECPublicKey {
    /// The fingerprint without its blanks.
    fileprivate var digits: String { fingerprint.replacing(" ", with: "") }
}
