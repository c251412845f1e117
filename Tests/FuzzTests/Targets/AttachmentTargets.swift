import Foundation
import Messaging
import XMPP

@testable import XMPPChannel

#if FUZZING
    @testable import LinkedSources
#else
    @testable import sila
#endif

/// Addresses of files that contacts send: the text of a message, a zero byte, an address out of band.
enum AttachmentLinkTarget: FuzzTarget {
    static let name = "attachment-link"
    static let longest = 3000
    static let dictionary: String? = "attachment"

    static func run(_ input: [UInt8]) throws {
        let parts = input.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
        let body = String(decoding: parts[0], as: UTF8.self)
        if let attachment = AttachmentLink.encrypted(in: body) {
            try check(attachment)
            try promise(attachment.secret != nil, "an encrypted file without its key")
        }
        guard parts.count == 2 else { return }
        var stanza = Element("message", Namespace.client)
        let url = Element("url", Namespace.outOfBand, text: String(decoding: parts[1], as: UTF8.self))
        stanza.append(Element("x", Namespace.outOfBand, children: [url]))
        guard let (attachment, words) = AttachmentLink.outOfBand(in: stanza, body: body) else { return }
        try check(attachment)
        try promise(attachment.secret == nil, "a key out of nowhere")
        try promise(words.isEmpty || words == body, "words that nobody wrote")
    }

    /// What the bridge goes and fetches.
    static func check(_ attachment: IncomingAttachment) throws {
        let url = attachment.url
        try promise(url.hasPrefix("https://") && url.utf8.count <= AttachmentLink.limit + 8, "no address of HTTPS")
        // The key stands behind the number sign, and no server may see it.
        try promise(url.utf8.allSatisfy { (0x21...0x7e).contains($0) && $0 != 0x23 }, "an address with other signs")
        let authority = url.dropFirst("https://".count).prefix { $0 != "/" && $0 != "?" }
        try promise(!authority.isEmpty && !authority.contains("@"), "an address that hides where it leads")
        let name = attachment.name.unicodeScalars
        try promise(name.allSatisfy { $0.value >= 0x20 && $0.value != 0x7f && $0 != "/" }, "a name that is a path")
        try promise(attachment.name.count <= IncomingAttachment.nameLimit, "a name that is too long")
    }
}

/// Photos that staff send: what the camera wrote goes, and the picture stays.
enum PhotoTarget: FuzzTarget {
    static let name = "photo"
    static let dictionary: String? = "photo"

    private static func segment(_ marker: UInt8, _ body: [UInt8]) -> [UInt8] {
        [0xff, marker, UInt8((body.count + 2) >> 8), UInt8((body.count + 2) & 255)] + body
    }

    private static func chunk(_ kind: String, _ body: [UInt8]) -> [UInt8] {
        [0, 0, 0, UInt8(body.count)] + Array(kind.utf8) + body + [0, 0, 0, 0]
    }

    static func seeds() -> [[UInt8]] {
        let little: [UInt8] =
            Array("Exif\0\0II".utf8) + [42, 0, 8, 0, 0, 0, 2, 0, 0x12, 0x01, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0]
            + [0x25, 0x88, 4, 0, 1, 0, 0, 0, 99, 0, 0, 0]
        let big: [UInt8] =
            Array("Exif\0\0MM".utf8) + [0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 8, 0, 0]
        let scan = segment(0xda, [1, 1, 0, 0, 63, 0]) + [1, 2, 0xff, 0x00, 3, 0xff, 0xd9]
        let start: [UInt8] = [0xff, 0xd8]
        let jfif = segment(0xe0, Array("JFIF\0".utf8) + [1, 1, 0, 0, 1, 0, 1, 0, 0])
        return [
            start + jfif + segment(0xe1, little) + segment(0xdb, [UInt8](repeating: 1, count: 65)) + scan,
            start + segment(0xe1, big) + segment(0xfe, Array("made by Amina".utf8)) + [0xff] + scan + [1, 2, 3],
            start + segment(0xe2, Array("ICC_PROFILE\0".utf8)) + segment(0xee, Array("Adobe".utf8)) + scan,
            [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] + chunk("IHDR", [1])
                + chunk("tEXt", Array("Author Amina".utf8)) + chunk("eXIf", [9]) + chunk("IDAT", [2, 3])
                + chunk("IEND", []) + [4],
        ]
    }

    static func run(_ input: [UInt8]) throws {
        guard case .cleaned(let cleaned) = ImageCleaner.clean(Data(input)) else { return }
        try promise(cleaned.count <= input.count + 36, "a photo has grown by more than which way is up")
        try promise(ImageCleaner.clean(cleaned) == .cleaned(cleaned), "cleaned twice it is another photo")
        // Of a JPEG all up to its first scan: what stands in the picture may look like anything.
        let bytes = [UInt8](cleaned)
        let isPNG = bytes.starts(with: [0x89])
        let kinds = isPNG ? pngChunks(bytes) : jpegMarkers(bytes)
        let gone: Set<[UInt8]> =
            isPNG
            ? Set(["eXIf", "tEXt", "zTXt", "iTXt", "tIME"].map { Array($0.utf8) }) : [[0xed], [0xfe], [0xe3]]
        try promise(gone.isDisjoint(with: kinds), "a note of the camera is left")
    }

    private static func pngChunks(_ bytes: [UInt8]) -> Set<[UInt8]> {
        var kinds: Set<[UInt8]> = []
        var place = 8
        while place + 12 <= bytes.count {
            kinds.insert(Array(bytes[place + 4..<place + 8]))
            place += 12 + bytes[place..<place + 4].reduce(0) { $0 << 8 | Int($1) }
        }
        return kinds
    }

    private static func jpegMarkers(_ bytes: [UInt8]) -> Set<[UInt8]> {
        var markers: Set<[UInt8]> = []
        var place = 2
        while place + 4 <= bytes.count, bytes[place + 1] != 0xda {
            markers.insert([bytes[place + 1]])
            place += 2 + Int(bytes[place + 2]) << 8 + Int(bytes[place + 3])
        }
        return markers
    }
}
