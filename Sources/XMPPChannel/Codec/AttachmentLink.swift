import Messaging
import XMPP

/// Reads the address of an attachment out of a message. Pure: it looks at text and nothing else.
enum AttachmentLink {
    /// Bytes of an address at most: some browsers and servers take no more.
    static let limit = 2048

    /// An encrypted attachment: a body that is one `aesgcm:` address (XEP-0454 §3), with nothing after it but
    /// an empty line or a thumbnail as a `data:` address on lines of its own.
    ///
    /// - Returns: `nil` for any other text, also for one that only resembles it: that is kept as words, and
    ///   staff see it.
    static func encrypted(in body: String) -> IncomingAttachment? {
        let lines = body.split(separator: "\n", omittingEmptySubsequences: false)
        guard let first = lines.first, lines.dropFirst().allSatisfy({ $0.isEmpty || $0.hasPrefix("data:") }) else {
            return nil
        }
        let scheme = "aesgcm://"
        guard first.utf8.count <= limit, first.prefix(scheme.count).lowercased() == scheme else { return nil }
        let parts = first.dropFirst(scheme.count).split(separator: "#", omittingEmptySubsequences: false)
        guard parts.count == 2, let bytes = hexadecimal(parts[1]),
            let secret = AttachmentSecret(
                key: Array(bytes.suffix(AttachmentSecret.keyCount)),
                nonce: Array(bytes.dropLast(AttachmentSecret.keyCount)))
        else { return nil }
        return attachment(parts[0], secret)
    }

    /// An attachment without encryption: an `https:` address out of band (XEP-0066 §3).
    ///
    /// - Returns: it, and the words beside it: none when they are the same address again, as most apps write.
    static func outOfBand(in stanza: Element, body: String) -> (attachment: IncomingAttachment, words: String)? {
        guard let url = stanza.first("x", Namespace.outOfBand)?.first("url", Namespace.outOfBand)?.text else {
            return nil
        }
        let scheme = "https://"
        guard url.utf8.count <= limit, url.prefix(scheme.count).lowercased() == scheme else { return nil }
        // What stands behind a number sign never goes to a server.
        let address = url.dropFirst(scheme.count).prefix { $0 != "#" }
        return attachment(address, nil).map { ($0, body == url ? "" : body) }
    }

    /// - Parameter address: host, port and path, without scheme and fragment.
    private static func attachment(_ address: Substring, _ secret: AttachmentSecret?) -> IncomingAttachment? {
        // RFC 3986 §2: no space, no control character, nothing that programs read in different ways.
        let isPlain: (UInt8) -> Bool = { (0x21...0x7e).contains($0) && !#""<>\^`{|}"#.utf8.contains($0) }
        guard address.utf8.allSatisfy(isPlain), let slash = address.firstIndex(of: "/") else { return nil }
        guard isAuthority(address[..<slash]) else { return nil }
        let path = address[slash...].prefix { $0 != "?" }
        let last = path.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
        guard !last.isEmpty else { return nil }
        let name = decoded(last)
        return IncomingAttachment(
            url: "https://" + address, name: name, kind: AttachmentKind(fileName: name), secret: secret)
    }

    /// A host and a port; no user name, which could hide where an address leads (RFC 3986 §3.2).
    private static func isAuthority(_ text: Substring) -> Bool {
        var host = text
        if let colon = text.lastIndex(of: ":"), !text.hasSuffix("]") {
            guard let port = UInt16(text[text.index(after: colon)...]), port > 0 else { return false }
            host = text[..<colon]
        }
        if host.hasPrefix("["), host.hasSuffix("]") {
            return host.dropFirst().dropLast().utf8.allSatisfy { isHexadecimal($0) || $0 == 0x3a || $0 == 0x2e }
        }
        return !host.isEmpty && !host.hasPrefix(".") && !host.hasPrefix("-")
            && host.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x41...0x5a).contains($0) || (0x61...0x7a).contains($0) || $0 == 0x2d
                    || $0 == 0x2e
            }
    }

    /// A name without its percent escapes; as it stands when they are broken, or hide a control character or a
    /// slash.
    private static func decoded(_ name: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Substring(name).utf8
        while let byte = rest.popFirst() {
            guard byte == 0x25 else {
                bytes.append(byte)
                continue
            }
            guard let pair = hexadecimal(Substring(decoding: rest.prefix(2), as: UTF8.self)), pair.count == 1 else {
                return String(name)
            }
            rest = rest.dropFirst(2)
            bytes += pair
        }
        guard let text = String(validating: bytes, as: UTF8.self),
            text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7f && $0 != "/" })
        else { return String(name) }
        return text
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x46).contains(byte) || (0x61...0x66).contains(byte)
    }

    /// `nil` unless it is pairs of digits and nothing else.
    private static func hexadecimal(_ text: Substring) -> [UInt8]? {
        let digits = Array(text.utf8)
        guard digits.count.isMultiple(of: 2), digits.allSatisfy(isHexadecimal) else { return nil }
        func value(_ digit: UInt8) -> UInt8 { digit <= 0x39 ? digit - 0x30 : (digit | 0x20) - 0x61 + 10 }
        return stride(from: 0, to: digits.count, by: 2).map { value(digits[$0]) << 4 | value(digits[$0 + 1]) }
    }
}
