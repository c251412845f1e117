import Foundation
import GRDB
import Messaging
import OMEMO
import Sealing
import SignalProtocol

/// What is known of contacts' devices.
extension SQLiteOMEMOStore {
    private static let columns = """
        identity, trust, is_active, first_seen_at, first_heard_at, was_listed, claimed, last_heard_at, stale_since
        """

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
        try StoredDevice(row, of: jid) { try state.open($0, in: $1) }.device
    }

    public func saveDevice(_ device: OMEMODevice) throws {
        let hash = deviceHash(device.address)
        let id = withUnsafeBytes(of: device.address.deviceID.bigEndian) { Array($0) }
        let identity = try state.seal(
            id + (device.identityKey?.serialized ?? []), in: StoredDevice.field(hash, "identity"))
        let claimed = try device.claimedKey.map {
            try state.seal($0.serialized, in: StoredDevice.field(hash, "claimed"))
        }
        try db().run(
            """
            INSERT INTO device (device, account, \(Self.columns), changed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (device) DO UPDATE SET
                identity = excluded.identity, trust = excluded.trust, is_active = excluded.is_active,
                first_seen_at = excluded.first_seen_at, first_heard_at = excluded.first_heard_at,
                was_listed = excluded.was_listed, claimed = excluded.claimed, last_heard_at = excluded.last_heard_at,
                stale_since = excluded.stale_since, changed_at = excluded.changed_at
            """,
            [
                hash.data, accountHash(device.address.name).data, identity.data, device.trust.rawValue, device.isActive,
                device.firstSeen.milliseconds, device.firstHeard?.milliseconds ?? 0, device.wasListed,
                (claimed ?? []).data, device.lastHeard?.milliseconds ?? 0, device.staleSince?.milliseconds ?? 0, now,
            ])
    }

    public func deleteAccount(_ jid: String) throws {
        let account = accountHash(jid).data
        try db().run("DELETE FROM session WHERE device IN (SELECT device FROM device WHERE account = ?)", [account])
        try db().run("DELETE FROM device WHERE account = ?", [account])
    }
}

/// A row of `device`, opened.
struct StoredDevice {
    let device: OMEMODevice

    /// - Parameters:
    ///   - jid: of its account; where only the hash of it is known, anything: the device's id is in the row.
    ///   - open: opens a field under the working key.
    init(_ row: Row, of jid: String, open: ([UInt8], Field) throws -> [UInt8]) throws {
        let hash = row.bytes("device")
        let identity = try open(row.bytes("identity"), Self.field(hash, "identity"))
        guard identity.count >= 4 else { throw StoreError.damagedField(table: "device", column: "identity") }
        let key = Array(identity.dropFirst(4))
        func date(_ column: String) -> Date? {
            let value: Int64 = row[column]
            return value == 0 ? nil : Date(milliseconds: value)
        }
        var device = OMEMODevice(
            address: SignalAddress(name: jid, deviceID: identity.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }),
            identityKey: key.isEmpty ? nil : try ECPublicKey(serialized: key),
            isActive: row["is_active"], firstSeen: Date(milliseconds: row["first_seen_at"]),
            firstHeard: date("first_heard_at"),
            // An unknown word, from a newer version, is treated as the strictest one.
            trust: DeviceTrust(rawValue: row["trust"]) ?? .compromised)
        device.wasListed = row["was_listed"]
        let claimed = row.bytes("claimed")
        if !claimed.isEmpty {
            device.claimedKey = try ECPublicKey(serialized: open(claimed, Self.field(hash, "claimed")))
        }
        device.lastHeard = date("last_heard_at")
        device.staleSince = date("stale_since")
        self.device = device
    }

    static func field(_ device: [UInt8], _ column: String) -> Field {
        Field(table: "device", row: device, column: column)
    }
}
