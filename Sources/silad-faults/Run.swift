import ArgumentParser
import Bridge
import CFaultVFS
import Daemon
import Messaging
@_spi(FaultTests) import Store

extension SiladFaults {
    enum Breakage: String, CaseIterable, ExpressibleByArgument {
        case synchronousOff = "synchronous-off"
        case ackBeforeCommit = "ack-before-commit"
        case sendBeforeCommit = "send-before-commit"
    }

    enum VFS: String, CaseIterable, ExpressibleByArgument {
        /// The operating system's files.
        case unix
        /// Writes that were not synced are lost when the process is killed.
        case fault
    }

    enum Answering: String, CaseIterable, ExpressibleByArgument {
        case bot, echo
    }

    /// `silad-faults run`
    struct Run: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Run the bridge with a fault.")

        @Option(name: .shortAndLong, help: "The deployment's configuration file.") var config = "sila.yaml"
        @Option(help: "Who answers: bot, or echo (every message with its own words).") var responder = Answering.bot
        @Option(help: "Kill this process at POINT, or the n-th time it is reached: POINT:n.") var killAt: String?
        @Option(name: .customLong("break"), help: "Break a promise: see --help.") var breakage: Breakage?
        @Option(help: "unix, or fault (unsynced writes are lost when killed).") var vfs = VFS.unix
        @Option(help: "With --vfs fault: NAME:AFTER:TIMES, for instance disk-full:20:50, once the bridge is up.")
        var fault: String?
        @Option(help: "Write first to this address, as staff would.") var greet: [String] = []
        @Option(help: "What to write to --greet.") var greeting = "Salam, this is the helpline."

        func run() async throws {
            var composition = Composition.production
            let killer = try Killer(killAt)
            composition.hooks = FaultHooks(killer: killer, sendsBeforeCommit: breakage == .sendBeforeCommit)
            if responder == .echo { composition.responder = EchoResponder() }
            if breakage == .synchronousOff { composition.durability = .off }
            if breakage == .ackBeforeCommit {
                composition.wrapHost = { host, link, writer in HastyHost(host: host, link: link, writer: writer) }
            }
            if vfs == .fault {
                guard sila_fault_vfs_register(1) == 0 else { throw FaultError("the fault VFS cannot be registered") }
            }
            let (greet, greeting) = (greet, greeting)
            let diskFault = try fault.map { try DiskFault($0) }
            if diskFault != nil, vfs != .fault { throw FaultError("--fault needs --vfs fault") }
            composition.whenUp = { bridge in
                diskFault?.arm()
                for value in greet {
                    try await bridge.send(greeting, to: Address(channel: .xmpp, value: value))
                }
            }
            try await DaemonProcess.run(configurationPath: config, composition: composition)
        }
    }
}
