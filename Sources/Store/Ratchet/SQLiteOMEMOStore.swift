import Foundation
import GRDB
import Messaging
import OMEMO
import Sealing
import SignalProtocol

/// OMEMO's keys, sessions and devices in the current transaction of the writer. Everything secret
/// is sealed under the working key, addresses stand as keyed hashes. Nothing is kept over a rollback or the end of
/// a transaction: what a rollback undoes is undone here too.
public final class SQLiteOMEMOStore: OMEMOStore {
    let state: WriterState
    private let channel = ChannelID.xmpp

    init(state: WriterState) { self.state = state }

    func db() throws -> Database { try state.connection() }

    /// Runs `body` so that, when it throws, only what it stored is undone.
    public func savepoint(_ body: () throws -> Void) throws { try Transaction(state: state).savepoint(body) }

    var now: Int64 { state.clock().milliseconds }

    func accountHash(_ jid: String) -> [UInt8] { state.lookup(Address(channel: channel, value: jid)) }

    /// What identifies a device's rows. Device ids are public: in the clear they would lead whoever
    /// has the file back to the addresses.
    func deviceHash(_ address: SignalAddress) -> [UInt8] {
        if let known = state.memory.deviceHashes[address] { return known }
        let id = withUnsafeBytes(of: address.deviceID.bigEndian) { Array($0) }
        let hash = state.workingKey.lookup(id + Array(address.name.utf8), purpose: "device:" + channel.rawValue)
        state.memory.deviceHashes[address] = hash
        return hash
    }
}

/// Sessions.
extension SQLiteOMEMOStore {
    public func loadSession(_ address: SignalAddress) throws -> [UInt8]? {
        if let known = state.memory.session(address) { return known }
        let device = deviceHash(address)
        let record = try state.first("SELECT record FROM session WHERE device = ?", device) {
            try state.open($0.bytes(0), in: Field(table: "session", row: device, column: "record"))
        }
        if let record { state.memory.keep(session: record, of: address) }
        return record
    }

    /// Who asks wants to use it next.
    public func hasSession(_ address: SignalAddress) throws -> Bool { try loadSession(address) != nil }

    public func storeSession(_ record: [UInt8], for address: SignalAddress) throws {
        let device = deviceHash(address)
        let sealed = try state.seal(record, in: Field(table: "session", row: device, column: "record"))
        try state.run(
            """
            INSERT INTO session (device, record) VALUES (?, ?)
            ON CONFLICT (device) DO UPDATE SET record = excluded.record
            """, device, sealed)
        state.memory.keep(session: record, of: address)
    }

    public func deleteSession(_ address: SignalAddress) throws {
        try state.run("DELETE FROM session WHERE device = ?", deviceHash(address))
        state.memory.dropSession(address)
    }
}

/// Our own device and its prekeys.
extension SQLiteOMEMOStore {
    public func ownDevice() throws -> OwnDevice? {
        if let known = state.memory.ownDevice { return known }
        guard let row = try db().row("SELECT device_id, key_pair FROM ratchet_identity WHERE id = 1") else {
            return nil
        }
        let bytes = try state.open(row.bytes("key_pair"), in: Self.identityField)
        let split = ECPublicKey.serializedCount
        let device = OwnDevice(
            id: row["device_id"],
            identity: ECKeyPair(
                publicKey: try ECPublicKey(serialized: Array(bytes.prefix(split))),
                privateKey: try ECPrivateKey(bytes: Array(bytes.dropFirst(split)))))
        state.memory.ownDevice = device
        return device
    }

    public func saveOwnDevice(_ device: OwnDevice) throws {
        let pair = device.identity.publicKey.serialized + device.identity.privateKey.bytes
        try db().run(
            "INSERT INTO ratchet_identity (id, device_id, key_pair, next_prekey_id) VALUES (1, ?, ?, 1)",
            [device.id, try state.seal(pair, in: Self.identityField).data])
    }

    private static let identityField = Field(table: "ratchet_identity", row: 1, column: "key_pair")

    public func takePreKeyIDs(_ count: UInt32) throws -> ClosedRange<UInt32> {
        guard count > 0, let next = try db().integer("SELECT next_prekey_id FROM ratchet_identity WHERE id = 1"),
            let first = UInt32(exactly: next), first <= UInt32.max - count
        else { throw StoreError.missingRow(table: "ratchet_identity") }
        try db().run("UPDATE ratchet_identity SET next_prekey_id = next_prekey_id + ? WHERE id = 1", [count])
        return first...(first + count - 1)
    }

    public func loadPreKey(_ id: UInt32) throws -> [UInt8]? {
        try db().row("SELECT record FROM prekey WHERE id = ?", [id]).map {
            try state.open($0.bytes("record"), in: Field(table: "prekey", row: Int64(id), column: "record"))
        }
    }

    public func storePreKey(_ record: [UInt8], id: UInt32) throws {
        let sealed = try state.seal(record, in: Field(table: "prekey", row: Int64(id), column: "record"))
        try db().run("INSERT INTO prekey (id, record) VALUES (?, ?)", [id, sealed.data])
    }

    public func preKeyWasUsed(_ id: UInt32) throws {
        try db().run("UPDATE prekey SET used_at = ? WHERE id = ? AND used_at = 0", [now, id])
    }

    public func unusedPreKeys() throws -> [[UInt8]] {
        try db().rows("SELECT id, record FROM prekey WHERE used_at = 0 ORDER BY id").map {
            try state.open($0.bytes("record"), in: Field(table: "prekey", row: $0["id"] as Int64, column: "record"))
        }
    }

    public func unusedPreKeyCount() throws -> Int {
        Int(try db().integer("SELECT count(*) FROM prekey WHERE used_at = 0") ?? 0)
    }

    public func deleteUsedPreKeys() throws { try db().run("DELETE FROM prekey WHERE used_at > 0") }

    public func loadSignedPreKey(_ id: UInt32) throws -> [UInt8]? {
        try db().row("SELECT record FROM signed_prekey WHERE id = ?", [id]).map {
            try state.open($0.bytes("record"), in: Field(table: "signed_prekey", row: Int64(id), column: "record"))
        }
    }

    public func storeSignedPreKey(_ record: [UInt8], id: UInt32) throws {
        let sealed = try state.seal(record, in: Field(table: "signed_prekey", row: Int64(id), column: "record"))
        try db().run("INSERT INTO signed_prekey (id, record, created_at) VALUES (?, ?, 0)", [id, sealed.data])
    }

    public func currentSignedPreKey() throws -> CurrentSignedPreKey? {
        try db().row("SELECT id, created_at FROM signed_prekey WHERE created_at > 0 ORDER BY id DESC LIMIT 1").map {
            CurrentSignedPreKey(id: $0["id"], createdAt: Date(milliseconds: $0["created_at"]))
        }
    }

    public func setCurrentSignedPreKey(_ key: CurrentSignedPreKey) throws {
        try db().run(
            "UPDATE signed_prekey SET created_at = ? WHERE id = ?", [key.createdAt.milliseconds, key.id])
    }

    public func deleteSignedPreKeys(before id: UInt32) throws {
        try db().run("DELETE FROM signed_prekey WHERE id < ?", [id])
    }
}
