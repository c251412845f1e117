import Foundation
import Glibc

/// Writing to the two standard streams, with the failure of a write noticed.
enum Output {
    /// Throws `CommandFailure` (74) when not all was written: a full disk, a closed pipe.
    static func standardOutput(_ text: String) throws(CommandFailure) {
        guard write(text, to: STDOUT_FILENO) else {
            throw CommandFailure(.io, "standard output could not be written: \(String(cString: strerror(errno)))")
        }
    }

    /// Messages beside the result. If they cannot be written there is nobody to tell.
    static func standardError(_ text: String) { _ = write(text, to: STDERR_FILENO) }

    private static func write(_ text: String, to descriptor: Int32) -> Bool {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// A value as JSON with sorted keys. Nothing in it acts on a terminal.
    static func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        return harmless(json: String(decoding: try encoder.encode(value), as: UTF8.self)) + "\n"
    }

    /// A value as JSON on one line, with sorted keys. Nothing in it acts on a terminal.
    static func jsonLine(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return harmless(json: String(decoding: try encoder.encode(value), as: UTF8.self)) + "\n"
    }

    /// The same JSON with what a terminal obeys or hides as `\uXXXX`: the encoder escapes C0 only. Of words of
    /// others, U+009B would begin a control sequence, and a bidi override turn the line round.
    static func harmless(json: String) -> String {
        guard json.unicodeScalars.contains(where: acts) else { return json }
        // All of these stand within strings only, where JSON allows their escaped form.
        return json.unicodeScalars.reduce(into: "") { result, scalar in
            guard acts(scalar) else { return result.unicodeScalars.append(scalar) }
            for unit in String(scalar).utf16 {
                let digits = String(unit, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }
        }
    }

    /// DEL and C1, separators of lines and paragraphs, and what is not seen: bidi controls, fillers, tags, BOM.
    /// Joiners and selectors of emoji stay: they are how words are written.
    private static func acts(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x00...0x7E, 0xA0...0xAC, 0xAE...0x2FF, 0x621...0x64A, 0x200C, 0x200D, 0xFE0E, 0xFE0F: return false
        case 0x7F...0x9F, 0x2028, 0x2029: return true
        default:
            let properties = scalar.properties
            return properties.isBidiControl || properties.isDefaultIgnorableCodePoint
        }
    }
}
