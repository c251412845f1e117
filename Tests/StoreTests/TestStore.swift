import Crypto
import Foundation
import Messaging
import Sealing
import Store

/// A store in a folder of its own, with keys of its own. Its suite needs `.scratchFolder`.
struct TestStore {
    let path: String
    let key: WorkingKey
    let archive: [ArchivePublicKey]

    init() throws {
        path = try ScratchFolder.path("store").appending(path: "sila.sqlite").path
        key = try WorkingKey(root: SecretBytes(randomCount: WorkingKey.byteCount))
        archive = try Compartment.allCases.map {
            try ArchivePublicKey(
                compartment: $0, generation: 1,
                publicKey: Array(Curve25519.KeyAgreement.PrivateKey().publicKey.rawRepresentation))
        }
    }

    func open(key: WorkingKey? = nil, clock: StoreClock = .system) throws -> Writer {
        try Store.open(path: path, workingKey: key ?? self.key, sealer: ArchiveSealer(keys: archive), clock: clock)
    }

    /// What lies on the disk, database and write-ahead log.
    func bytesOnDisk() throws -> Data {
        try ["", "-wal", "-shm"].reduce(into: Data()) { result, suffix in
            if FileManager.default.fileExists(atPath: path + suffix) {
                result += try Data(contentsOf: URL(fileURLWithPath: path + suffix))
            }
        }
    }
}

func message(_ text: String, protection: Protection = .endToEnd) -> MessageRecord {
    MessageRecord(
        text: text, direction: .incoming, author: .contact, sentAt: Date(), receivedAt: Date(), channel: .xmpp,
        protection: protection)
}

let rachid = Address(channel: .xmpp, value: "rachid.canary@example.org")
