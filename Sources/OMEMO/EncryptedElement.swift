import SignalProtocol
import XMPP

/// `<encrypted/>`: a message for several devices, or a key alone (XEP-0384 v0.3.0 §4.5, §4.6).
public struct EncryptedElement: Hashable, Sendable {
    /// The key of the payload, encrypted for one device.
    public struct Key: Hashable, Sendable {
        /// The id of the device it is for.
        public let recipient: UInt32
        /// Whether `data` is a prekey message, which builds a session.
        public let isPreKey: Bool
        /// The message of the ratchet.
        public let data: [UInt8]

        /// A key for one device.
        public init(recipient: UInt32, isPreKey: Bool, data: [UInt8]) {
            self.recipient = recipient
            self.isPreKey = isPreKey
            self.data = data
        }
    }

    /// The largest ciphertext that is read, in bytes: 2 MiB, twice the longest text a client sends.
    public static let maximumPayload = 2 * 1024 * 1024
    /// The largest number of keys that is read in one header.
    public static let maximumKeys = 1000
    /// The largest encrypted key that is read, in bytes; real ones have 100 to 250.
    static let maximumKeyBytes = 4096

    /// The id of the sending device.
    public var sender: UInt32
    /// The payload's key, once for each receiving device.
    public var keys: [Key]
    /// 12 bytes today, 16 from older clients.
    public var iv: [UInt8]
    /// The ciphertext, in the older form with the tag appended; `nil` in a key transport.
    public var payload: [UInt8]?

    /// An element to be sent.
    public init(sender: UInt32, keys: [Key], iv: [UInt8], payload: [UInt8]?) {
        self.sender = sender
        self.keys = keys
        self.iv = iv
        self.payload = payload
    }

    /// Reads an element. Attributes and children that the XEP does not name are passed over.
    public init(_ element: Element) throws(OMEMOError) {
        try Parsing.expect(element, "encrypted")
        guard let header = Parsing.child("header", of: element) else {
            throw OMEMOError(.missingHeader, "<encrypted/> has no <header/>.")
        }
        sender = try Parsing.deviceID(header["sid"], "header/@sid")
        let keys = Parsing.children("key", of: header)
        guard !keys.isEmpty else { throw OMEMOError(.missingKeys, "<header/> has no <key/>.") }
        guard keys.count <= Self.maximumKeys else {
            throw OMEMOError(.tooManyKeys, "<header/> has more than \(Self.maximumKeys) keys.")
        }
        self.keys = []
        for key in keys { self.keys.append(try Key(key)) }
        guard let iv = Parsing.child("iv", of: header) else {
            throw OMEMOError(.missingIV, "<header/> has no <iv/>.")
        }
        self.iv = try Parsing.base64(iv, limit: 256)
        guard AESGCM.ivCounts.contains(self.iv.count) else {
            throw OMEMOError(.badIVLength, "<iv/> must hold 12 to 16 bytes, not \(self.iv.count).")
        }
        if let payload = Parsing.child("payload", of: element) {
            self.payload = try Parsing.base64(payload, limit: Self.maximumPayload)
        }
    }

    /// The element as it is sent.
    public var element: Element {
        let ns = OMEMONamespace.axolotl
        var header = Element("header", ns, attributes: [("sid", String(sender))], children: keys.map(\.element))
        header.append(Element("iv", ns, text: Parsing.text(iv)))
        var encrypted = Element("encrypted", ns, children: [header])
        if let payload { encrypted.append(Element("payload", ns, text: Parsing.text(payload))) }
        return encrypted
    }
}

extension EncryptedElement.Key {
    init(_ element: Element) throws(OMEMOError) {
        recipient = try Parsing.deviceID(element["rid"], "key/@rid")
        // xs:boolean: both forms are in use.
        isPreKey = element["prekey"] == "true" || element["prekey"] == "1"
        data = try Parsing.base64(element, limit: EncryptedElement.maximumKeyBytes)
        guard !data.isEmpty else { throw OMEMOError(.emptyKey, "<key/> holds nothing.") }
    }

    var element: Element {
        var key = Element(
            "key", OMEMONamespace.axolotl, attributes: [("rid", String(recipient))], text: Parsing.text(data))
        if isPreKey { key["prekey"] = "true" }
        return key
    }

    /// What the ratchet takes.
    var ciphertext: Ciphertext { Ciphertext(kind: isPreKey ? .preKeyMessage : .message, bytes: data) }
}
