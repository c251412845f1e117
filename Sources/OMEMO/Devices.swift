import SignalProtocol

extension OMEMOEngine {
    /// All known devices of an account, active or not.
    public func devices(for jid: String) throws -> [OMEMODevice] { try store.devices(of: jid) }

    /// Takes over a published device list: those it names become active, others inactive; nothing
    /// is deleted.
    /// - Returns: the devices named for the first time.
    @discardableResult
    public func update(deviceList: DeviceList, for jid: String) throws -> [UInt32] {
        var unknown = deviceList
        if let own = try ownDeviceID(for: jid) { unknown.remove(own) }
        for var device in try store.devices(of: jid) {
            let isNamed = deviceList.contains(device.address.deviceID)
            unknown.remove(device.address.deviceID)
            guard device.isActive != isNamed else { continue }
            device.isActive = isNamed
            try store.saveDevice(device)
        }
        for id in unknown.devices {
            let address = SignalAddress(name: jid, deviceID: id)
            try store.saveDevice(OMEMODevice(address: address, firstSeen: clock()))
        }
        return unknown.devices
    }

    /// The devices a message to this account would go to, if there were sessions with them all,
    /// and for which a bundle must be fetched first.
    public func missingSessions(for jid: String) throws -> [UInt32] {
        try recipients(of: jid).filter { try !store.hasSession($0.address) }.map(\.address.deviceID)
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

    /// After `identity-changed`: a person accepts that this device has a new identity key. The old
    /// key, the session with it and all trust in it go; the next bundle or message brings the new key.
    public func acceptNewIdentity(of device: UInt32, jid: String) throws {
        let address = SignalAddress(name: jid, deviceID: device)
        guard var known = try store.device(address) else { return }
        known.identityKey = nil
        known.trust = .undecided
        known.firstHeard = nil
        try store.saveDevice(known)
        try store.deleteSession(address)
    }

    /// Active devices we may encrypt to: never our own, none that a person blocked, and of our own
    /// account only confirmed ones.
    func recipients(of jid: String) throws -> [OMEMODevice] {
        let own = try ownDeviceID(for: jid)
        return try store.devices(of: jid).filter { device in
            guard device.isActive, device.address.deviceID != own else { return false }
            return jid == ownJID ? device.trust == .trusted : device.trust != .compromised
        }
    }

    /// The record of a device, made and stored if there is none.
    func knownOrNewDevice(_ address: SignalAddress) throws -> OMEMODevice {
        if let known = try store.device(address) { return known }
        let device = OMEMODevice(address: address, firstSeen: clock())
        try store.saveDevice(device)
        return device
    }

    private func ownDeviceID(for jid: String) throws -> UInt32? {
        guard let ownJID, jid == ownJID else { return nil }
        return try store.ownDevice()?.id
    }
}
