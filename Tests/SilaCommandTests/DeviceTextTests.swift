import Foundation
import StaffProtocol
import Testing

@testable import sila

/// Keys of devices as staff read, say and scan them.
@Suite struct DeviceTextTests {
    private static let digits = String(repeating: "0123456789abcdef", count: 4)

    private static func device(
        _ standing: ContactDevice.Standing, claimed: String? = nil, awaits: Bool = false, isActive: Bool = true,
        staleSince: Int64 = 0, fingerprint: String = digits
    ) -> ContactDevice {
        ContactDevice(
            device: 77, fingerprint: fingerprint, claimed: claimed, standing: standing, isActive: isActive,
            awaits: awaits, firstSeen: 1_790_000_000_000, firstHeard: 1_790_000_000_000,
            lastHeard: 1_790_000_000_000, staleSince: staleSince)
    }

    private static func text(_ devices: [ContactDevice], held: Int = 0, forms: FingerprintForms = .init()) -> String {
        DeviceText(
            conversation: ShortID(.conversation, 12), devices: ContactDevices(devices: devices, held: held),
            forms: forms, now: 1_790_100_000_000, display: Display(columns: 200)
        ).lines().map(\.text).joined(separator: "\n").replacing("\n  sila", with: " sila")
            .replacing("\n  confirm", with: " confirm")
    }

    @Test func theDigitsStandAsClientsShowThem() {
        #expect(
            Fingerprint.groups(Self.digits)
                == "01234567 89abcdef 01234567 89abcdef 01234567 89abcdef 01234567 89abcdef")
        #expect(Self.text([Self.device(.first)]).contains("    " + Fingerprint.groups(Self.digits)))
    }

    @Test func theWordsAreTheSameBytes() throws {
        let words = try #require(Fingerprint.words(Self.digits))
        #expect(words.count == 16 && words[0] == words[4] && words[0] != words[1])
        #expect(Fingerprint.words("7f00" + String(repeating: "0", count: 60))?.first == "lusab")
        for wrong in ["", "00", String(repeating: "g", count: 64), Self.digits + "0"] {
            #expect(Fingerprint.words(wrong) == nil)
        }
        let shown = Self.text([Self.device(.first)], forms: FingerprintForms(words: true))
        for row in [words[0..<4], words[12...]] { #expect(shown.contains(row.joined(separator: " "))) }
    }

    @Test func whatEachDeviceIs() {
        let shown = Self.text(
            [
                Self.device(.first), Self.device(.unconfirmed, awaits: true), Self.device(.confirmed),
                Self.device(.refused), Self.device(.first, claimed: String(repeating: "f", count: 64), awaits: true),
                Self.device(.first, isActive: false), Self.device(.first, staleSince: 1),
                Self.device(.unconfirmed, awaits: true, fingerprint: ""),
            ], held: 2)
        for words in [
            "1 · from the beginning, not compared", "2 · NEW: nobody has decided", "3 · confirmed",
            "4 · REFUSED: nothing goes to it", "5 · ANOTHER KEY: nobody has decided", "not in use any more",
            "LEFT BEHIND", "Its key is not known yet.", "2 replies wait", "c12 NUMBER, or refuse",
            Fingerprint.groups(String(repeating: "f", count: 64)), "Before, it had:",
        ] {
            #expect(shown.contains(words), "\(words)")
        }
        #expect(Self.text([]).contains("no device of this contact is known"))
    }

    /// What a phone's camera sees is read back from the lines: light where a block is drawn.
    @Test func theQRCodeIsWholeAndHasItsQuietZone() throws {
        let identity = BridgeIdentity(address: "bridge@example.org", device: 7, fingerprint: Self.digits)
        let payload = Fingerprint.address(identity)
        #expect(payload == "xmpp:bridge@example.org?omemo-sid-7=\(Self.digits)")
        let code = try #require(QRCode(payload))
        #expect((code.width - 17) % 4 == 0)
        var light: [[Bool]] = []
        for line in code.lines {
            #expect(line.count == code.width + 8)
            light.append(line.map { $0 == "█" || $0 == "▀" })
            light.append(line.map { $0 == "█" || $0 == "▄" })
        }
        for row in 0..<code.width {
            for column in 0..<code.width where light[row + 4][column + 4] == code.isDark(column, row) {
                Issue.record("\(column), \(row)")
            }
        }
        // The three corners, and light all around.
        for (row, column) in [(0, 0), (0, code.width - 7), (code.width - 7, 0)] {
            let ring = (0..<7).flatMap { [(0, $0), (6, $0), ($0, 0), ($0, 6)] }
            #expect(ring.allSatisfy { code.isDark(column + $0.1, row + $0.0) })
            #expect(code.isDark(column + 3, row + 3) && !code.isDark(column + 1, row + 1))
        }
        #expect(light[0..<4].allSatisfy { $0.allSatisfy { $0 } } && light.allSatisfy { $0.prefix(4).allSatisfy { $0 } })
        #expect(QRCode("") == nil && QRCode("é") == nil && QRCode(String(repeating: "x", count: 5_000)) == nil)
    }

    @Test func whatADecisionDid() {
        let before = ContactDevices(devices: [Self.device(.unconfirmed, awaits: true)], held: 2)
        let id = ShortID(.conversation, 12)
        func text(_ confirms: Bool, _ after: ContactDevices) -> String {
            DeviceDecisionWork.lines(id, 1, confirms, before, after, Display(columns: 200)).map(\.text)
                .joined(separator: "\n")
        }
        let done = text(true, ContactDevices(devices: [Self.device(.confirmed)], held: 0))
        #expect(done.contains(Fingerprint.groups(Self.digits)))
        #expect(done.contains("2 replies that waited: on the way now"))
        let open = text(
            false, ContactDevices(devices: [Self.device(.refused), Self.device(.unconfirmed, awaits: true)], held: 2))
        #expect(open.contains("is refused") && open.contains("1 device awaits a decision still"))
    }

    @Test func alarmsAreSaid() {
        for alarm in BridgeWarnings.alarms { #expect(BridgeWarnings.words(alarm) != alarm) }
        let lines = BridgeWarnings.lines(["key-mode-file", "own-device-removed"], Display(columns: 200))
        #expect(lines.first?.text.hasPrefix("ALARM: Somebody added a device") == true)
        #expect(lines.allSatisfy { $0.weight == .alarm })
        #expect(BridgeWarnings.lines(["draft-answers-shown"], Display()).isEmpty)
    }
}
