import Foundation

/// Takes out of a photo what is not the picture: place, time, device, names of programs, thumbnails. Which way up it
/// is stays. Nothing is compressed anew.
enum ImageCleaner {
    enum Outcome: Equatable {
        case cleaned(Data)
        /// No JPEG and no PNG, or one that is damaged.
        case notAnImage
    }

    static func clean(_ data: Data) -> Outcome {
        let bytes = [UInt8](data)
        if let jpeg = jpeg(bytes) ?? png(bytes) { return .cleaned(Data(jpeg)) }
        return .notAnImage
    }

    // MARK: JPEG (ITU T.81, annex B)

    private static func jpeg(_ bytes: [UInt8]) -> [UInt8]? {
        guard bytes.count > 4, bytes[0] == 0xff, bytes[1] == 0xd8 else { return nil }
        var result: [UInt8] = [0xff, 0xd8]
        var place = 2
        var hasPicture = false
        while place + 2 <= bytes.count {
            guard bytes[place] == 0xff else { return nil }
            let marker = bytes[place + 1]
            if marker == 0xff {
                place += 1
                continue
            }
            // What stands behind the end is dropped.
            if marker == 0xd9 { return hasPicture ? result + [0xff, 0xd9] : nil }
            guard place + 4 <= bytes.count else { return nil }
            let length = Int(bytes[place + 2]) << 8 | Int(bytes[place + 3])
            guard length >= 2, place + 2 + length <= bytes.count else { return nil }
            let segment = bytes[place..<(place + 2 + length)]
            switch marker {
            case 0xda:
                // A scan; a photo that builds up has several, and there may be notes between them as well.
                let end = endOfScan(bytes, from: place + 2 + length)
                result += bytes[place..<end]
                place = end
                hasPicture = true
                continue
            case 0xe1:
                if let orientation = orientation(Array(segment.dropFirst(4))), orientation > 1 {
                    result += exif(orientation)
                }
            // JFIF, colour profile, and Adobe's note on colours are needed to show it; other notes are not.
            case 0xe0 where segment.dropFirst(4).starts(with: Array("JFIF\0".utf8)),
                0xe2 where segment.dropFirst(4).starts(with: Array("ICC_PROFILE\0".utf8)), 0xee:
                result += segment
            case 0xe0...0xef, 0xfe: break
            default: result += segment
            }
            place += 2 + length
        }
        return nil
    }

    /// Where the next marker stands. Within a scan 0xff is followed by a zero, or by the number of a restart (B.1.1.5).
    private static func endOfScan(_ bytes: [UInt8], from start: Int) -> Int {
        var place = start
        while place + 1 < bytes.count {
            let next = bytes[place + 1]
            if bytes[place] == 0xff, next != 0, !(0xd0...0xd7).contains(next) { return place }
            place += 1
        }
        return bytes.count
    }

    /// Which way up, 1 to 8 (Exif 2.32, tag 0x0112).
    private static func orientation(_ segment: [UInt8]) -> UInt8? {
        guard segment.count > 14, segment.starts(with: Array("Exif\0\0".utf8)) else { return nil }
        let tiff = Array(segment.dropFirst(6))
        let isLittle = tiff[0] == 0x49
        func number(_ place: Int, _ count: Int) -> Int? {
            guard place >= 0, place + count <= tiff.count else { return nil }
            let field = tiff[place..<(place + count)]
            return (isLittle ? Array(field.reversed()) : Array(field)).reduce(0) { $0 << 8 | Int($1) }
        }
        guard let start = number(4, 4), let count = number(start, 2) else { return nil }
        for index in 0..<min(count, 512) {
            let entry = start + 2 + index * 12
            guard number(entry, 2) == 0x0112 else { continue }
            return number(entry + 8, 2).flatMap { (1...8).contains($0) ? UInt8($0) : nil }
        }
        return nil
    }

    /// A segment that says nothing but that.
    private static func exif(_ orientation: UInt8) -> [UInt8] {
        let tiff: [UInt8] = [
            0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0,
        ]
        let body = Array("Exif\0\0".utf8) + tiff
        return [0xff, 0xe1, 0, UInt8(body.count + 2)] + body
    }

    // MARK: PNG (ISO/IEC 15948 §5)

    private static func png(_ bytes: [UInt8]) -> [UInt8]? {
        let signature: [UInt8] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
        guard bytes.starts(with: signature) else { return nil }
        var result = signature
        var place = signature.count
        while place + 12 <= bytes.count {
            let length = bytes[place..<(place + 4)].reduce(0) { $0 << 8 | Int($1) }
            guard place + 12 + length <= bytes.count else { return nil }
            let kind = String(decoding: bytes[(place + 4)..<(place + 8)], as: UTF8.self)
            if !["eXIf", "tEXt", "zTXt", "iTXt", "tIME"].contains(kind) {
                result += bytes[place..<(place + 12 + length)]
            }
            if kind == "IEND" { return result }
            place += 12 + length
        }
        return nil
    }
}
