import Foundation
import Messaging
import OMEMO
import XMPP

/// Our own device list and bundle as the server shows them (XEP-0384 v0.3.0 §4.3).
struct OwnKeys {
    let link: XMPPLink
    let host: any LinkHost

    /// Publishes what differs. The list names this device only: the bridge encrypts to no other
    /// device of its account, and one that it does not know is an alarm.
    func publish() async throws {
        let published = try await link.client.personalItem(of: nil, node: OMEMONamespace.deviceListNode)
            .flatMap { try? DeviceList($0.payload) }
        let own = try await engine { try $0.deviceList(containingOwn: DeviceList()) }
        if let strangers = published?.devices.filter({ !own.contains($0) }), !strangers.isEmpty {
            link.logger.critical(
                "our account's device list named devices that are not ours: they are removed; change the password",
                metadata: ["devices": "\(strangers.count)"])
            await host.raise(.ownDeviceRemoved, count: strangers.count)
        }
        try await publishBundle()
        if published != own { try await link.client.publish(own.element, node: OMEMONamespace.deviceListNode) }
    }

    /// When no message on its way can need a used prekey any more.
    func replaceUsedPreKeys() async throws {
        let now = link.clock()
        let changed = try await host.withCodec { codec in
            guard let codec = codec as? XMPPCodec else { return false }
            return try codec.replaceUsedPreKeys(now: now)
        }
        if changed { try await publishBundle() }
    }

    /// While live: what contacts have used is replaced in the bundle, but stays loadable until the
    /// next catch-up.
    func replenish() async throws {
        let now = link.clock()
        let changed = try await engine { engine in
            let rotated = try engine.rotateSignedPreKeyIfDue(now: now)
            return try engine.replenish() || rotated
        }
        if changed { try await publishBundle() }
    }

    private func publishBundle() async throws {
        let (id, bundle) = try await engine { (try $0.ownDeviceID(), try $0.bundle()) }
        guard let id else { return }
        try await link.client.publish(bundle.element, node: OMEMONamespace.bundleNode(id))
    }

    private func engine<R: Sendable>(_ body: @escaping @Sendable (OMEMOEngine) throws -> R) async throws -> R {
        try await host.withCodec { codec in
            guard let codec = codec as? XMPPCodec else { throw ClientError.offline }
            return try body(codec.engine)
        }
    }
}
