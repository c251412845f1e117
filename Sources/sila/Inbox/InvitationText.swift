import InvitationCard
import StaffProtocol

/// An invitation on a terminal.
struct InvitationText {
    let codes: InvitationCodes
    let display: Display

    init(_ codes: InvitationCodes, _ display: Display) {
        self.codes = codes
        self.display = display
    }

    func lines() -> [Display.Line] {
        let invitation = codes.invitation
        var lines: [Display.Line] = []
        if let second = codes.secondCode {
            lines.append(Display.Line("A: logs in, in the app's own scanner (Conversations, Cheogram, Monal)", .strong))
            lines += drawn(codes.firstCode)
            lines.append(Display.Line("B: then opens the conversation with us", .strong))
            lines += drawn(second)
            lines += [
                Display.Line("Account:   " + Foreign.word(invitation.account), .strong),
                Display.Line(
                    "Password:  " + Foreign.word(Card.groups(invitation.password)) + "  (without the spaces)", .strong),
            ]
        } else {
            lines += drawn(codes.firstCode)
        }
        lines.append(Display.Line("Address:   " + Foreign.word(invitation.bridge.address)))
        lines.append(Display.Line("Telephone: " + Foreign.word(invitation.contacts.telephone)))
        lines.append(Display.Line("Or:        " + Foreign.word(invitation.contacts.secondWay)))
        return lines + [""] + display.wrapped(holds(invitation), weight: .faint)
    }

    private func holds(_ invitation: Invitation) -> String {
        if !invitation.account.isEmpty {
            return "Shown once. The account is there and does not run out: whoever has this has the account. Let the "
                + "person change the password in their app. A card that was lost: whoever runs the server deletes the "
                + "account."
        }
        let until = invitation.expiresAt > 0 ? "until \(Moments.clock(invitation.expiresAt)), " : ""
        return "Shown once. It makes one account, \(until)and is good for nothing then."
    }

    /// A code, where the window is wide enough: in a narrow one its lines would break, and nothing could read it.
    private func drawn(_ code: QRCode) -> [Display.Line] {
        let lines = code.lines
        guard lines.allSatisfy({ $0.count <= display.columns }) else {
            return display.wrapped(
                "The window is too narrow for the code: make it \(lines.map(\.count).max() ?? 0) columns wide, or use "
                    + "--card or --qr.", weight: .alarm)
        }
        return lines.map { Display.Line($0) }
    }
}
