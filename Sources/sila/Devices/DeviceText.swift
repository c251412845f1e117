import Sealing
import StaffProtocol

/// Keys as people compare them.
enum Fingerprint {
    /// 64 hexadecimal digits in eight groups, as Conversations, Cheogram and others show them.
    static func groups(_ digits: String) -> String {
        let digits = Array(digits)
        return stride(from: 0, to: digits.count, by: 8)
            .map { String(digits[$0..<min($0 + 8, digits.count)]) }.joined(separator: " ")
    }

    /// The same 32 bytes as 16 words that can be said aloud. `nil` for anything but hexadecimal digits.
    static func words(_ digits: String) -> [String]? {
        let digits = Array(digits.utf8)
        guard digits.count == 64 else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let byte = UInt8(String(decoding: digits[index...index + 1], as: UTF8.self), radix: 16) else {
                return nil
            }
            bytes.append(byte)
        }
        return Proquint.words(bytes).split(separator: "-").map(String.init)
    }

    /// What Conversations and others read from a QR code: they compare it with what they hold, and trust the device.
    static func address(_ identity: BridgeIdentity) -> String {
        "xmpp:\(identity.address)?\(parameter(identity))"
    }

    /// The part of such an address that holds the key.
    static func parameter(_ identity: BridgeIdentity) -> String {
        "omemo-sid-\(identity.device)=\(identity.fingerprint)"
    }

    /// A contact's device: staff are told no addresses, so it has none.
    static func device(_ device: ContactDevice) -> String { "omemo-sid-\(device.device)=\(device.compared)" }
}

/// How much of a key is shown.
struct FingerprintForms {
    var words = false
    var code = false

    /// - Parameters:
    ///   - digits: of the key.
    ///   - payload: of its QR code.
    func lines(_ digits: String, payload: String, _ display: Display, indent: Int) -> [Display.Line] {
        let margin = String(repeating: " ", count: indent)
        var lines: [Display.Line] = [Display.Line(margin + Foreign.word(Fingerprint.groups(digits)))]
        if words, let words = Fingerprint.words(digits) {
            for row in stride(from: 0, to: words.count, by: 4) {
                lines.append(Display.Line(margin + words[row..<min(row + 4, words.count)].joined(separator: " ")))
            }
        }
        if code, let code = QRCode(payload) { lines += code.lines.map { Display.Line($0) } }
        return lines
    }
}

/// A contact's devices as lines of a terminal. A device keeps its number.
struct DeviceText {
    let conversation: ShortID
    let devices: ContactDevices
    var forms = FingerprintForms()
    let now: Milliseconds
    let display: Display

    func lines() -> [Display.Line] {
        guard !devices.devices.isEmpty else {
            return display.wrapped("\(conversation): no device of this contact is known.")
        }
        var lines: [Display.Line] = []
        for (index, device) in devices.devices.enumerated() {
            let facts = ["\(index + 1)", Self.words(device.standing, claims: device.claimed != nil)] + facts(device)
            lines += display.wrapped(
                facts.joined(separator: " · "), weight: device.awaits ? .alarm : .strong)
            lines += keys(device)
        }
        if devices.held > 0 {
            lines += display.wrapped(
                "\(Counted.words(devices.held, "reply waits", "replies wait")) until you decide. Compare the digits "
                    + "with the contact by another way, then: sila device confirm \(conversation) NUMBER, or refuse.",
                weight: .alarm)
        } else if devices.devices.contains(where: \.awaits) {
            lines += display.wrapped(
                "Replies of staff will wait. Compare the digits with the contact by another way, then: sila device "
                    + "confirm \(conversation) NUMBER, or refuse.")
        }
        return lines
    }

    private func keys(_ device: ContactDevice) -> [Display.Line] {
        guard !device.compared.isEmpty else {
            return display.wrapped("Its key is not known yet.", weight: .faint, indent: 4)
        }
        var lines = forms.lines(device.compared, payload: Fingerprint.device(device), display, indent: 4)
        if device.claimed != nil {
            lines += display.wrapped(
                "That is the key it claims now. Before, it had:", weight: .alarm, indent: 4)
            lines.append(Display.Line("    " + Foreign.word(Fingerprint.groups(device.fingerprint)), .faint))
        }
        return lines
    }

    private func facts(_ device: ContactDevice) -> [String] {
        var facts = ["first seen \(Moments.clock(device.firstSeen))"]
        facts.append(
            device.lastHeard > 0
                ? "last heard about \(Moments.since(device.lastHeard, now: now)) ago"
                : device.firstHeard > 0 ? "wrote once" : "never wrote")
        if !device.isActive { facts.append("not in use any more") }
        if device.staleSince > 0 { facts.append("LEFT BEHIND: nothing goes to it until it writes") }
        return facts
    }

    /// What is held of it, in words.
    static func words(_ standing: ContactDevice.Standing, claims: Bool) -> String {
        if claims, standing != .refused { return "ANOTHER KEY: nobody has decided" }
        return switch standing {
        case .first: "from the beginning, not compared"
        case .unconfirmed: "NEW: nobody has decided"
        case .confirmed: "confirmed"
        case .refused: "REFUSED: nothing goes to it"
        }
    }
}

/// The devices as `--json` prints them.
struct DevicesReport: Encodable {
    struct Device: Encodable {
        let number: Int
        let device: UInt32
        let standing: String
        let fingerprint: String
        let claimed: String
        let words: String
        let awaitsDecision: Bool
        let isActive: Bool
        let firstSeen: String
        let firstHeard: String
        let lastHeard: String
        let leftBehindSince: String
    }

    let version = 1
    let conversation: String
    let held: Int
    let devices: [Device]

    init(_ conversation: ShortID, _ devices: ContactDevices) {
        self.conversation = conversation.description
        held = devices.held
        self.devices = devices.devices.enumerated().map { index, device in
            Device(
                number: index + 1, device: device.device, standing: device.standing.rawValue,
                fingerprint: device.fingerprint, claimed: device.claimed ?? "",
                words: Fingerprint.words(device.compared)?.joined(separator: "-") ?? "",
                awaitsDecision: device.awaits, isActive: device.isActive, firstSeen: Moments.iso(device.firstSeen),
                firstHeard: Moments.iso(device.firstHeard), lastHeard: Moments.iso(device.lastHeard),
                leftBehindSince: Moments.iso(device.staleSince))
        }
    }
}
