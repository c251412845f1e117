import Foundation
import Sealing
import StaffProtocol
import Testing

@testable import Daemon
@testable import Unsealing

@Suite struct WorkingKeyLockTests {
    private let deployment: Deployment
    private let key: [UInt8]

    init() throws {
        deployment = try Deployment(wrapsWorkingKey: true)
        key = deployment.workingKey.withUnsafeBytes { Array($0) }
    }

    private func viewer(_ name: String = "amina", _ role: Role = .coordinator) throws -> Viewer {
        Viewer(member: try member(name), role: role)
    }

    @Test func itWaitsUntilTheRightKeyIsGiven() async throws {
        let hooks = HookLog()
        let keeper = try deployment.keeper(waitsForKey: true, hooks: hooks)
        #expect(await keeper.isLocked)
        _ = try await keeper.unlock(workingKey: key, by: viewer())
        #expect(await !keeper.isLocked)
        #expect(await hooks.keys == [try WorkingKey(root: deployment.workingKey).id])
        // Given twice, it is used once.
        _ = try await keeper.unlock(workingKey: key, by: viewer())
        #expect(await hooks.keys.count == 1)
    }

    @Test func anotherKeyIsNotEvenTried() async throws {
        let hooks = HookLog()
        let keeper = try deployment.keeper(waitsForKey: true, hooks: hooks)
        var altered = key
        altered[31] ^= 1
        for wrong in [[], [1], altered, key + [0], [UInt8](repeating: 0, count: 32)] {
            await expect(.refused) { try await keeper.unlock(workingKey: wrong, by: viewer()) }
        }
        #expect(await hooks.keys.isEmpty)
        #expect(await keeper.isLocked)
    }

    @Test func aKeyThatTheStoreRefusesLeavesItLocked() async throws {
        let hooks = HookLog()
        await hooks.refuseKeys(times: 1)
        let keeper = try deployment.keeper(waitsForKey: true, hooks: hooks)
        await expect(.refused) { try await keeper.unlock(workingKey: key, by: viewer()) }
        #expect(await keeper.isLocked)
        _ = try await keeper.unlock(workingKey: key, by: viewer())
        #expect(await !keeper.isLocked)
    }

    @Test func whoMayNotHoldTheKeyMayNotGiveIt() async throws {
        let keeper = try deployment.keeper(waitsForKey: true)
        _ = try await keeper.apply(try deployment.adding("bilal", .intern), deployment.call())
        for name in ["bilal", "nobody"] {
            // The role of the session is not asked: the roster is.
            await expect(.forbidden) { try await keeper.unlock(workingKey: key, by: viewer(name)) }
        }
        #expect(await keeper.isLocked)
    }

    @Test func withoutAWrappedKeyNobodyCouldOpenIt() throws {
        let plain = try Deployment()
        #expect(throws: RosterError.self) { try plain.keeper(waitsForKey: true) }
    }

    @Test func theWorkingKeyStaysTheOneItIs() async throws {
        let keeper = try deployment.keeper(waitsForKey: true)
        let good = try deployment.adding("bilal", .staff)
        let other = try ArchiveKeyring(decoding: Array(good.keyring))
        var without = good
        without.keyring = Data(try ArchiveKeyring(KeyringFile(archive: other.file.archive)).encoded())
        var replaced = other
        for member in try deployment.verified.workingKeyHolders {
            try replaced.addWorkingKey(
                SecretBytes(randomCount: 32), for: member.sealingKey, deployment: deployment.verified.deployment)
        }
        var another = good
        another.keyring = Data(try replaced.encoded())
        for change in [without, another] {
            await expect(.refused) { try await keeper.apply(change, deployment.call()) }
        }
        _ = try await keeper.apply(good, deployment.call())
    }
}

@Suite struct EndpointAgreementTests {
    @Test(arguments: Role.allCases)
    func theRolesThatMayUnlockAreThoseThatHoldTheKey(_ role: Role) {
        #expect((role.access(to: .unlock) != .none) == role.holdsWorkingKey)
    }
}
