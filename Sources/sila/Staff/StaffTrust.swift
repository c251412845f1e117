import ArgumentParser
import Sealing
import StaffProtocol

/// `sila staff trust`
struct StaffTrust: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trust",
        abstract: "Say what an intern may do alone, and in which languages they check others.",
        discussion: """
            Without this, a reply that an intern wrote or changed waits for a second person who reads the \
            language. --replies-alone lifts that for one intern. --experienced-in makes an intern the second \
            person for others, in that language.

            Languages: ar (standard Arabic), ary (Darija), ary-Latn (Darija in Latin letters), fr, nl, en.

            \(Staff.statuses)
            """)

    static let varieties = ["ar", "ary", "ary-Latn", "en", "fr", "nl"]

    @Argument(help: "The member's short name.")
    var name: MemberID

    @Flag(inversion: .prefixedNo, help: "Whether replies they wrote go out without a second person.")
    var repliesAlone: Bool?

    @Option(help: ArgumentHelp("A language in which they may check others. Can be given again.", valueName: "language"))
    var experiencedIn: [String] = []

    @Option(help: ArgumentHelp("A language in which they may not, any more.", valueName: "language"))
    var notExperiencedIn: [String] = []

    @OptionGroup var bridge: BridgeOptions

    func validate() throws {
        for variety in experiencedIn + notExperiencedIn where !Self.varieties.contains(variety) {
            throw ValidationError("'\(variety)' is none of \(Self.varieties.joined(separator: ", ")).")
        }
        if repliesAlone == nil, experiencedIn.isEmpty, notExperiencedIn.isEmpty {
            throw ValidationError("Say what to change: --replies-alone, --no-replies-alone, --experienced-in ….")
        }
    }

    struct Report: Encodable {
        let version = 1
        let member: String
        let repliesAlone: Bool
        let experiencedIn: [String]

        var text: String {
            "'\(member)': replies \(repliesAlone ? "go out alone" : "wait for a second person"); checks others in "
                + "\(experiencedIn.isEmpty ? "no language" : experiencedIn.joined(separator: ", ")).\n"
        }
    }

    func run() async throws {
        try await CommandFailure.reporting {
            let machine = try StaffMachine(bridge)
            let report = try await StaffConnector.desk(
                machine, login: .held(passphraseFile: bridge.passphraseFile)
            ) { try await perform($0.office) }
            try Output.standardOutput(bridge.json ? Output.json(report) : report.text)
        }
    }

    func perform(_ office: any StaffOffice) async throws -> Report {
        guard let present = try await office.staff().first(where: { $0.member == name.rawValue }) else {
            throw CommandFailure(.data, "There is no member '\(name)'.")
        }
        var settings = present.settings
        if let repliesAlone { settings.repliesAlone = repliesAlone }
        settings.experiencedIn = Set(settings.experiencedIn).union(experiencedIn).subtracting(notExperiencedIn).sorted()
        let now = try await office.setSettings(settings, of: name)
        return Report(
            member: name.rawValue, repliesAlone: now.repliesAlone,
            experiencedIn: now.experiencedIn.filter(Self.varieties.contains))
    }
}
