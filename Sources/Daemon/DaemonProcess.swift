import ArgumentParser
import Bridge
import DeploymentConfiguration
import Foundation
import Logging
import Messaging
import Sealing
import Store
import XMPP
import XMPPChannel

/// Puts the parts together and runs them as one process.
public enum DaemonProcess {
    /// Runs until SIGTERM or SIGINT. Prints what went wrong and exits with its status.
    public static func run(configurationPath: String, composition: Composition) async throws {
        ProcessHardening.apply()
        try await reportingErrors {
            // First: keys and content take a moment to read, and whoever ends us then gets a clean end too.
            let signals = try TerminationSignals()
            let configuration = try SilaConfiguration.load(from: configurationPath)
            let logger = makeLogger(configuration)
            let lock = try DeploymentLock(path: configuration.store.path + ".lock")
            defer { withExtendedLifetime(lock) {} }
            try RestoredDeployment.finish(configuration, logger: logger)
            let parts = try Parts(configuration: configuration, composition: composition, logger: logger)
            let key = try parts.workingKey()
            let staff = try StaffSide(
                configuration: configuration, path: configurationPath, channels: [parts.link.id.rawValue],
                logger: logger,
                openStore: { try parts.openStore(key: $0, roster: $1) })
            if let key { await staff.gate.open(try parts.openStore(key: key, roster: try parts.roster())) }
            do {
                try await serve(parts, staff: staff, composition: composition, signals: signals, logger: logger)
            } catch is CancellationError where signals.wereReceived {
                logger.notice("ended on request")
            } catch {
                await staff.gate.current?.close()
                throw error
            }
            await staff.gate.current?.close()
        }
    }

    /// Reads configuration, keys and content, and starts nothing.
    public static func checkConfiguration(path: String) throws {
        let configuration = try SilaConfiguration.load(from: path)
        let parts = try Parts(
            configuration: configuration, composition: .production, logger: makeLogger(configuration))
        _ = try parts.workingKey()
        _ = try parts.roster()
        // Whoever checks may be another user than the daemon: nothing is left behind.
        _ = try parts.content(keepsModels: false)
    }

    private static func serve(
        _ parts: Parts, staff: StaffSide, composition: Composition, signals: TerminationSignals, logger: Logger
    ) async throws {
        // Each says whether the daemon ends with it.
        try await withThrowingTaskGroup(of: Bool.self) { group in
            defer { group.cancelAll() }
            let (listening, heard) = AsyncStream.makeStream(of: Void.self)
            group.addTask {
                try await staff.server.run { heard.finish() }
                return true
            }
            group.addTask {
                await signals.wait()
                return true
            }
            group.addTask {
                // Whoever sees "ready" can connect as staff too.
                for await _ in listening {}
                try Task.checkCancellation()
                try await work(parts, staff: staff, composition: composition, signals: signals, logger: logger)
                return true
            }
            while let isEnd = try await group.next(), !isEnd {}
        }
        logger.notice("ended on request")
    }

    /// Waits for the store, in key mode `operator` for staff who open it, then bridges until cancelled.
    private static func work(
        _ parts: Parts, staff: StaffSide, composition: Composition, signals: TerminationSignals, logger: Logger
    ) async throws {
        if await staff.gate.current == nil {
            logger.warning("locked: waits for its working key; staff give it with 'sila bridge open'")
            say("locked")
        }
        let writer = try await staff.gate.store()
        try await parts.addCodecs(to: writer)
        let content = try parts.content(keepsModels: true)
        if case .notKept(let reason) = content?.models {
            logger.warning("the bot's models could not be kept, so each start trains them: \(reason)")
        }
        let practice = content.map { content in
            PracticeLink(
                engine: content.practice, writer: writer,
                language: parts.configuration.defaultLanguage == "en" ? .en : .nl)
        }
        let (events, eventSink) = AsyncStream.makeStream(of: BridgeEvent.self)
        let bridge = Bridge(
            writer: writer, links: [parts.link] + (practice.map { [$0] } ?? []),
            responder: try parts.responder(content), hooks: composition.hooks,
            attachments: parts.attachmentWorker(writer), uploads: parts.uploadWorker(writer),
            bounced: { XMPPChannel.bounce(of: $0) }, logger: logger,
            wrapHost: { host, link in
                guard link.id == .xmpp else { return host }
                return composition.wrapHost(NamedServer(host, server: parts.serverName), link, writer)
            },
            report: { event in
                staff.board.note(event)
                guard event.channel == .xmpp else { return }
                announce(event)
                eventSink.yield(event)
            })
        guard !signals.wereReceived else { return }
        let bell = NoticeBell()
        await staff.releaseWork(writer)
        await staff.attach(writer, bridge: bridge, content: content, practice: practice, link: parts.link, bell: bell)
        say("ready")
        try await withThrowingTaskGroup(of: Bool.self) { group in
            defer { group.cancelAll() }
            group.addTask { try await run(bridge, server: parts.serverName) }
            if let content {
                group.addTask {
                    await ContactNotices(
                        writer: writer, words: ContactNotices.words(of: content.engine),
                        wake: { await bridge.wake($0) }, logger: logger
                    ).run(bell)
                    return false
                }
            }
            group.addTask {
                await staff.board.tellStaff(writer, logger: logger)
                return false
            }
            group.addTask {
                defer { eventSink.finish() }
                try await parts.firstConnection.watch(events)
                return false
            }
            try await composition.whenUp(bridge)
            while let isEnd = try await group.next(), !isEnd {}
        }
    }

    /// Works until cancelled. What makes a link give up is told with the server's name.
    private static func run(_ bridge: Bridge, server: String) async throws -> Bool {
        do {
            try await bridge.run()
        } catch let failure as StreamFailure {
            throw DaemonError(ErrorStatus.of(failure), "\(failure) (\(server))")
        }
        return true
    }

    private static func announce(_ event: BridgeEvent) {
        switch event {
        case .online(let channel): say("online \(channel.rawValue)")
        case .offline(let channel): say("offline \(channel.rawValue)")
        }
    }

    /// One line for whoever started us; unbuffered, because it may read from a pipe.
    private static func say(_ line: String) {
        FileHandle.standardOutput.write(Data((line + "\n").utf8))
    }

    private static func makeLogger(_ configuration: SilaConfiguration) -> Logger {
        var logger = Logger(label: "silad") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = Logger.Level(rawValue: configuration.log.level.rawValue) ?? .info
        return logger
    }

    /// Prints an error as one sentence that says what to do, and exits with its status.
    public static func reportingErrors(_ body: () throws -> Void) throws {
        do { try body() } catch { throw report(error) }
    }

    public static func reportingErrors(_ body: () async throws -> Void) async throws {
        do { try await body() } catch { throw report(error) }
    }

    private static func report(_ error: any Error) -> ExitCode {
        let status = (error as? DaemonError)?.status ?? ErrorStatus.of(error)
        FileHandle.standardError.write(Data("silad: \(error)\n".utf8))
        return ExitCode(status.rawValue)
    }
}
