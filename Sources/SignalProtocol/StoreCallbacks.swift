internal import CSignalProtocol

/// The C callbacks of the four stores. `user_data` is the `StoreBridge`, borrowed: the endpoint
/// that owns the store context also owns the bridge.
extension StoreBridge {
    /// Smaller than every code of the library, as its header asks of applications.
    private static let storeThrew = SG_ERR_MINIMUM - 1

    /// Registers the callbacks. The structs are copied, their `user_data` is borrowed.
    func install(in context: OpaquePointer) throws {
        let me = Unmanaged.passUnretained(self).toOpaque()
        try installSessions(in: context, me)
        try installPreKeys(in: context, me)
        try installSignedPreKeys(in: context, me)
        try installIdentities(in: context, me)
    }

    private static func with(
        _ userData: UnsafeMutableRawPointer?, _ body: (StoreBridge) throws -> Int32
    ) -> Int32 {
        guard let userData else { return SG_ERR_INVAL }
        let bridge = Unmanaged<StoreBridge>.fromOpaque(userData).takeUnretainedValue()
        do {
            return try body(bridge)
        } catch {
            bridge.keep(error)
            return storeThrew
        }
    }

    private static func bytes(_ start: UnsafePointer<UInt8>?, _ count: Int) -> [UInt8] {
        Array(UnsafeBufferPointer(start: start, count: start == nil ? 0 : count))
    }

    private static func give(_ record: [UInt8], _ out: UnsafeMutablePointer<OpaquePointer?>?) throws {
        try checked(record.withUnsafeBytes { giveBuffer($0, to: out) }, "copy-record")
    }

    private func installSessions(in context: OpaquePointer, _ me: UnsafeMutableRawPointer) throws {
        var store = signal_protocol_session_store()
        store.user_data = me
        store.load_session_func = { out, _, address, userData in
            StoreBridge.with(userData) {
                guard let record = try $0.loadSession(SignalAddress(copying: address)) else { return 0 }
                try StoreBridge.give(record, out)
                return 1
            }
        }
        store.store_session_func = { address, record, count, _, _, userData in
            StoreBridge.with(userData) {
                try $0.storeSession(StoreBridge.bytes(record, count), for: SignalAddress(copying: address))
                return SG_SUCCESS
            }
        }
        store.contains_session_func = { address, userData in
            StoreBridge.with(userData) { try $0.hasSession(SignalAddress(copying: address)) ? 1 : 0 }
        }
        try checked(signal_protocol_store_context_set_session_store(context, &store), "set-session-store")
    }

    private func installPreKeys(in context: OpaquePointer, _ me: UnsafeMutableRawPointer) throws {
        var store = signal_protocol_pre_key_store()
        store.user_data = me
        store.load_pre_key = { out, id, userData in
            StoreBridge.with(userData) {
                guard let record = try $0.preKeys.loadPreKey(id) else { return SG_ERR_INVALID_KEY_ID }
                try StoreBridge.give(record, out)
                return SG_SUCCESS
            }
        }
        store.remove_pre_key = { id, userData in
            StoreBridge.with(userData) {
                try $0.preKeyWasUsed(id)
                return SG_SUCCESS
            }
        }
        try checked(signal_protocol_store_context_set_pre_key_store(context, &store), "set-prekey-store")
    }

    private func installSignedPreKeys(in context: OpaquePointer, _ me: UnsafeMutableRawPointer) throws {
        var store = signal_protocol_signed_pre_key_store()
        store.user_data = me
        store.load_signed_pre_key = { out, id, userData in
            StoreBridge.with(userData) {
                guard let record = try $0.loadSignedPreKey(id) else { return SG_ERR_INVALID_KEY_ID }
                try StoreBridge.give(record, out)
                return SG_SUCCESS
            }
        }
        try checked(
            signal_protocol_store_context_set_signed_pre_key_store(context, &store), "set-signed-prekey-store")
    }

    private func installIdentities(in context: OpaquePointer, _ me: UnsafeMutableRawPointer) throws {
        var store = signal_protocol_identity_key_store()
        store.user_data = me
        store.get_identity_key_pair = { publicKey, privateKey, userData in
            StoreBridge.with(userData) {
                let pair = try $0.identities.identityKeyPair()
                try StoreBridge.give(pair.publicKey.serialized, publicKey)
                try StoreBridge.give(pair.privateKey.bytes, privateKey)
                return SG_SUCCESS
            }
        }
        // This one callback takes `user_data` first.
        store.get_local_registration_id = { userData, out in
            StoreBridge.with(userData) {
                out?.pointee = try $0.identities.localRegistrationID()
                return SG_SUCCESS
            }
        }
        store.save_identity = { address, key, count, userData in
            StoreBridge.with(userData) {
                let key = try ECPublicKey(serialized: StoreBridge.bytes(key, count))
                try $0.identities.saveIdentity(key, for: SignalAddress(copying: address))
                return SG_SUCCESS
            }
        }
        store.is_trusted_identity = { address, key, count, userData in
            StoreBridge.with(userData) {
                let key = try ECPublicKey(serialized: StoreBridge.bytes(key, count))
                return try $0.identities.isTrusted(key, for: SignalAddress(copying: address)) ? 1 : 0
            }
        }
        try checked(signal_protocol_store_context_set_identity_key_store(context, &store), "set-identity-store")
    }
}

extension SignalAddress {
    /// - Throws: `SignalError` when the library passes no address, or a name that is not UTF-8.
    init(copying address: UnsafePointer<signal_protocol_address>?) throws {
        guard let address = address?.pointee, let start = address.name else {
            throw SignalError(.invalidArgument, operation: "read-address")
        }
        let name = UnsafeRawBufferPointer(start: start, count: address.name_len)
        guard let name = String(validating: name, as: UTF8.self) else {
            throw SignalError(.invalidArgument, operation: "read-address")
        }
        self.init(name: name, deviceID: UInt32(bitPattern: address.device_id))
    }

    /// Lends the C form; its name is borrowed and lives as long as `body` runs.
    func withCAddress<R>(_ body: (UnsafePointer<signal_protocol_address>) throws -> R) rethrows -> R {
        try name.withCString { start in
            let address = signal_protocol_address(
                name: start, name_len: name.utf8.count, device_id: Int32(bitPattern: deviceID))
            return try withUnsafePointer(to: address, body)
        }
    }
}
