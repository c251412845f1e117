import Foundation
import Logging
import Messaging
import OMEMO
import Synchronization
import XMPP

/// Fetches what an encrypted message to an account needs: its device list, and the bundles of
/// devices without a session.
final class BundleFetcher: Sendable {
    /// A bundle that was missing or broken is not asked for again for this long, in seconds.
    private static let patience: TimeInterval = 600
    /// What one question may take, and all questions about one account.
    private static let deadline = Duration.seconds(10)
    private static let budget = Duration.seconds(30)

    private struct Key: Hashable {
        let jid: String
        let device: UInt32
    }

    private let client: XMPPClient
    private let lists: KnownDeviceLists
    private let logger: Logger
    private let clock: @Sendable () -> Date
    private let broken = Mutex<[Key: Date]>([:])

    init(client: XMPPClient, lists: KnownDeviceLists, logger: Logger, clock: @escaping @Sendable () -> Date) {
        self.client = client
        self.lists = lists
        self.logger = logger
        self.clock = clock
    }

    /// - Throws: `UndeliverableError` when the account has no OMEMO device, or cannot be asked now.
    func material(for jid: String, host: any LinkHost) async throws -> BundleMaterial {
        guard let address = try? JID(jid) else {
            throw UndeliverableError(code: "bad-address", reason: "The address is no XMPP address.", isTemporary: false)
        }
        if !lists.contains(jid) { try await fetchList(of: address, host: host) }
        let missing = try await host.withCodec { codec in
            try (codec as? XMPPCodec)?.engine.missingSessions(for: jid) ?? []
        }
        var bundles: [(UInt32, PreKeyBundle)] = []
        let end = ContinuousClock.now + Self.budget
        for device in missing where !isBroken(jid, device) && ContinuousClock.now < end {
            if let bundle = try await fetchBundle(of: address, device: device) { bundles.append((device, bundle)) }
        }
        try await noteKeys(of: bundles, jid: jid, host: host)
        return BundleMaterial(bundles: bundles)
    }

    /// The bundle of one device, asked for anew.
    func bundle(of device: UInt32, jid: String) async throws -> PreKeyBundle? {
        guard let address = try? JID(jid) else { return nil }
        return try await fetchBundle(of: address, device: device)
    }

    /// People compare keys before anything is encrypted under them: what waits for their decision builds no session.
    private func noteKeys(of bundles: [(device: UInt32, bundle: PreKeyBundle)], jid: String, host: any LinkHost)
        async throws
    {
        if bundles.isEmpty { return }
        try await host.withCodec { codec in
            guard let engine = (codec as? XMPPCodec)?.engine else { return }
            for (device, bundle) in bundles { try engine.noteIdentity(bundle.identityKey, of: device, jid: jid) }
        }
    }

    private func fetchList(of address: JID, host: any LinkHost) async throws {
        var item: PersonalItem?
        var refusal: StanzaError?
        do {
            item = try await client.personalItem(
                of: address, node: OMEMONamespace.deviceListNode, deadline: Self.deadline)
        } catch let error as StanzaError {
            // Some apps show their list to their roster only.
            refusal = error
        } catch ClientError.noAnswer {
            refusal = StanzaError(condition: "remote-server-timeout", type: "wait")
        }
        let list = item.flatMap { try? DeviceList($0.payload) }
        let jid = address.text
        let known = try await host.withCodec { codec -> Bool in
            guard let engine = (codec as? XMPPCodec)?.engine else { return false }
            // Without a list, devices that wrote to us are still good.
            if let list { try engine.update(deviceList: list, for: jid) }
            return try engine.devices(for: jid).contains { $0.isActive }
        }
        guard known else {
            if let refusal {
                throw UndeliverableError(code: "no-device-list", reason: refusal.description, isTemporary: true)
            }
            throw UndeliverableError(
                code: "no-omemo", reason: "No device of the account has encryption: its app must switch OMEMO on.",
                isTemporary: item != nil)
        }
        lists.insert(jid)
    }

    private func fetchBundle(of address: JID, device: UInt32) async throws -> PreKeyBundle? {
        do {
            let item = try await client.personalItem(
                of: address, node: OMEMONamespace.bundleNode(device), deadline: Self.deadline)
            if let item { return try PreKeyBundle(item.payload) }
            logger.info("a device has published no bundle")
        } catch let error as OMEMOError {
            logger.warning(
                "a device has published a bundle that cannot be used", metadata: ["code": "\(error.code.rawValue)"])
        } catch let error as StanzaError {
            logger.info("a bundle could not be fetched: \(error)")
        } catch ClientError.noAnswer {
            logger.info("a bundle could not be fetched: no answer")
        }
        let now = clock()
        broken.withLock { broken in
            broken = broken.filter { now.timeIntervalSince($0.value) < Self.patience }
            broken[Key(jid: address.text, device: device)] = now
        }
        return nil
    }

    private func isBroken(_ jid: String, _ device: UInt32) -> Bool {
        let now = clock()
        return broken.withLock { broken in
            guard let since = broken[Key(jid: jid, device: device)] else { return false }
            return now.timeIntervalSince(since) < Self.patience
        }
    }
}
