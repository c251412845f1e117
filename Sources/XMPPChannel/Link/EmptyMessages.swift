import Messaging
import OMEMO
import XMPP

/// Sends what is owed without words: heartbeats, which keep a session's keys young while the bridge is silent, the
/// completion of a session that a contact has built, and new sessions for broken ones.
struct EmptyMessages {
    let link: XMPPLink
    let host: any LinkHost

    func send() async {
        let owed = link.owed.take()
        for (index, one) in owed.enumerated() {
            do {
                try await send(one)
            } catch ClientError.offline {
                return link.owed.putBack(Array(owed[index...]))
            } catch {
                // The next message of the device asks again.
                if Task.isCancelled { return link.owed.putBack(Array(owed[index...])) }
                link.logger.info("a message without content could not be sent: \(error)")
            }
        }
    }

    private func send(_ owed: OwedMessages.Owed) async throws {
        let (jid, device) = (owed.device.jid, owed.device.id)
        var bundle: PreKeyBundle?
        let needsBundle = try await host.withCodec { codec in
            try (codec as? XMPPCodec)?.needsBundle(for: owed) ?? false
        }
        if needsBundle {
            bundle = try await link.bundles.bundle(of: device, jid: jid)
            if bundle == nil { return }
        }
        let fetched = bundle
        let make: @Sendable (any ChannelCodec) throws -> Element? = { codec in
            try (codec as? XMPPCodec)?.emptyMessage(for: jid, device: device, bundle: fetched)
        }
        // A mere sign of life waits for the device's next message while words are on their way: it would overtake them.
        let stanza =
            owed.need == .answer
            ? try await host.withCodec(unlessUnderWayTo: Address(channel: link.id, value: jid), make) ?? nil
            : try await host.withCodec(make)
        // Counted by the stream like all else; lost, it is owed again at the device's next message.
        if let stanza { try await link.client.post(stanza) }
    }
}
