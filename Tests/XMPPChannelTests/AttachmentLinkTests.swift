import Messaging
import Testing
import XMPP

@testable import XMPPChannel

/// What is read as an attachment, and what stays words of the person.
@Suite struct AttachmentLinkTests {
    static let key = String(repeating: "0f", count: 32)
    static let nonce = String(repeating: "a1", count: 12)
    static let fragment = nonce + key

    @Test func anEncryptedFileIsRead() throws {
        let found = try #require(
            AttachmentLink.encrypted(
                in: "aesgcm://upload.example.org:5281/file/x7/V%C3%A9lo%20rouge.JPG#\(Self.fragment)"))
        #expect(found.url == "https://upload.example.org:5281/file/x7/V%C3%A9lo%20rouge.JPG")
        #expect(found.name == "Vélo rouge.JPG")
        #expect(found.kind == .photo)
        #expect(found.secret?.nonce == [UInt8](repeating: 0xa1, count: 12))
        #expect(found.secret?.key == [UInt8](repeating: 0x0f, count: 32))
        #expect("\(found)" == "<attachment: photo>")
    }

    @Test func anOldNonceOf16BytesIsTaken() {
        let old = String(repeating: "b2", count: 16) + Self.key
        #expect(AttachmentLink.encrypted(in: "aesgcm://h.example/a.m4a#\(old)")?.secret?.nonce.count == 16)
    }

    @Test(arguments: [
        "\n", "\ndata:image/jpeg,%FF%D8", "\n\ndata:image/jpeg;base64,/9j/4AAQ", "\ndata:image/jpeg,a\n",
    ])
    func aThumbnailMayFollow(rest: String) {
        #expect(AttachmentLink.encrypted(in: "aesgcm://h.example/a.jpg#\(Self.fragment)" + rest) != nil)
    }

    static let refused: [(name: String, body: String)] = [
        ("no fragment", "aesgcm://h.example/a.jpg"),
        ("empty fragment", "aesgcm://h.example/a.jpg#"),
        ("a short key", "aesgcm://h.example/a.jpg#\(nonce)\(key.dropLast(2))"),
        ("a nonce of 13 bytes", "aesgcm://h.example/a.jpg#\(nonce)ff\(key)"),
        ("half a byte", "aesgcm://h.example/a.jpg#\(fragment.dropLast())"),
        ("no hexadecimal digits", "aesgcm://h.example/a.jpg#\(fragment.dropLast(2))zz"),
        ("full-width digits", "aesgcm://h.example/a.jpg#\(fragment.dropLast())１"),
        ("two fragments", "aesgcm://h.example/a.jpg#\(fragment)#\(fragment)"),
        ("words before it", "look: aesgcm://h.example/a.jpg#\(fragment)"),
        ("words after it", "aesgcm://h.example/a.jpg#\(fragment) nice?"),
        ("words on the next line", "aesgcm://h.example/a.jpg#\(fragment)\nnice?"),
        ("another scheme", "https://h.example/a.jpg#\(fragment)"),
        ("no host", "aesgcm:///a.jpg#\(fragment)"),
        ("no path", "aesgcm://h.example#\(fragment)"),
        ("no file", "aesgcm://h.example/#\(fragment)"),
        ("a user name", "aesgcm://u:p@h.example/a.jpg#\(fragment)"),
        ("a port that is none", "aesgcm://h.example:99999/a.jpg#\(fragment)"),
        ("port 0", "aesgcm://h.example:0/a.jpg#\(fragment)"),
        ("a space in the host", "aesgcm://h example/a.jpg#\(fragment)"),
        ("a backslash", "aesgcm://h.example\\evil/a.jpg#\(fragment)"),
        ("letters of others in the host", "aesgcm://hé.example/a.jpg#\(fragment)"),
        ("a carriage return", "aesgcm://h.example/a.jpg\r\nHost: x#\(fragment)"),
        ("too long", "aesgcm://h.example/\(String(repeating: "a", count: 2100)).jpg#\(fragment)"),
        ("empty", ""),
    ]

    @Test(arguments: refused.map(\.name)) func staysWords(name: String) throws {
        let body = try #require(Self.refused.first { $0.name == name }).body
        #expect(AttachmentLink.encrypted(in: body) == nil)
    }

    @Test(arguments: [
        ("a.ogg", AttachmentKind.voice), ("a.m4a", .voice), ("A.OPUS", .voice), ("a.png", .photo), ("a.mp4", .video),
        ("a.pdf", .document), ("a", .document), ("ogg", .document), ("a.tar.gz", .document),
    ])
    func theKindStandsInTheEnding(name: String, kind: AttachmentKind) {
        #expect(AttachmentLink.encrypted(in: "aesgcm://h.example/\(name)#\(Self.fragment)")?.kind == kind)
    }

    @Test(arguments: [
        ("a%2Fb.jpg", "a%2Fb.jpg"), ("%E0%80.jpg", "%E0%80.jpg"), ("a%1b.jpg", "a%1b.jpg"), ("%zz.jpg", "%zz.jpg"),
    ])
    func aHostileNameStandsAsItCame(path: String, name: String) {
        #expect(AttachmentLink.encrypted(in: "aesgcm://h.example/\(path)#\(Self.fragment)")?.name == name)
    }

    @Test func anUnencryptedFileStandsOutOfBand() throws {
        func stanza(_ url: String) -> Element {
            Element(
                "message", Namespace.client,
                children: [
                    Element("x", Namespace.outOfBand, children: [Element("url", Namespace.outOfBand, text: url)])
                ])
        }
        let url = "https://upload.example.org/x/photo.jpg"
        let alone = try #require(AttachmentLink.outOfBand(in: stanza(url), body: url))
        #expect(alone.words == "" && alone.attachment.secret == nil && alone.attachment.kind == .photo)
        #expect(AttachmentLink.outOfBand(in: stanza(url), body: "my house")?.words == "my house")
        for other in ["http://upload.example.org/a.jpg", "file:///etc/passwd", "ftp://h/a", "https://", "javascript:x"]
        {
            #expect(AttachmentLink.outOfBand(in: stanza(other), body: other) == nil, "\(other)")
        }
        #expect(AttachmentLink.outOfBand(in: Element("message", Namespace.client), body: url) == nil)
    }

    /// Whatever comes, it ends with an answer.
    @Test func noisesAreWords() {
        var generator = SystemRandomNumberGenerator()
        let pieces = [
            "aesgcm://", "#", "/", Self.fragment, "%", "\n", "data:", ":", "@", "[", "]", "é", "a.jpg", "\u{0}",
        ]
        for _ in 0..<20_000 {
            let body = (0..<Int.random(in: 0..<9, using: &generator)).map { _ in pieces.randomElement() ?? "" }.joined()
            if let found = AttachmentLink.encrypted(in: body) {
                #expect(found.url.hasPrefix("https://") && !found.url.contains("#"))
            }
        }
    }
}
