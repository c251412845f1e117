import Foundation
import Testing

@testable import sila

/// Photos lose what the camera wrote, and stay the same picture.
@Suite struct ImageCleanerTests {
    private static func segment(_ marker: UInt8, _ body: [UInt8]) -> [UInt8] {
        [0xff, marker, UInt8((body.count + 2) >> 8), UInt8((body.count + 2) & 255)] + body
    }

    /// A little-endian Exif with an orientation and a place.
    private static func exif(_ orientation: UInt8) -> [UInt8] {
        Array("Exif\0\0".utf8) + [0x49, 0x49, 42, 0, 8, 0, 0, 0, 2, 0]
            + [0x12, 0x01, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0]
            + [0x25, 0x88, 4, 0, 1, 0, 0, 0, 99, 0, 0, 0] + Array("51.9244N 4.4777E".utf8)
    }

    private static let scan: [UInt8] = segment(0xda, [1, 1, 0, 0, 63, 0]) + [1, 2, 0xff, 0x00, 3, 0xff, 0xd9]

    @Test func aPhotoLosesItsPlaceAndKeepsWhichWayIsUp() throws {
        let tables = Self.segment(0xdb, [UInt8](repeating: 1, count: 65))
        let photo =
            [0xff, 0xd8] + Self.segment(0xe0, Array("JFIF\0".utf8) + [1, 1, 0, 0, 1, 0, 1, 0, 0])
            + Self.segment(0xe1, Self.exif(6)) + Self.segment(0xe1, Array("http://ns.adobe.com/xap/1.0/\0<x/>".utf8))
            + Self.segment(0xed, Array("Photoshop 3.0".utf8)) + Self.segment(0xfe, Array("made by Amina".utf8))
            + tables + Self.scan + Array("a video behind the photo".utf8)
        guard case .cleaned(let clean) = ImageCleaner.clean(Data(photo)) else {
            Issue.record("it is a photo")
            return
        }
        for gone in ["51.9244N", "adobe", "Photoshop", "Amina", "video"] {
            #expect(clean.range(of: Data(gone.utf8)) == nil, "\(gone)")
        }
        #expect(clean.range(of: Data(tables)) != nil && clean.suffix(Self.scan.count) == Data(Self.scan))
        #expect(clean.range(of: Data([0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6])) != nil, "turned as it was")
        #expect(ImageCleaner.clean(clean) == .cleaned(clean), "cleaned twice it is the same")
    }

    /// A photo that builds up has several scans, and what stands between them is cleaned too. Found by fuzzing: an end
    /// was seen within the header of a scan.
    @Test func aPhotoOfSeveralScansIsCleanedToItsEnd() throws {
        let scans = [
            Self.segment(0xda, [1, 1, 0xff, 0xd9, 63, 0]) + [1, 0xff, 0x00, 2, 0xff, 0xd3, 3],
            Self.segment(0xc4, [UInt8](repeating: 2, count: 20)), Self.segment(0xda, [1, 1, 0, 0, 63, 0]) + [4, 5],
        ]
        let photo =
            [0xff, 0xd8] + scans[0] + Self.segment(0xfe, Array("made by Amina".utf8)) + scans[1]
            + Self.segment(0xe1, Self.exif(1)) + scans[2] + [0xff, 0xd9]
        #expect(ImageCleaner.clean(Data(photo)) == .cleaned(Data([0xff, 0xd8] + scans.joined() + [0xff, 0xd9])))
    }

    @Test func aPNGLosesItsTexts() {
        func chunk(_ kind: String, _ body: [UInt8]) -> [UInt8] {
            [0, 0, 0, UInt8(body.count)] + Array(kind.utf8) + body + [0, 0, 0, 0]
        }
        let head: [UInt8] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
        let kept = [chunk("IHDR", [1]), chunk("IDAT", [2, 3]), chunk("IEND", [])]
        let whole = head + kept[0] + chunk("tEXt", Array("Author Amina".utf8)) + chunk("eXIf", [9]) + kept[1] + kept[2]
        #expect(ImageCleaner.clean(Data(whole)) == .cleaned(Data(head + kept.joined())))
    }

    @Test func damagedAndOtherFilesAreLeftAlone() {
        let photo = [0xff, 0xd8] + Self.segment(0xe1, Self.exif(1)) + Self.scan
        for count in 0..<photo.count - 1 {
            #expect(ImageCleaner.clean(Data(photo.prefix(count))) == .notAnImage)
        }
        #expect(ImageCleaner.clean(Data("%PDF-1.7".utf8)) == .notAnImage)
    }
}
