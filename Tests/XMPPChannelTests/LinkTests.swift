import Foundation
import Messaging
import OMEMO
import Testing
import XMPP

@testable import XMPPChannel

private let bridgeAddress = "helpline@example.org"

/// The link against a real server; the bridge behind it is a `TestHost`.
@Suite(.timeLimit(.minutes(3))) struct LinkTests {
    private static func send(_ texts: [String], from contact: borrowing Running) async throws {
        for text in texts { try await contact.client.send(chat(to: bridgeAddress, text)) }
        // The server answers in order: now it has them all.
        _ = try await contact.client.iq("get", Element("ping", Namespace.ping))
    }

    /// Publishes the contact's keys, as its app would.
    private static func publish(_ side: Side, by contact: borrowing Running) async throws {
        try await contact.client.publish(
            try side.engine.bundle().element, node: OMEMONamespace.bundleNode(side.device))
        try await contact.client.publish(
            DeviceList([side.device]).element, node: OMEMONamespace.deviceListNode)
    }

    /// An encrypted message for every device of the bridge, with keys fetched from the server.
    private static func encrypted(
        _ text: String, by side: Side, of contact: borrowing Running
    ) async throws -> Element {
        let account = try JID(bridgeAddress)
        let item = try #require(
            try await contact.client.personalItem(of: account, node: OMEMONamespace.deviceListNode))
        let list = try DeviceList(item.payload)
        try side.engine.update(deviceList: list, for: bridgeAddress)
        for device in try side.engine.missingSessions(for: bridgeAddress) {
            let bundle = try #require(
                try await contact.client.personalItem(of: account, node: OMEMONamespace.bundleNode(device)))
            try side.engine.establish(bundle: PreKeyBundle(bundle.payload), jid: bridgeAddress, device: device)
        }
        var message = chat(to: bridgeAddress, "fallback")
        message.append(try side.engine.encrypt(text, for: [bridgeAddress]).element)
        return message
    }

    @Test func anEncryptedConversationInBothDirections() async throws {
        try await Prosody.run { server in
            try await server.register("helpline", "rachid")
            var bridge = try await RunningLink(try server.configuration("helpline"))
            var contact = Running(try server.configuration("rachid"))
            let side = try Side("rachid@example.org")
            try await bridge.online()
            try await contact.online()
            try await contact.client.send(EntityIdentity().presence)
            try await Self.publish(side, by: contact)

            try await contact.client.send(try await Self.encrypted("wach kayn chi khbar?", by: side, of: contact))
            #expect(try await bridge.messages(1) == ["wach kayn chi khbar?"])

            let draft = Draft(
                to: Address(channel: .xmpp, value: side.jid), text: "مرحبا", originID: OriginID("o1"),
                protection: .endToEnd)
            let material = try await bridge.link.material(for: draft.to)
            let prepared = try await bridge.host.prepare(draft, material: material)
            try await bridge.link.handOver(prepared, outbox: OutboxID(41))
            #expect(try await bridge.confirmed() == [OutboxID(41)])
            let reply = try await contact.message()
            #expect(reply.originID == "o1")
            let element = try #require(reply.first("encrypted", OMEMONamespace.axolotl))
            guard case .text(let text, _) = try side.engine.decrypt(EncryptedElement(element), from: bridgeAddress)
            else {
                Issue.record("no text")
                return
            }
            #expect(text == "مرحبا")
            await bridge.stop()
            await contact.stop()
        }
    }

    /// A message without words in a new chain, before words of the old one, costs some apps the last of these.
    @Test func aMessageWithoutWordsDoesNotOvertakeWords() async throws {
        try await Prosody.run { server in
            try await server.register("helpline", "rachid")
            var bridge = try await RunningLink(try server.configuration("helpline"))
            var contact = Running(try server.configuration("rachid"))
            let side = try Side("rachid@example.org")
            try await bridge.online()
            try await contact.online()
            try await contact.client.send(EntityIdentity().presence)
            try await Self.publish(side, by: contact)

            try await contact.client.send(try await Self.encrypted("salam", by: side, of: contact))
            #expect(try await bridge.messages(1) == ["salam"])
            let (link, host) = (bridge.link, bridge.host)
            for underWay: Set<String> in [[side.jid], []] {
                await host.setUnderWay(underWay)
                link.owed.note(side.device, of: side.jid)
                await EmptyMessages(link: link, host: host).send()
            }
            // What comes next shows that all before it has come.
            try await bridge.link.client.send(chat(to: side.jid, "end"))
            let empty = try await contact.withoutBody().compactMap { $0.first("encrypted", OMEMONamespace.axolotl) }
            #expect(empty.count == 1)
            guard let element = empty.first,
                case .keyTransport = try side.engine.decrypt(EncryptedElement(element), from: bridgeAddress)
            else {
                Issue.record("no message without words that can be read")
                return
            }
            await bridge.stop()
            await contact.stop()
        }
    }

    @Test func whatCameWhileOfflineIsReadInOrderThenLife() async throws {
        try await Prosody.run { server in
            try await server.register("helpline", "rachid")
            var contact = Running(try server.configuration("rachid"))
            try await contact.online()
            let before = (0..<230).map { "before \($0)" }
            try await Self.send(before, from: contact)
            var bridge = try await RunningLink(try server.configuration("helpline"))
            #expect(try await bridge.messages(230) == before)
            #expect(try await bridge.online() == false)
            let live = (0..<20).map { "live \($0)" }
            try await Self.send(live, from: contact)
            #expect(try await bridge.messages(20) == live)

            await bridge.stop()
            try await Self.send(["between"], from: contact)
            await bridge.restart()
            // Nothing that was stored comes again.
            #expect(try await bridge.messages(1) == ["between"])
            try await Self.send(["end"], from: contact)
            #expect(try await bridge.messages(1) == ["end"])
            await bridge.stop()
            await contact.stop()
        }
    }

    @Test func aBurstDuringTheCatchUpKeepsItsOrder() async throws {
        try await Prosody.run { server in
            try await server.register("helpline", "rachid")
            var contact = Running(try server.configuration("rachid"))
            try await contact.online()
            let texts = (0..<600).map { "\($0)" }
            try await Self.send(Array(texts[..<300]), from: contact)
            // Not waited for: the rest arrives while the archive is read.
            var bridge = try await RunningLink(try server.configuration("helpline"))
            try await Self.send(Array(texts[300...]), from: contact)
            #expect(try await bridge.messages(600) == texts)
            await bridge.stop()
            await contact.stop()
        }
    }

    @Test func aCutConnectionIsResumedWithoutLossOrRepetition() async throws {
        try await Prosody.run { server in
            try await server.register("helpline", "rachid")
            let line = try Link(to: server.port)
            defer { line.close() }
            var bridge = try await RunningLink(try server.configuration("helpline", port: line.port))
            var contact = Running(try server.configuration("rachid"))
            try await bridge.online()
            try await contact.online()
            for round in 0..<3 {
                let texts = (0..<40).map { "\(round).\($0)" }
                try await Self.send(Array(texts[..<20]), from: contact)
                line.cut()
                try await Self.send(Array(texts[20...]), from: contact)
                #expect(try await bridge.messages(40) == texts)
            }
            await bridge.stop()
            await contact.stop()
        }
    }

    @Test func aServerThatCrashesLosesNothingItArchived() async throws {
        try await Prosody.run { server in
            try await server.register("helpline", "rachid")
            var bridge = try await RunningLink(try server.configuration("helpline"))
            var contact = Running(try server.configuration("rachid"))
            try await bridge.online()
            try await contact.online()
            for round in 0..<2 {
                let texts = (0..<20).map { "\(round).\($0)" }
                try await Self.send(texts, from: contact)
                try await server.restart()
                #expect(try await bridge.messages(20) == texts)
                try await contact.online()
            }
            #expect(try await bridge.online() == false)
            await bridge.stop()
            await contact.stop()
        }
    }

    @Test func whatWasNotCommittedComesAgainAfterARestart() async throws {
        try await Prosody.run { server in
            try await server.register("helpline", "rachid")
            var bridge = try await RunningLink(try server.configuration("helpline"))
            var contact = Running(try server.configuration("rachid"))
            try await bridge.online()
            try await contact.online()
            try await Self.send(["stored"], from: contact)
            #expect(try await bridge.messages(1) == ["stored"])
            await bridge.host.loseEverything()
            try await Self.send(["lost 1", "lost 2"], from: contact)
            await bridge.stop()
            await bridge.host.comeBack()
            await bridge.restart()
            #expect(try await bridge.messages(2) == ["lost 1", "lost 2"])
            await bridge.stop()
            await contact.stop()
        }
    }

    @Test func receiptsAreSentAfterTheCommitOnly() async throws {
        try await Prosody.run { server in
            try await server.register("helpline", "rachid")
            var bridge = try await RunningLink(try server.configuration("helpline"))
            var contact = Running(try server.configuration("rachid"))
            try await bridge.online()
            try await contact.online()
            try await contact.client.send(EntityIdentity().presence)
            await bridge.host.loseEverything()
            var message = chat(to: bridgeAddress, "with receipt", id: "m1")
            message.append(Receipt.request)
            try await contact.client.send(message)
            _ = try await contact.client.iq("get", Element("ping", Namespace.ping))
            await bridge.stop()
            await bridge.host.comeBack()
            await bridge.restart()
            #expect(try await bridge.messages(1) == ["with receipt"])
            var receipts: [String] = []
            while receipts.isEmpty {
                if case .stanza(let stanza, _) = try await contact.next(), let id = Receipt.confirmed(by: stanza) {
                    receipts.append(id)
                }
            }
            #expect(receipts == ["m1"])
            await bridge.stop()
            await contact.stop()
        }
    }

    @Test func theArchiveSettlesWhatALostConnectionLeftOpen() async throws {
        try await Prosody.run { server in
            try await server.register("helpline", "rachid")
            var bridge = try await RunningLink(try server.configuration("helpline"))
            var contact = Running(try server.configuration("rachid"))
            try await bridge.online()
            try await contact.online()
            try await Self.send(["first"], from: contact)
            _ = try await bridge.messages(1)
            let to = Address(channel: .xmpp, value: "rachid@example.org")
            let draft = Draft(to: to, text: "reply", originID: OriginID("sent"), protection: .none)
            try await bridge.link.handOver(try await bridge.host.prepare(draft, material: nil), outbox: OutboxID(1))
            #expect(try await bridge.confirmed() == [OutboxID(1)])
            let now = Date()
            func open(_ id: Int64, _ origin: String, at date: Date) -> HandedOver {
                HandedOver(outbox: OutboxID(id), to: to, originID: OriginID(origin), handedOverAt: date)
            }
            let settled = try await bridge.link.settle([open(1, "sent", at: now), open(2, "never", at: now)])
            #expect(settled == [OutboxID(1): .delivered, OutboxID(2): .absent])
            // The archive began later: that it holds nothing says nothing.
            let old = try await bridge.link.settle([open(3, "never", at: now - 86_400)])
            #expect(old == [OutboxID(3): .unknown])
            await bridge.stop()
            await contact.stop()
        }
    }

    @Test func usedPreKeysLeaveTheBundleAfterTheCatchUp() async throws {
        try await Prosody.run { server in
            try await server.register("helpline", "rachid")
            var bridge = try await RunningLink(try server.configuration("helpline"))
            var contact = Running(try server.configuration("rachid"))
            try await bridge.online()
            try await contact.online()
            let client = contact.client
            func published() async throws -> PreKeyBundle {
                let account = try JID(bridgeAddress)
                let item = try #require(
                    try await client.personalItem(of: account, node: OMEMONamespace.deviceListNode))
                let device = try #require(try DeviceList(item.payload).devices.first)
                let bundle = try #require(
                    try await client.personalItem(of: account, node: OMEMONamespace.bundleNode(device)))
                return try PreKeyBundle(bundle.payload)
            }
            let first = try await published()
            #expect(first.preKeys.count == OMEMOEngine.preKeyCount)
            await bridge.stop()
            let side = try Side("rachid@example.org")
            try await contact.client.send(try await Self.encrypted("salam", by: side, of: contact))
            await bridge.restart()
            #expect(try await bridge.messages(1) == ["salam"])
            try await bridge.online()
            // The bundle follows the catch-up; each look is a question to the server.
            var second = try await published()
            while second.preKeys == first.preKeys { second = try await published() }
            let replaced = Set(first.preKeys.map(\.id)).subtracting(second.preKeys.map(\.id))
            #expect(replaced.count == 1)
            #expect(second.preKeys.count == OMEMOEngine.preKeyCount)
            #expect(second.identityKey == first.identityKey)
            await bridge.stop()
            await contact.stop()
        }
    }

    @Test func aForeignDeviceInOurListIsRemoved() async throws {
        try await Prosody.run { server in
            try await server.register("helpline")
            var intruder = Running(try server.configuration("helpline", resource: "intruder"))
            try await intruder.online()
            try await intruder.client.publish(
                DeviceList([4711]).element, node: OMEMONamespace.deviceListNode)
            var bridge = try await RunningLink(try server.configuration("helpline"))
            try await bridge.online()
            let item = try await intruder.client.personalItem(of: nil, node: OMEMONamespace.deviceListNode)
            let list = try DeviceList(try #require(item).payload)
            #expect(list.devices.count == 1)
            #expect(!list.contains(4711))
            await bridge.stop()
            await intruder.stop()
        }
    }

    @Test func anAccountThatShowsNoDevicesIsUndeliverable() async throws {
        try await Prosody.run { server in
            try await server.register("helpline", "rachid")
            var bridge = try await RunningLink(try server.configuration("helpline"))
            try await bridge.online()
            for (address, code) in [("rachid@example.org", "no-device-list"), ("no address@", "bad-address")] {
                do {
                    _ = try await bridge.link.material(for: Address(channel: .xmpp, value: address))
                    Issue.record("material for an account without devices")
                } catch let error as UndeliverableError {
                    #expect(error.code == code, "\(error)")
                }
            }
            await bridge.stop()
        }
    }

    @Test func aDeviceThatWroteIsAnsweredEvenWithoutAPublishedList() async throws {
        try await Prosody.run { server in
            try await server.register("helpline", "rachid")
            var bridge = try await RunningLink(try server.configuration("helpline"))
            var contact = Running(try server.configuration("rachid"))
            try await bridge.online()
            try await contact.online()
            let side = try Side("rachid@example.org")
            try await contact.client.send(try await Self.encrypted("salam", by: side, of: contact))
            #expect(try await bridge.messages(1) == ["salam"])
            let draft = Draft(
                to: Address(channel: .xmpp, value: side.jid), text: "reply", originID: OriginID("o"),
                protection: .endToEnd)
            let material = try await bridge.link.material(for: draft.to)
            let prepared = try await bridge.host.prepare(draft, material: material)
            let stanza = try Element(parsing: prepared.bytes)
            #expect(try side.text(of: stanza, from: try Side(bridgeAddress)) == "reply")
            await bridge.stop()
            await contact.stop()
        }
    }
}
