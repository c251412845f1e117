import SignalProtocol
import XMPP

/// What the three elements share when they are read.
enum Parsing {
    static func expect(_ element: Element, _ name: String) throws(OMEMOError) {
        guard element.name == name, element.namespace == OMEMONamespace.axolotl else {
            throw OMEMOError(.wrongElement, "Expected <\(name)/> of \(OMEMONamespace.axolotl).")
        }
    }

    static func child(_ name: String, of element: Element) -> Element? {
        element.first(name, OMEMONamespace.axolotl)
    }

    static func children(_ name: String, of element: Element) -> [Element] {
        element.all(name, OMEMONamespace.axolotl)
    }

    /// A device id: 1 to 2^32-1. XEP-0384 §4.1 says 2^31-1, but clients with larger ones exist.
    static func deviceID(_ text: String?, _ place: String) throws(OMEMOError) -> UInt32 {
        guard let id = number(text), id > 0 else {
            throw OMEMOError(.badID, "\(place) must be a device id from 1 to 4294967295.")
        }
        return id
    }

    /// A prekey id: 0 to 2^31-1.
    static func keyID(_ text: String?, _ place: String) throws(OMEMOError) -> UInt32 {
        guard let id = number(text), id <= UInt32(Int32.max) else {
            throw OMEMOError(.badID, "\(place) must be a key id from 0 to 2147483647.")
        }
        return id
    }

    private static func number(_ text: String?) -> UInt32? {
        // `UInt32("+1")` would be a number.
        guard let text, !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return UInt32(text)
    }

    /// Decodes base64; white space within is allowed, as old clients break lines.
    /// - Parameter limit: the largest number of decoded bytes.
    static func base64(_ element: Element, limit: Int) throws(OMEMOError) -> [UInt8] {
        let text = element.text
        var place: String { "<\(element.name)/>" }
        // Checked before anything is copied: 4 characters for 3 bytes, and a margin for line breaks.
        guard text.utf8.count <= limit / 3 * 4 + limit / 16 + 64 else {
            throw OMEMOError(.payloadTooLarge, "\(place) holds more than the \(limit) bytes allowed.")
        }
        guard let bytes = Base64.decode(text) else { throw OMEMOError(.badBase64, "\(place) is not base64.") }
        guard bytes.count <= limit else {
            throw OMEMOError(.payloadTooLarge, "\(place) holds more than the \(limit) bytes allowed.")
        }
        return bytes
    }

    static func publicKey(_ element: Element) throws(OMEMOError) -> ECPublicKey {
        let bytes = try base64(element, limit: 256)
        do {
            return try ECPublicKey(serialized: bytes)
        } catch {
            throw OMEMOError(.badKey, "<\(element.name)/> must be a public key: 33 bytes, the first 5.")
        }
    }

    static func text(_ bytes: [UInt8]) -> String { Base64.encode(bytes) }
}
