import Sealing
import StaffProtocol

/// What the commands about people and keys need of the bridge. Nothing that comes through it is
/// trusted: the roster is verified by whoever asks.
protocol StaffOffice: Sendable {
    /// Without a log-in.
    func health() async throws -> Health
    /// The stored form of the roster, as the bridge says it is. Without a log-in.
    func roster() async throws -> [UInt8]
    /// The stored form of the keyring.
    func keyring() async throws -> [UInt8]
    func changeStaff(_ change: StaffChange) async throws
    func staff() async throws -> [StaffMember]
    func openWork(of member: MemberID) async throws -> OpenWork
    func setSettings(_ settings: MemberSettings, of member: MemberID) async throws -> MemberSettings
    /// Key mode `operator`.
    func unlock(workingKey: SecretBytes) async throws
}
