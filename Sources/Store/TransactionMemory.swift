import Messaging
import OMEMO
import SignalProtocol

/// The tables whose rows are numbered before they are written, because the number is bound to what is sealed.
enum NumberedTable: String, CaseIterable {
    case contact, conversation, message, outbox
    case setAside = "set_aside"
}

/// What a transaction has read or written and will need again.
///
/// It ends with its transaction, and is dropped whole whenever a savepoint is rolled back or rows are deleted
/// beside it: so it never holds what the database does not.
struct TransactionMemory {
    /// The hash of the audit log's last line; empty before the first.
    var auditChain: [UInt8]?
    /// The last row number given out.
    var numbers: [NumberedTable: Int64] = [:]
    /// The keyed hashes of addresses, and of devices.
    var addressHashes: [Address: [UInt8]] = [:]
    var deviceHashes: [SignalAddress: [UInt8]] = [:]
    /// The last keyed hash of a message that was looked for.
    var dedup: (source: DedupSource, channel: ChannelID, hash: [UInt8])?
    /// Addresses as they were opened, by their keyed hashes.
    var routings: [[UInt8]: String] = [:]

    var ownDevice: OwnDevice?
    /// Single devices that were read or written.
    private var devices: [SignalAddress: OMEMODevice] = [:]
    /// Accounts of which all devices were read, in the order of their ids.
    private var accounts: [String: [OMEMODevice]] = [:]
    private var sessions: [SignalAddress: [UInt8]] = [:]
    private var sessionBytes = 0
    /// In bytes: a session may have 200 KB, and a transaction many.
    private static let sessionLimit = 1 << 20

    func device(_ address: SignalAddress) -> OMEMODevice? {
        devices[address] ?? accounts[address.name]?.first { $0.address == address }
    }

    func devices(of jid: String) -> [OMEMODevice]? { accounts[jid] }

    /// A single device was read.
    mutating func found(_ device: OMEMODevice) { devices[device.address] = device }

    /// All devices of an account were read.
    mutating func found(_ all: [OMEMODevice], of jid: String) { accounts[jid] = all }

    /// A device was written.
    mutating func saved(_ device: OMEMODevice) {
        devices[device.address] = device
        guard var all = accounts[device.address.name] else { return }
        all.removeAll { $0.address == device.address }
        let place = all.firstIndex { $0.address.deviceID > device.address.deviceID } ?? all.endIndex
        all.insert(device, at: place)
        accounts[device.address.name] = all
    }

    func session(_ address: SignalAddress) -> [UInt8]? { sessions[address] }

    /// A session was read or written.
    mutating func keep(session record: [UInt8], of address: SignalAddress) {
        sessionBytes += record.count - (sessions[address]?.count ?? 0)
        if sessionBytes > Self.sessionLimit {
            sessions.removeAll()
            sessionBytes = record.count
        }
        sessions[address] = record
    }

    /// A session was deleted.
    mutating func dropSession(_ address: SignalAddress) {
        sessionBytes -= sessions.removeValue(forKey: address)?.count ?? 0
    }
}
