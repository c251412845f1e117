import Foundation
import Testing

@testable import OMEMO

@Suite struct Base64Tests {
    /// RFC 4648 §10.
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ])
    func vectors(plain: String, encoded: String) {
        #expect(Base64.encode(Array(plain.utf8)) == encoded)
        #expect(Base64.decode(encoded) == Array(plain.utf8))
    }

    @Test func everyLengthAsFoundationHasIt() {
        for count in 0...130 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 151 + count) }
            let text = Data(bytes).base64EncodedString()
            #expect(Base64.encode(bytes) == text)
            #expect(Base64.decode(text) == bytes)
        }
    }

    @Test func whiteSpaceIsPassedOver() {
        #expect(Base64.decode(" Zm9v\r\nYm\tE\u{0b}=\u{0c}\n") == Array("fooba".utf8))
    }

    @Test(arguments: [
        "=", "==", "====", "Z", "Zg", "Zg=", "Zg===", "Zm8", "Zm9v=", "Zg==Zg==", "Zm=v", "=Zm9", "Zm9v Yg",
        "Zm-v", "Zm_v", "Zm9vé", "Zm9v\u{0}", "Zm9v\u{1F600}",
    ])
    func anythingElseIsRefused(text: String) {
        #expect(Base64.decode(text) == nil)
    }
}
