import Foundation
import Messaging
import Sealing
import StaffProtocol

/// Invitations: asked of the server, given to whoever asked, kept nowhere.
extension StoreStaffService {
    public func makeInvitation(for viewer: Viewer) async throws -> Invitation {
        _ = try scope(viewer, .makeInvitation)
        guard let port = ports.invitations else {
            throw APIError(.refused, "the server of this bridge takes nobody in: it has no such channel")
        }
        // Before the server is asked: an account that nobody can be told of helps nobody.
        let contacts = try port.contacts()
        let bridge = try await identity()
        // No invitation without a line, also when the answer is lost on the way.
        try await write { try $0.audit("invitation-asked", subject: 0, actor: viewer.member.rawValue) }
        let made: NewInvitation
        do {
            made = try await port.invite()
        } catch let refusal as InvitationRefusal {
            throw APIError(refusal)
        }
        return switch made {
        case .token(let uri, let expiresAt):
            Invitation(
                bridge: bridge, uri: uri, expiresAt: expiresAt.map(\.milliseconds) ?? 0, contacts: contacts)
        case .account(let address, let password):
            Invitation(bridge: bridge, account: address, password: password, contacts: contacts)
        }
    }
}

extension APIError {
    /// What staff read, and hand on to whoever runs the server.
    init(_ refusal: InvitationRefusal) {
        let guide = "config/prosody.example.cfg.lua or config/ejabberd.example.yml, 'invitations', shows how"
        switch refusal {
        case .offline:
            self.init(.unavailable, "the bridge has no connection to its server now: try again, and see 'sila doctor'")
        case .noAnswer:
            self.init(
                .unavailable,
                "the server did not answer in time: try again. What was made all the same is used by nobody: an invitation "
                    + "lapses, an account stays until whoever runs the server removes it")
        case .notOffered:
            self.init(
                .refused,
                "the server makes no invitations and no accounts: whoever runs it must switch that on; \(guide)")
        case .notAllowed:
            self.init(
                .refused,
                "the server makes no invitation for the bridge's account: whoever runs it must allow that account; "
                    + guide)
        case .contactsOnly:
            self.init(
                .refused,
                "the server's invitations make no account, because the bridge's account lacks the role for it: whoever "
                    + "runs the server gives it; \(guide)")
        case .tooMany:
            self.init(
                .unavailable,
                "the server makes no more accounts for a while (registration_timeout of ejabberd): try again later")
        case .refused(let word):
            self.init(.refused, "the server refused an invitation with '\(word)': show that to whoever runs it")
        }
    }
}
