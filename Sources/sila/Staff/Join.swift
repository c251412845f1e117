import ArgumentParser
import Foundation
import Sealing
import Unsealing

/// `sila join`
struct Join: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "join",
        abstract: "Make your own keys on this machine, and the request that a coordinator needs.",
        discussion: """
            Makes, in the folder of private keys, your key file under a passphrase and profile.json with the \
            place of the bridge. Prints a request, which holds nothing secret, and five words. Bring the \
            request to a coordinator (by mail, on a stick), and compare the five words in person: they see \
            the same when they run 'sila staff add'.

            The passphrase is asked for twice. Nobody can reset it: when it is forgotten, make new keys with \
            --new-keys and bring the new request. The old key file is kept beside the new one.

            The bridge's place: --host NAME (as in your SSH configuration; --remote-socket if the socket there \
            is not the usual one), or --socket PATH when the bridge runs on this machine, which is for a demo.

            EXIT STATUS
              0 done; 64 command line; 65 passphrase not accepted; 66 no terminal or file for the \
            passphrase; 73 there are keys already; 74 reading or writing failed; 77 permissions.
            """)

    @Option(
        help: ArgumentHelp(
            "Your short name: lower-case letters, digits, hyphens. It stays yours.", valueName: "name"))
    var name: MemberID

    @Option(
        help: ArgumentHelp(
            "The folder of private keys. Default: $SILA_KEYS, or ~/.local/share/sila.", valueName: "folder"))
    var keys: String?

    @Option(help: ArgumentHelp("The bridge's host, as SSH knows it.", valueName: "name"))
    var host: String?

    @Option(help: ArgumentHelp("The bridge's socket on that host.", valueName: "path"))
    var remoteSocket: String?

    @Option(help: ArgumentHelp("The bridge's socket on this machine.", valueName: "path"))
    var socket: String?

    @Option(help: ArgumentHelp("A file with the new passphrase.", valueName: "file"))
    var passphraseFile: String?

    @Flag(help: "Replace keys whose passphrase is forgotten.")
    var newKeys = false

    @Flag(help: "Print the result as JSON.")
    var json = false

    func validate() throws {
        guard (host == nil) != (socket == nil) else {
            throw ValidationError("Say where the bridge is: --host NAME, or --socket PATH.")
        }
        if remoteSocket != nil, host == nil { throw ValidationError("--remote-socket belongs to --host.") }
        for path in [socket, remoteSocket].compactMap({ $0 }) where !path.hasPrefix("/") {
            throw ValidationError("'\(path)' must be a whole path, beginning with '/'.")
        }
        if let host, host.isEmpty || host.hasPrefix("-") {
            throw ValidationError("'\(host)' is not the name of a host.")
        }
    }

    func run() throws {
        try CommandFailure.reporting {
            let bridge: StaffProfile.Bridge =
                if let host {
                    .host(host, socket: remoteSocket ?? StaffProfile.systemSocket)
                } else {
                    .socket(socket ?? StaffProfile.systemSocket)
                }
            let folder = try StaffMachine.folder(keys, environment: ProcessInfo.processInfo.environment)
            let maker = JoinMaker(folder: folder, member: name, bridge: bridge, replaces: newKeys)
            try maker.check()
            let passphrase = try PassphrasePrompt.new(file: passphraseFile)
            let request = try maker.make { try StaffKeyFile($0, passphrase: passphrase) }
            let text = String(decoding: try request.encoded(), as: UTF8.self)
            let report = Report(
                member: name.rawValue, fingerprint: request.fingerprint, request: text, keys: folder)
            try Output.standardOutput(json ? Output.json(report) : text)
            if !json { Output.standardError(report.advice(isPrinted: isatty(STDOUT_FILENO) == 1)) }
        }
    }

    struct Report: Encodable {
        let version = 1
        let member: String
        let fingerprint: String
        /// What 'sila staff add' takes.
        let request: String
        let keys: String

        /// Beside the request.
        ///
        /// - Parameter isPrinted: the request stands above on the terminal; else it went to a file.
        func advice(isPrinted: Bool) -> String {
            """

            Bring what \(isPrinted ? "is printed above" : "was written") to a coordinator, from '{' to '}'. It is not secret.
            Your five words, to compare in person:

              \(fingerprint)

            Your keys are in '\(keys)'. Back that folder up; without it, or without the passphrase,
            you need new keys. When you are admitted: sila whoami

            """
        }
    }
}

/// Writes the files of a new member: all of them, or none.
struct JoinMaker {
    let folder: String
    let member: MemberID
    let bridge: StaffProfile.Bridge
    /// Keys that are there already are put aside.
    let replaces: Bool
    /// For the name of what is put aside.
    var now = Date()

    private var keyPath: String { folder + "/\(member).key" }
    private var profilePath: String { folder + "/profile.json" }

    /// Refuses what cannot end well, before a passphrase is asked for.
    func check() throws(CommandFailure) {
        if NewFiles.exists(profilePath) {
            let present = try StaffProfile.load(profilePath)
            guard present.member == member.rawValue else {
                throw CommandFailure(
                    .exists, "'\(folder)' belongs to another member. Name another folder with --keys or SILA_KEYS.")
            }
        }
        guard replaces || !(NewFiles.exists(keyPath) || NewFiles.exists(profilePath)) else {
            throw CommandFailure(
                .exists,
                "There are keys for '\(member)' in '\(folder)' already. If their passphrase is forgotten: "
                    + "sila join --new-keys")
        }
    }

    /// Makes the keys. `seal` puts them under the passphrase.
    func make(_ seal: (StaffKeys) throws -> StaffKeyFile) throws -> MemberRequest {
        try check()
        try NewFiles.folder(folder, mode: 0o700)
        let keys = StaffKeys(id: member)
        let request = try MemberRequest(keys)
        let sealed = try seal(keys).encoded()
        let profile = try StaffProfile(member: member, bridge: bridge).encoded()
        if NewFiles.exists(keyPath) {
            // Kept: the passphrase may come back to mind.
            let aside = keyPath + ".until-\(Int64(now.timeIntervalSince1970))"
            guard link(keyPath, aside) == 0 else {
                throw CommandFailure(
                    .io, "'\(keyPath)' cannot be put aside: \(String(cString: strerror(errno))).")
            }
            try NewFiles.synchronize(folder: folder)
        }
        try ReplacedFile.write(sealed, to: keyPath, mode: 0o600)
        try ReplacedFile.write(profile, to: profilePath, mode: 0o600)
        return request
    }
}
