import ArgumentParser
import StaffProtocol

/// `sila device`
struct DeviceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "device",
        abstract: "A contact's devices: see their keys, confirm or refuse one.",
        discussion: """
            The devices with which a contact first came are taken as theirs. One that comes later, or claims \
            another key, may be a new phone, or somebody else with their account. What the bot says to everybody \
            goes to it too; your replies wait until you have decided, and so do those of your colleagues.
            """,
        subcommands: [DeviceListCommand.self, DeviceConfirmCommand.self, DeviceRefuseCommand.self])
}

/// `sila device list`
struct DeviceListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Show a contact's devices and the digits of their keys.",
        discussion: """
            The digits stand as Conversations, Cheogram and others show them; with --words they can be said on \
            the telephone. Compare them by a way on which the contact is surely who they are.

            \(Statuses.working)
            """)

    @Argument(help: "The conversation: c12.")
    var conversation: ConversationArgument

    @Flag(help: "Also as sixteen words, to be read aloud.")
    var words = false

    @Flag(help: "Also as a QR code.")
    var qr = false

    @OptionGroup var shown: DisplayOptions
    @OptionGroup var bridge: BridgeOptions

    func run() async throws {
        try await BridgeSession.run(bridge) { session in
            let devices = try await session.connection.devices(of: conversation.number)
            if bridge.json {
                return try Output.standardOutput(Output.json(DevicesReport(conversation.id, devices)))
            }
            let display = shown.display
            let text = DeviceText(
                conversation: conversation.id, devices: devices, forms: FingerprintForms(words: words, code: qr),
                now: Moments.now, display: display)
            try Output.standardOutput(display.text(text.lines()))
        }
    }
}

/// `sila device confirm`
struct DeviceConfirmCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "confirm",
        abstract: "Say that a device is the contact's.",
        discussion: """
            After you compared its digits ('sila device list'). Replies that waited go out, to the devices that \
            are allowed then. If the device claims another key since you looked, nothing is confirmed (exit \
            status 75) when you give the first digits you saw with --digits.

            \(Statuses.working)
            """)

    @OptionGroup var choice: DeviceChoice
    @OptionGroup var shown: DisplayOptions
    @OptionGroup var bridge: BridgeOptions

    func run() async throws {
        try await DeviceDecisionWork(choice: choice, confirms: true).run(bridge, shown.display)
    }
}

/// `sila device refuse`
struct DeviceRefuseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "refuse",
        abstract: "Say that a device is not the contact's: nothing goes to it any more.",
        discussion: """
            Replies that waited go out to the other devices. What the device writes is still shown. It can be \
            confirmed later.

            \(Statuses.working)
            """)

    @OptionGroup var choice: DeviceChoice
    @OptionGroup var shown: DisplayOptions
    @OptionGroup var bridge: BridgeOptions

    func run() async throws {
        try await DeviceDecisionWork(choice: choice, confirms: false).run(bridge, shown.display)
    }
}

/// Which device of a contact.
struct DeviceChoice: ParsableArguments {
    @Argument(help: "The conversation: c12.")
    var conversation: ConversationArgument

    @Argument(help: "The number of the device in 'sila device list'.")
    var number: Int

    @Option(help: ArgumentHelp("The first digits of the key you compared, 8 or more.", valueName: "digits"))
    var digits: String?

    func validate() throws {
        guard number > 0 else { throw ValidationError("The device is a number of 'sila device list': 1 or more.") }
        if let digits, plain(digits).count < 8 { throw ValidationError("--digits: give at least the first 8.") }
    }

    var typed: String? { digits.map(plain) }

    private func plain(_ text: String) -> String { text.lowercased().filter { !$0.isWhitespace } }
}

/// Decides about one device, and says what leaves.
struct DeviceDecisionWork {
    let choice: DeviceChoice
    let confirms: Bool

    func run(_ bridge: BridgeOptions, _ display: Display) async throws {
        let id = choice.conversation.id
        try await BridgeSession.run(bridge) { session in
            let before = try await session.connection.devices(of: choice.conversation.number)
            guard before.devices.indices.contains(choice.number - 1) else {
                throw CommandFailure(
                    .missing, "\(id) has no device \(choice.number): sila device list \(id)")
            }
            let device = before.devices[choice.number - 1]
            if let typed = choice.typed, !device.compared.hasPrefix(typed) {
                throw CommandFailure(
                    .again,
                    "Device \(choice.number) of \(id) has another key than the one you compared. Nothing was decided. "
                        + "Look again: sila device list \(id)")
            }
            let after = try await session.connection.decide(
                DeviceDecision(confirmed: confirms, fingerprint: device.compared), about: device.device,
                of: choice.conversation.number)
            if bridge.json { return try Output.standardOutput(Output.json(DevicesReport(id, after))) }
            try Output.standardOutput(display.text(Self.lines(id, choice.number, confirms, before, after, display)))
        }
    }

    static func lines(
        _ id: ShortID, _ number: Int, _ confirms: Bool, _ before: ContactDevices, _ after: ContactDevices,
        _ display: Display
    ) -> [Display.Line] {
        var lines = display.wrapped(
            confirms
                ? "Device \(number) of \(id) is confirmed, with this key:"
                : "Device \(number) of \(id) is refused: nothing goes to it any more.")
        if confirms {
            lines.append(Display.Line("    " + Foreign.word(Fingerprint.groups(before.devices[number - 1].compared))))
        }
        let left = after.devices.count(where: \.awaits)
        if before.held > 0, after.held == 0 {
            lines += display.wrapped("\(Counted.words(before.held, "reply", "replies")) that waited: on the way now.")
        } else if left > 0 {
            lines += display.wrapped(
                "\(Counted.words(left, "device awaits", "devices await")) a decision still: sila device list \(id)",
                weight: .alarm)
        }
        return lines
    }
}

/// `sila bridge fingerprint`
struct BridgeFingerprint: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fingerprint",
        abstract: "Show the key of the bridge's own device, for contacts to compare.",
        discussion: """
            As digits, as the contact's app shows them for the helpline. With --qr the contact's app can read \
            it from your screen (Conversations: scan code).

            \(Statuses.working)
            """)

    @Flag(help: "Also as sixteen words, to be read aloud.")
    var words = false

    @Flag(help: "Also as a QR code.")
    var qr = false

    @OptionGroup var shown: DisplayOptions
    @OptionGroup var bridge: BridgeOptions

    private struct Report: Encodable {
        let version = 1
        let address: String
        let device: UInt32
        let fingerprint: String
        let words: String
        let uri: String
    }

    func run() async throws {
        try await BridgeSession.run(bridge) { session in
            let identity = try await session.connection.bridgeIdentity()
            let uri = Fingerprint.address(identity)
            if bridge.json {
                return try Output.standardOutput(
                    Output.json(
                        Report(
                            address: identity.address, device: identity.device, fingerprint: identity.fingerprint,
                            words: Fingerprint.words(identity.fingerprint)?.joined(separator: "-") ?? "", uri: uri)))
            }
            let display = shown.display
            let lines =
                [Display.Line("\(Foreign.word(identity.address)), device \(identity.device)", .strong)]
                + FingerprintForms(words: words, code: qr).lines(
                    identity.fingerprint, payload: uri, display, indent: 2)
            try Output.standardOutput(display.text(lines))
        }
    }
}
