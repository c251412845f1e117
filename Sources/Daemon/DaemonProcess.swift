import ArgumentParser
import Bot
import BotContent
import Bridge
import Configuration
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
            let parts = try Parts(configuration: configuration, composition: composition, logger: logger)
            let writer = try parts.openStore()
            do {
                try await serve(parts, writer: writer, composition: composition, signals: signals, logger: logger)
                await writer.close()
            } catch {
                await writer.close()
                throw error
            }
        }
    }

    /// Reads configuration, keys and content, and starts nothing.
    public static func checkConfiguration(path: String) throws {
        let configuration = try SilaConfiguration.load(from: path)
        let parts = try Parts(
            configuration: configuration, composition: .production, logger: makeLogger(configuration))
        _ = try parts.responder()
    }

    private static func serve(
        _ parts: Parts, writer: Writer, composition: Composition, signals: TerminationSignals, logger: Logger
    ) async throws {
        try await parts.addCodecs(to: writer)
        let (events, eventSink) = AsyncStream.makeStream(of: BridgeEvent.self)
        let bridge = Bridge(
            writer: writer, links: parts.links, responder: try parts.responder(), hooks: composition.hooks,
            bounced: { XMPPChannel.bounce(of: $0) }, logger: logger,
            wrapHost: { composition.wrapHost(NamedServer($0, server: parts.serverName), $1, writer) },
            report: {
                announce($0)
                eventSink.yield($0)
            })
        guard !signals.wereReceived else { return logger.notice("ended on request") }
        say("ready")
        // Each says whether the daemon ends with it.
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask { try await run(bridge, server: parts.serverName) }
            group.addTask {
                await signals.wait()
                return true
            }
            group.addTask {
                defer { eventSink.finish() }
                try await parts.firstConnection.watch(events)
                return false
            }
            try await composition.whenUp(bridge)
            defer { group.cancelAll() }
            while let isEnd = try await group.next(), !isEnd {}
        }
        logger.notice("ended on request")
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
