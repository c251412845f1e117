import DeploymentConfiguration
import Messaging
import StaffProtocol
import Store

/// What staff need of the channel to take somebody in: what stands on a card, and the server.
struct Invitations: InvitationPort {
    let link: any InvitingLink
    let configuration: SilaConfiguration.Invitation

    func contacts() throws -> CardContacts {
        let keys: [(name: String, value: String?)] = [
            ("invitation.telephone", configuration.telephone), ("invitation.second-way", configuration.secondWay),
        ]
        let missing = keys.filter { $0.value == nil }.map(\.name)
        guard let telephone = configuration.telephone, let secondWay = configuration.secondWay else {
            throw APIError(
                .refused,
                "a card needs what the bridge's configuration does not have: \(missing.joined(separator: " and ")). "
                    + "Whoever runs the bridge writes it into sila.yaml, as config/sila.example.yaml explains, and "
                    + "starts silad again")
        }
        return CardContacts(
            telephone: telephone, secondWay: secondWay, android: configuration.android, iPhone: configuration.iPhone)
    }

    func invite() async throws -> NewInvitation { try await link.invite() }
}
