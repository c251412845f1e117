import SignalProtocol

import struct Foundation.Date
import typealias Foundation.TimeInterval

extension OMEMOEngine {
    /// All known devices of an account, active or not.
    public func devices(for jid: String) throws -> [OMEMODevice] { try store.devices(of: jid) }

    /// How long after an account was first seen its first device list still belongs to the first contact, in
    /// seconds: one day.
    static let firstContactPeriod: TimeInterval = 24 * 60 * 60
    /// Active devices of one account at most that lists alone bring; one that writes is known whatever the list
    /// says. People have three.
    public static let mostListed = 32

    /// Takes over a published device list: those it names become active, others inactive; nothing
    /// is deleted. The devices of the first list are those of the first contact; what a later one names for the
    /// first time is unconfirmed.
    /// - Returns: the devices named for the first time and taken in.
    @discardableResult
    public func update(deviceList: DeviceList, for jid: String) throws -> [UInt32] {
        let own = try ownDeviceID(for: jid)
        let known = try store.devices(of: jid)
        let isFirst = isFirstContact(known)
        var active = 0
        for var device in known {
            let before = device
            device.isActive = deviceList.contains(device.address.deviceID)
            if device.isActive { device.wasListed = true }
            if isFirst, device.isActive, device.trust == .unconfirmed { device.trust = .undecided }
            if device.isActive { active += 1 }
            if device != before { try store.saveDevice(device) }
        }
        let ids = Set(known.map(\.address.deviceID))
        var new: [UInt32] = []
        for id in deviceList.devices where id != own && !ids.contains(id) {
            if active + new.count >= Self.mostListed { break }
            var device = OMEMODevice(address: SignalAddress(name: jid, deviceID: id), firstSeen: clock())
            device.wasListed = true
            device.trust = isFirst ? .undecided : .unconfirmed
            try store.saveDevice(device)
            new.append(id)
        }
        return new
    }

    /// Whether a list that comes now is the account's first.
    private func isFirstContact(_ known: [OMEMODevice]) -> Bool {
        guard let begin = known.map(\.firstSeen).min() else { return true }
        return !known.contains(where: \.wasListed)
            && clock().timeIntervalSince(begin) < Self.firstContactPeriod
    }

    /// The devices a message to this account would go to, if there were sessions with them all,
    /// and for which a bundle must be fetched first.
    public func missingSessions(for jid: String) throws -> [UInt32] {
        // Those that have written first: the others may be many, and nobody's.
        try recipients(of: jid).filter { try !store.hasSession($0.address) }
            .sorted { ($0.firstHeard ?? .distantFuture) < ($1.firstHeard ?? .distantFuture) }
            .map(\.address.deviceID)
    }

    /// Builds a session with a device from its bundle; an older session is replaced.
    /// - Throws: `OMEMOError` (`badSignature`, `identityChanged`, `missingPreKeys`), or what the store threw.
    public func establish(bundle: PreKeyBundle, jid: String, device: UInt32) throws {
        guard let keys = bundle.sessionBundle() else {
            throw OMEMOError(.missingPreKeys, "The bundle holds no prekey: the device must publish new ones.")
        }
        let address = SignalAddress(name: jid, deviceID: device)
        _ = try knownOrNewDevice(address)
        do {
            try endpoint.establish(keys, with: address)
        } catch let error as SignalError {
            throw OMEMOError(establishing: error)
        }
    }

    /// After an error that a new session heals: the old one goes, so that the next message to the
    /// device fetches its bundle and builds a new one, which the other side takes over.
    public func dropSession(with device: UInt32, jid: String) throws {
        try store.deleteSession(SignalAddress(name: jid, deviceID: device))
    }

    /// Records what a person decided about a device. Nothing happens for an unknown device.
    public func setTrust(_ trust: DeviceTrust, of device: UInt32, jid: String) throws {
        guard var known = try store.device(SignalAddress(name: jid, deviceID: device)) else { return }
        known.trust = trust
        try store.saveDevice(known)
    }

    /// The key that a device's bundle names, so that people can compare it before there is a session: taken when
    /// none is known, else noted as claimed. Nothing happens for an unknown device.
    public func noteIdentity(_ key: ECPublicKey, of device: UInt32, jid: String) throws {
        guard var known = try store.device(SignalAddress(name: jid, deviceID: device)) else { return }
        guard known.identityKey == nil else { return try noteClaimedIdentity(key, of: device, jid: jid) }
        known.identityKey = key
        try store.saveDevice(known)
    }

    /// After `identity-changed`: notes which key the device has claimed, so that people can compare and decide.
    /// Nothing happens for an unknown device, or when it is the key that is known.
    public func noteClaimedIdentity(_ key: ECPublicKey, of device: UInt32, jid: String) throws {
        guard var known = try store.device(SignalAddress(name: jid, deviceID: device)), let present = known.identityKey,
            present != key, known.claimedKey != key
        else { return }
        known.claimedKey = key
        try store.saveDevice(known)
    }

    /// The same, from the prekey message that was refused.
    public func noteClaimedIdentity(in encrypted: EncryptedElement, from jid: String) throws {
        let own = try store.requireOwnDevice()
        for key in encrypted.keys where key.recipient == own.id && key.isPreKey {
            guard let claimed = try? key.ciphertext.claimedIdentity(context) else { continue }
            return try noteClaimedIdentity(claimed, of: encrypted.sender, jid: jid)
        }
    }

    /// After `identity-changed`: a person accepts that this device has a new identity key. The old
    /// key, the session with it and all trust in it go; the next bundle or message brings the new key.
    public func acceptNewIdentity(of device: UInt32, jid: String) throws {
        let address = SignalAddress(name: jid, deviceID: device)
        guard var known = try store.device(address) else { return }
        known.identityKey = nil
        known.claimedKey = nil
        known.trust = .undecided
        known.firstHeard = nil
        try store.saveDevice(known)
        try store.deleteSession(address)
    }

    /// Active devices we may encrypt to: never our own, none that a person refused, and of our own
    /// account only confirmed ones. Those left behind are left out while there are others.
    func recipients(of jid: String) throws -> [OMEMODevice] {
        let own = try ownDeviceID(for: jid)
        let allowed = try store.devices(of: jid).filter { device in
            guard device.isActive, device.address.deviceID != own else { return false }
            return jid == ownJID ? device.trust == .trusted : device.trust != .compromised
        }
        let alive = allowed.filter { $0.staleSince == nil }
        return alive.isEmpty ? allowed : alive
    }

    /// The record of a device, made and stored if there is none. Whoever writes first belongs to the first
    /// contact; a device that comes to an account with others is unconfirmed.
    func knownOrNewDevice(_ address: SignalAddress) throws -> OMEMODevice {
        if let known = try store.device(address) { return known }
        var device = OMEMODevice(address: address, firstSeen: clock())
        if try !store.devices(of: address.name).isEmpty { device.trust = .unconfirmed }
        try store.saveDevice(device)
        return device
    }

    private func ownDeviceID(for jid: String) throws -> UInt32? {
        guard let ownJID, jid == ownJID else { return nil }
        return try store.ownDevice()?.id
    }
}
