import Bridge
import DeploymentConfiguration
import Foundation
import Logging
import Messaging
import Sealing
import StaffAPI
import StaffProtocol
import Store

/// The staff's side of the daemon: who belongs, and the API they come through.
///
/// It stands before the store is open, because in key mode `operator` staff bring the key.
struct StaffSide: Sendable {
    let server: StaffServer
    let keeper: RosterKeeper
    let gate: KeyGate
    let board: ChannelBoard
    private let configuration: SilaConfiguration
    private let configurationPath: String
    private let startedAt: Milliseconds

    /// - Parameters:
    ///   - configurationPath: where the configuration was read.
    ///   - openStore: opens the store with a key and the roster's archive keys. Throws
    ///     `StoreError.wrongWorkingKey` for a key that is not the store's.
    init(
        configuration: SilaConfiguration, path configurationPath: String, channels: [String], logger: Logger,
        openStore: @escaping @Sendable (WorkingKey, VerifiedRoster) throws -> Writer
    ) throws {
        let gate = KeyGate()
        self.gate = gate
        self.configuration = configuration
        self.configurationPath = configurationPath
        board = ChannelBoard(names: channels)
        startedAt = Milliseconds(Date().timeIntervalSince1970 * 1000)
        let rosterPath = configuration.keys.roster
        let pinPath = configuration.keys.rosterPin
        keeper = try RosterKeeper(
            rosterPath: rosterPath, pinPath: pinPath, keyringPath: configuration.keys.archiveKeyring,
            waitsForKey: configuration.keys.mode == .operator,
            hooks: RosterKeeper.Hooks(
                onRoster: { change in try await Self.apply(change, to: gate.current) },
                onKey: { key, viewer in
                    do {
                        // Read anew: the roster may have changed while the bridge was locked.
                        let roster = try VerifiedRoster.load(rosterPath: rosterPath, pinPath: pinPath)
                        let writer = try openStore(key, roster)
                        // A full disk must not keep the bridge shut: it says so itself once it works.
                        try? await writer.perform {
                            try $0.audit("bridge-opened", subject: 0, actor: viewer.member.rawValue)
                        }
                        await gate.open(writer)
                        return true
                    } catch StoreError.wrongWorkingKey {
                        return false
                    }
                }))
        server = StaffServer(
            socketPath: configuration.staff.socket, service: nil, directory: keeper, version: DaemonVersion.text,
            logger: logger)
    }

    /// From now on the store is served.
    func attach(
        _ writer: Writer, bridge: Bridge, content: DeploymentContent?, practice: PracticeLink?, link: any ChannelLink,
        bell: NoticeBell
    ) async {
        let keeper = keeper
        // A disk that refuses now hides one warning at most.
        let begunAt = try? await writer.begunAt()
        let facts = Facts(configuration: configuration, board: board, startedAt: startedAt, begunAt: begunAt)
        let staff = content.map { StaffContent(maker: $0.suggestions) }
        await server.attach(
            StoreStaffService(
                writer: writer,
                ports: StaffPorts(
                    roles: { await keeper.roster().verified.members.mapValues(\.role) },
                    isReleasedText: { staff?.isReleased($0, topic: $1) ?? false },
                    suggest: { staff?.suggest($0) ?? Suggestions(variety: "", suggestions: []) },
                    wake: { await bridge.wake($0) }, facts: { facts.now }, botAnswersAgain: { bell.ring() },
                    practice: practice,
                    invitations: (link as? any InvitingLink).map {
                        Invitations(link: $0, configuration: configuration.invitation)
                    }, backups: Backups(configurationPath: configurationPath))))
    }

    /// Takes what lies with nobody who belongs from them: a daemon that stopped between a change of the roster and its
    /// work leaves such things.
    func releaseWork(_ writer: Writer) async {
        let roles = await keeper.roster().verified.members.mapValues(\.role)
        // What the disk refuses now, the next change of the roster or start does.
        try? await writer.perform { try $0.releaseWork(ofAllBut: roles) }
    }

    /// A new roster is on the disk: what comes is sealed to its keys, work goes to others, staff are told.
    private static func apply(_ change: RosterKeeper.Change, to writer: Writer?) async throws {
        guard let writer else { return }
        await writer.use(ArchiveSealer(roster: change.roster))
        try await writer.perform { transaction in
            if let reassign = change.reassign {
                try transaction.reassignWork(
                    from: reassign.from, to: reassign.to,
                    seesAll: MemberID(rawValue: reassign.to).flatMap { change.roster.members[$0] }?.role
                        .access(to: .getConversation) == .all,
                    actor: change.call.viewer.member.rawValue)
            }
            try transaction.releaseWork(ofAllBut: change.roster.members.mapValues(\.role))
            try transaction.addEvent(.roster)
            try transaction.audit(
                "roster-changed", subject: change.roster.sequence, actor: change.call.viewer.member.rawValue)
        }
    }
}

/// What the daemon says of itself to staff.
private struct Facts: Sendable {
    let configuration: SilaConfiguration
    let board: ChannelBoard
    let startedAt: Milliseconds
    let begunAt: Date?

    var now: BridgeFacts {
        var warnings: [String] = []
        if case .file = configuration.keys.mode { warnings.append("key-mode-file") }
        if configuration.content.showDrafts { warnings.append("draft-answers-shown") }
        let mark = BackupMark(storePath: configuration.store.path)
        if let warning = mark.warning(overdueDays: configuration.backup.overdueDays, begunAt: begunAt) {
            warnings.append(warning)
        }
        return BridgeFacts(
            version: DaemonVersion.text, startedAt: startedAt, keyMode: configuration.keys.mode.name,
            channels: board.all, warnings: warnings, address: configuration.xmpp.jid)
    }
}
