import Foundation
import HTTPClient
import Sealing
import StaffProtocol

/// Everything that a command or the reader needs to work: the way to the bridge, a connection that
/// logs in by itself, and the use cases on it.
public struct InboxSession: Sendable {
    public let profile: Profile
    public let folder: ProfileFolder
    public let connection: StaffConnection
    public let sealer: StaffSealer
    public let drafts: DraftStore
    private let forward: SSHForward?

    /// Connects: opens the SSH forward if the bridge is on another machine, logs in, verifies the
    /// roster against the pin and gives the archive keys to the key holder.
    ///
    /// - Parameters:
    ///   - mayAsk: whether `ssh` may ask for a passphrase on the terminal.
    ///   - sshConfig: another file than `~/.ssh/config`.
    /// - Throws: `ConnectionError`, `APIError`, `RosterRefusal`, `FileError`.
    public static func open(
        _ profile: Profile, in folder: ProfileFolder, keys: any KeyHolder, mayAsk: Bool = false,
        sshConfig: String? = nil, patience: StaffConnection.Patience = .init()
    ) async throws -> InboxSession {
        let forward: SSHForward?
        let socket: String
        switch profile.place {
        case .socket(let path):
            forward = nil
            socket = path
        case .host(let host, let remote):
            let made = try SSHForward(.init(host: host, remoteSocket: remote, configFile: sshConfig, mayAsk: mayAsk))
            forward = made
            socket = made.socketPath
        }
        let connection = StaffConnection(
            client: HTTPClient(socketPath: socket), keys: keys, trust: RosterTrust(folder),
            way: forward ?? DirectWay(), patience: patience)
        do {
            let roster = try await connection.refreshKeys().verified
            let drafts = try await DraftStore(folder, keys: keys).holdingKey()
            return InboxSession(
                profile: profile, folder: folder, connection: connection, sealer: StaffSealer(roster: roster),
                drafts: drafts, forward: forward)
        } catch {
            await forward?.close()
            throw error
        }
    }

    public var inbox: InboxReading { InboxReading(connection) }
    public var conversations: ConversationReading { ConversationReading(connection) }
    public var replies: ReplyFlow { ReplyFlow(connection, drafts: drafts, sealer: sealer) }
    public var entries: EntryWriting { EntryWriting(connection, sealer: sealer) }
    public var events: EventFollower { EventFollower(connection) }
    public var bulk: BulkFetch { BulkFetch(connection) }
    public var audit: AuditVerification { AuditVerification(connection, folder: folder) }
    public var export: ContactExport { ContactExport(connection) }

    /// After an event `roster`: new keys for reading, and nothing is sealed to old ones.
    public func rosterChanged() async throws {
        await sealer.use(try await connection.refreshKeys().verified)
    }

    /// Logs out, as far as the bridge can be reached, and ends the forward.
    public func close() async {
        try? await connection.logOut()
        connection.client.close()
        await forward?.close()
    }
}
