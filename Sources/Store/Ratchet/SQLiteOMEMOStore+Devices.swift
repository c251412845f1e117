import Foundation
import GRDB
import Messaging
import OMEMO
import Sealing
import SignalProtocol

/// What is known of contacts' devices.
extension SQLiteOMEMOStore {
    public func device(_ address: SignalAddress) throws -> OMEMODevice? {
        try db().row(
            """
            SELECT device_id, identity_key, trust, is_active, first_seen_at, first_heard_at
            FROM device WHERE lookup = ? AND device_id = ?
            """, [lookup(address.name).data, address.deviceID]
        ).map { try device($0, of: address.name) }
    }

    public func devices(of jid: String) throws -> [OMEMODevice] {
        try db().rows(
            """
            SELECT device_id, identity_key, trust, is_active, first_seen_at, first_heard_at
            FROM device WHERE lookup = ? ORDER BY device_id
            """, [lookup(jid).data]
        ).map { try device($0, of: jid) }
    }

    private func device(_ row: Row, of jid: String) throws -> OMEMODevice {
        let address = SignalAddress(name: jid, deviceID: row["device_id"])
        let sealed = row.bytes("identity_key")
        let heard: Int64 = row["first_heard_at"]
        return OMEMODevice(
            address: address,
            identityKey: sealed.isEmpty
                ? nil : try ECPublicKey(serialized: state.open(sealed, in: identityField(address))),
            isActive: row["is_active"], firstSeen: Date(milliseconds: row["first_seen_at"]),
            firstHeard: heard == 0 ? nil : Date(milliseconds: heard),
            // An unknown word, from a newer version, is treated as the strictest one.
            trust: DeviceTrust(rawValue: row["trust"]) ?? .compromised)
    }

    public func saveDevice(_ device: OMEMODevice) throws {
        let sealed = try device.identityKey.map { try state.seal($0.serialized, in: identityField(device.address)) }
        try db().run(
            """
            INSERT INTO device (lookup, device_id, identity_key, trust, is_active, first_seen_at, first_heard_at)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (lookup, device_id) DO UPDATE SET
                identity_key = excluded.identity_key, trust = excluded.trust, is_active = excluded.is_active,
                first_seen_at = excluded.first_seen_at, first_heard_at = excluded.first_heard_at
            """,
            [
                lookup(device.address.name).data, device.address.deviceID, (sealed ?? []).data,
                device.trust.rawValue, device.isActive, device.firstSeen.milliseconds,
                device.firstHeard?.milliseconds ?? 0,
            ])
    }

    public func deleteAccount(_ jid: String) throws {
        let lookup = lookup(jid).data
        try db().run("DELETE FROM device WHERE lookup = ?", [lookup])
        try db().run("DELETE FROM session WHERE lookup = ?", [lookup])
    }

    private func identityField(_ address: SignalAddress) -> Field {
        Field(table: "device", row: key(address).row, column: "identity_key")
    }
}
