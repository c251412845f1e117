import Foundation
import GRDB
import Messaging
import OMEMO
import Sealing
import SignalProtocol

/// What is known of contacts' devices.
extension SQLiteOMEMOStore {
    public func device(_ address: SignalAddress) throws -> OMEMODevice? {
        if let known = state.memory.device(address) { return known }
        let found = try state.first(
            """
            SELECT device, identity, trust, is_active, first_seen_at, first_heard_at FROM device WHERE device = ?
            """, deviceHash(address)
        ) { try device($0, of: address.name) }
        if let found { state.memory.found(found) }
        return found
    }

    public func devices(of jid: String) throws -> [OMEMODevice] {
        if let known = state.memory.devices(of: jid) { return known }
        let found = try state.all(
            """
            SELECT device, identity, trust, is_active, first_seen_at, first_heard_at FROM device WHERE account = ?
            """, accountHash(jid)
        ) { try device($0, of: jid) }.sorted { $0.address.deviceID < $1.address.deviceID }
        state.memory.found(found, of: jid)
        return found
    }

    private func device(_ row: borrowing Columns, of jid: String) throws -> OMEMODevice {
        let identity = try state.open(row.bytes(1), in: Self.identityField(row.bytes(0)))
        guard identity.count >= 4 else { throw StoreError.damagedField(table: "device", column: "identity") }
        let key = Array(identity.dropFirst(4))
        let heard = row.integer(5)
        return OMEMODevice(
            address: SignalAddress(name: jid, deviceID: identity.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }),
            identityKey: key.isEmpty ? nil : try ECPublicKey(serialized: key),
            isActive: row.integer(3) != 0, firstSeen: Date(milliseconds: row.integer(4)),
            firstHeard: heard == 0 ? nil : Date(milliseconds: heard),
            // An unknown word, from a newer version, is treated as the strictest one.
            trust: DeviceTrust(rawValue: row.text(2)) ?? .compromised)
    }

    public func saveDevice(_ device: OMEMODevice) throws {
        let hash = deviceHash(device.address)
        let id = withUnsafeBytes(of: device.address.deviceID.bigEndian) { Array($0) }
        let identity = try state.seal(id + (device.identityKey?.serialized ?? []), in: Self.identityField(hash))
        try state.run(
            """
            INSERT INTO device (device, account, identity, trust, is_active, first_seen_at, first_heard_at)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (device) DO UPDATE SET
                identity = excluded.identity, trust = excluded.trust, is_active = excluded.is_active,
                first_seen_at = excluded.first_seen_at, first_heard_at = excluded.first_heard_at
            """,
            hash, accountHash(device.address.name), identity, device.trust.rawValue, device.isActive,
            device.firstSeen.milliseconds, device.firstHeard?.milliseconds ?? 0)
        state.memory.saved(device)
    }

    public func deleteAccount(_ jid: String) throws {
        let account = accountHash(jid).data
        try db().run("DELETE FROM session WHERE device IN (SELECT device FROM device WHERE account = ?)", [account])
        try db().run("DELETE FROM device WHERE account = ?", [account])
        state.memory = TransactionMemory()
    }

    private static func identityField(_ device: [UInt8]) -> Field {
        Field(table: "device", row: device, column: "identity")
    }
}
