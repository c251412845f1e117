import Messaging
import XMPP

extension XMPPLink: InvitingLink {
    /// By token where the server has it, so that only the person's phone knows a password; else an account.
    func invite() async throws -> NewInvitation {
        do {
            if try await client.offersInvitations() {
                guard let made = try await client.makeInvitation() else {
                    throw InvitationRefusal.refused("no-invitation")
                }
                guard made.makesAccount else { throw InvitationRefusal.contactsOnly }
                return .token(uri: made.uri, expiresAt: made.expiresAt)
            }
            guard try await client.makesAccounts() else { throw InvitationRefusal.notOffered }
            return try await makeAccount()
        } catch let error as StanzaError {
            throw Self.refusal(error)
        } catch ClientError.offline {
            throw InvitationRefusal.offline
        } catch ClientError.noAnswer {
            throw InvitationRefusal.noAnswer
        }
    }

    private func makeAccount() async throws -> NewInvitation {
        var generator = SystemRandomNumberGenerator()
        var triesLeft = 3
        while true {
            let drawn = AccountWords(using: &generator)
            do {
                try await client.makeAccount(name: drawn.name, password: drawn.password)
                return .account(address: "\(drawn.name)@\(account.domain)", password: drawn.password)
            } catch let error as StanzaError where error.condition == "conflict" && triesLeft > 1 {
                // Somebody has the name.
                triesLeft -= 1
            }
        }
    }

    /// RFC 6120 §8.3.3, as Prosody and ejabberd use it here.
    static func refusal(_ error: StanzaError) -> InvitationRefusal {
        switch error.condition {
        case "forbidden", "not-allowed", "not-authorized": .notAllowed
        case "resource-constraint", "policy-violation": .tooMany
        // Prosody without invitations takes a registration for a wish to change somebody's password: bad-request.
        case "service-unavailable", "feature-not-implemented", "item-not-found", "bad-request": .notOffered
        default: .refused(error.condition)
        }
    }
}
