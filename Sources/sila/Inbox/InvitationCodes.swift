import Foundation
import InvitationCard
import StaffProtocol

/// An invitation with what its QR codes hold.
struct InvitationCodes {
    let invitation: Invitation
    /// What the first code holds.
    let first: String
    /// What the second one holds, where an account is there already: it leads to the bridge.
    let second: String?
    let firstCode: QRCode
    let secondCode: QRCode?

    /// Throws `CommandFailure` for an answer that is no invitation.
    init(_ invitation: Invitation) throws {
        self.invitation = invitation
        let us = Fingerprint.address(invitation.bridge)
        switch (invitation.uri.isEmpty, invitation.account.isEmpty) {
        case (false, true):
            // One code: the account is made on our server, and opens with us (XEP-0445 §2.3). The key stands in it as
            // in `sila bridge fingerprint`; apps that do not know it pass over it (XEP-0147 §2).
            first = invitation.uri + ";" + Fingerprint.parameter(invitation.bridge)
            second = nil
        case (true, false):
            first = try Self.login(account: invitation.account, password: invitation.password)
            second = us
        default:
            throw CommandFailure(.software, "The bridge's answer is no invitation. Nothing was made with it.")
        }
        guard let code = QRCode(first) else { throw Self.noCode }
        firstCode = code
        secondCode = try second.map { text in
            guard let code = QRCode(text) else { throw Self.noCode }
            return code
        }
    }

    /// What Conversations, its kin and Monal read at their log-in (`Scan QR code`): no XMPP URI has a password.
    private struct Login: Encodable {
        let `protocol` = "xmpp"
        let address: String
        let password: String
    }

    private static func login(account: String, password: String) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(Login(address: account, password: password)), as: UTF8.self)
    }

    private static let noCode = CommandFailure(
        .data, "An address of this deployment does not fit into a QR code: it is too long, or not ASCII.")

    /// The last whole day on which the invitation works, by this machine's calendar; `nil` without an end.
    func lastDay(in zone: TimeZone = .current) -> String? {
        guard invitation.expiresAt > 0 else { return nil }
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        let end = Date(timeIntervalSince1970: Double(invitation.expiresAt) / 1000)
        let day = calendar.date(byAdding: .day, value: -1, to: end) ?? end
        let parts = calendar.dateComponents([.day, .month, .year], from: day)
        return String(format: "%02d/%02d/%04d", parts.day ?? 0, parts.month ?? 0, parts.year ?? 0)
    }

    /// The card of it. Throws `CommandFailure`.
    func card(_ language: CardLanguage) throws -> Card {
        guard let code = firstCode.modules else { throw Self.noCode }
        let way: Card.Way
        if let us = secondCode?.modules {
            way = .account(
                login: code, us: us, address: invitation.account, password: invitation.password)
        } else {
            way = .invitation(code: code, until: lastDay())
        }
        let contacts = invitation.contacts
        return Card(
            language: language, way: way, address: invitation.bridge.address, telephone: contacts.telephone,
            secondWay: contacts.secondWay, android: contacts.android, iPhone: contacts.iPhone)
    }
}

/// What `--json` prints. It holds the secret, as the terminal does.
struct InvitationReport: Encodable {
    let version = 1
    /// `invitation`, or `account` when there is one with a password.
    let kind: String
    /// What the QR codes hold.
    let code: String
    let secondCode: String
    let address: String
    let account: String
    let password: String
    let expiresAt: String
    let telephone: String
    let secondWay: String

    init(_ codes: InvitationCodes) {
        let invitation = codes.invitation
        kind = codes.second == nil ? "invitation" : "account"
        code = codes.first
        secondCode = codes.second ?? ""
        address = invitation.bridge.address
        account = invitation.account
        password = invitation.password
        expiresAt = Moments.iso(invitation.expiresAt)
        telephone = invitation.contacts.telephone
        secondWay = invitation.contacts.secondWay
    }
}
