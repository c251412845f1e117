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
            SELECT device, identity, trust, is_active, first_seen_at, first_heard_at, was_listed, claimed,
                last_heard_at, stale_since
            FROM device WHERE device = ?
            """, deviceHash(address)
        ) { try device($0, of: address.name) }
        if let found { state.memory.found(found) }
        return found
    }

    public func devices(of jid: String) throws -> [OMEMODevice] {
        if let known = state.memory.devices(of: jid) { return known }
        let found = try state.all(
            """
            SELECT device, identity, trust, is_active, first_seen_at, first_heard_at, was_listed, claimed,
                last_heard_at, stale_since
            FROM device WHERE account = ?
            """, accountHash(jid)
        ) { try device($0, of: jid) }.sorted { $0.address.deviceID < $1.address.deviceID }
        state.memory.found(found, of: jid)
        return found
    }

    private func device(_ row: borrowing Columns, of jid: String) throws -> OMEMODevice {
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
        try state.run(
            """
            INSERT INTO device (device, account, identity, trust, is_active, first_seen_at, first_heard_at,
                was_listed, claimed, last_heard_at, stale_since, changed_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (device) DO UPDATE SET
                identity = excluded.identity, trust = excluded.trust, is_active = excluded.is_active,
                first_seen_at = excluded.first_seen_at, first_heard_at = excluded.first_heard_at,
                was_listed = excluded.was_listed, claimed = excluded.claimed, last_heard_at = excluded.last_heard_at,
                stale_since = excluded.stale_since, changed_at = excluded.changed_at
            """,
            hash, accountHash(device.address.name), identity, device.trust.rawValue, device.isActive,
            device.firstSeen.milliseconds, device.firstHeard?.milliseconds ?? 0, device.wasListed, claimed ?? [],
            device.lastHeard?.milliseconds ?? 0, device.staleSince?.milliseconds ?? 0, now)
        state.memory.saved(device)
    }

    /// After a restore from a backup: active devices that wrote to us and with which there is no session any more,
    /// those heard last first. Their apps still hold one with us that we cannot read.
    ///
    /// Only those heard within a month: nobody is written to whose phone may be somebody else's by now.
    ///
    /// - Parameter limit: so many at most; the others are told when they write.
    public func devicesWithoutSession(limit: Int) throws -> [SignalAddress] {
        guard try db().integer("SELECT 1 FROM restore LIMIT 1") != nil else { return [] }
        return try db().rows(
            """
            SELECT device.device, device.identity, address.lookup, address.routing FROM device
            JOIN address ON address.channel = 'xmpp' AND address.lookup = device.account
            LEFT JOIN session ON session.device = device.device
            WHERE session.device IS NULL AND device.is_active = 1 AND device.trust <> 'compromised'
                AND device.stale_since = 0 AND device.first_heard_at > 0 AND length(device.claimed) = 0
                AND device.last_heard_at > ?
            ORDER BY device.last_heard_at DESC LIMIT ?
            """, [now - 30 * 86_400_000, Int64(limit)]
        ).compactMap { row in
            let routing = Field(table: "address", row: row.bytes("lookup"), column: "routing")
            // One that was damaged on the disk keeps the others from nothing.
            guard let jid = try? state.open(row.bytes("routing"), in: routing),
                let identity = try? state.open(
                    row.bytes("identity"), in: StoredDevice.field(row.bytes("device"), "identity")),
                identity.count >= 4
            else { return nil }
            return SignalAddress(
                name: String(decoding: jid, as: UTF8.self),
                deviceID: identity.prefix(4).reduce(0) { $0 << 8 | UInt32($1) })
        }
    }

    public func deleteAccount(_ jid: String) throws {
        let account = accountHash(jid).data
        try db().run("DELETE FROM session WHERE device IN (SELECT device FROM device WHERE account = ?)", [account])
        try db().run("DELETE FROM device WHERE account = ?", [account])
        state.memory = TransactionMemory()
    }
}

/// A row of `device`, opened.
struct StoredDevice {
    let device: OMEMODevice

    /// - Parameters:
    ///   - jid: of its account; where only the hash of it is known, anything: the device's id is in the row.
    ///   - open: opens a field under the working key.
    /// The columns in the order in which a row is read: device, identity, trust, is_active, first_seen_at,
    /// first_heard_at, was_listed, claimed, last_heard_at, stale_since.
    init(_ row: borrowing Columns, of jid: String, open: ([UInt8], Field) throws -> [UInt8]) throws {
        let hash = row.bytes(0)
        let identity = try open(row.bytes(1), Self.field(hash, "identity"))
        guard identity.count >= 4 else { throw StoreError.damagedField(table: "device", column: "identity") }
        let key = Array(identity.dropFirst(4))
        let (heard, lastHeard, staleSince) = (row.integer(5), row.integer(8), row.integer(9))
        var device = OMEMODevice(
            address: SignalAddress(name: jid, deviceID: identity.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }),
            identityKey: key.isEmpty ? nil : try ECPublicKey(serialized: key),
            isActive: row.integer(3) != 0, firstSeen: Date(milliseconds: row.integer(4)),
            firstHeard: heard == 0 ? nil : Date(milliseconds: heard),
            // An unknown word, from a newer version, is treated as the strictest one.
            trust: DeviceTrust(rawValue: row.text(2)) ?? .compromised)
        device.wasListed = row.integer(6) != 0
        let claimed = row.bytes(7)
        if !claimed.isEmpty {
            device.claimedKey = try ECPublicKey(serialized: open(claimed, Self.field(hash, "claimed")))
        }
        device.lastHeard = lastHeard == 0 ? nil : Date(milliseconds: lastHeard)
        device.staleSince = staleSince == 0 ? nil : Date(milliseconds: staleSince)
        self.device = device
    }

    static func field(_ device: [UInt8], _ column: String) -> Field {
        Field(table: "device", row: device, column: column)
    }
}
