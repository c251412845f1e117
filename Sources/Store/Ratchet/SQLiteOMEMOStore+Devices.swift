import Foundation
import GRDB
import Messaging
import OMEMO
import Sealing
import SignalProtocol

/// What is known of contacts' devices.
extension SQLiteOMEMOStore {
    private static let columns = "identity, trust, is_active, first_seen_at, first_heard_at"

    public func device(_ address: SignalAddress) throws -> OMEMODevice? {
        let hash = deviceHash(address)
        return try db().row("SELECT device, \(Self.columns) FROM device WHERE device = ?", [hash.data]).map {
            try device($0, of: address.name)
        }
    }

    public func devices(of jid: String) throws -> [OMEMODevice] {
        try db().rows("SELECT device, \(Self.columns) FROM device WHERE account = ?", [accountHash(jid).data])
            .map { try device($0, of: jid) }
            .sorted { $0.address.deviceID < $1.address.deviceID }
    }

    private func device(_ row: Row, of jid: String) throws -> OMEMODevice {
        let identity = try state.open(row.bytes("identity"), in: Self.identityField(row.bytes("device")))
        guard identity.count >= 4 else { throw StoreError.damagedField(table: "device", column: "identity") }
        let key = Array(identity.dropFirst(4))
        let heard: Int64 = row["first_heard_at"]
        return OMEMODevice(
            address: SignalAddress(name: jid, deviceID: identity.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }),
            identityKey: key.isEmpty ? nil : try ECPublicKey(serialized: key),
            isActive: row["is_active"], firstSeen: Date(milliseconds: row["first_seen_at"]),
            firstHeard: heard == 0 ? nil : Date(milliseconds: heard),
            // An unknown word, from a newer version, is treated as the strictest one.
            trust: DeviceTrust(rawValue: row["trust"]) ?? .compromised)
    }

    public func saveDevice(_ device: OMEMODevice) throws {
        let hash = deviceHash(device.address)
        let id = withUnsafeBytes(of: device.address.deviceID.bigEndian) { Array($0) }
        let identity = try state.seal(id + (device.identityKey?.serialized ?? []), in: Self.identityField(hash))
        try db().run(
            """
            INSERT INTO device (device, account, \(Self.columns)) VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (device) DO UPDATE SET
                identity = excluded.identity, trust = excluded.trust, is_active = excluded.is_active,
                first_seen_at = excluded.first_seen_at, first_heard_at = excluded.first_heard_at
            """,
            [
                hash.data, accountHash(device.address.name).data, identity.data, device.trust.rawValue, device.isActive,
                device.firstSeen.milliseconds, device.firstHeard?.milliseconds ?? 0,
            ])
    }

    public func deleteAccount(_ jid: String) throws {
        let account = accountHash(jid).data
        try db().run("DELETE FROM session WHERE device IN (SELECT device FROM device WHERE account = ?)", [account])
        try db().run("DELETE FROM device WHERE account = ?", [account])
    }

    private static func identityField(_ device: [UInt8]) -> Field {
        Field(table: "device", row: device, column: "identity")
    }
}
