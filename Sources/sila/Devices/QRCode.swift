internal import CQREncode
import InvitationCard

/// A QR code for a terminal: two modules a character, in half blocks, with the quiet zone that a camera needs.
struct QRCode {
    /// Light modules around it (ISO/IEC 18004 §6.3.8).
    private static let quietZone = 4

    /// Modules a side.
    let width: Int
    private let dark: [Bool]

    /// - Parameter text: ASCII without NUL. `nil` when it does not fit into a code: about 2,300 bytes.
    init?(_ text: String) {
        guard text.utf8.allSatisfy({ (1...0x7F).contains($0) }), let code = Self.encode(text) else { return nil }
        defer { QRcode_free(code) }
        let width = Int(code.pointee.width)
        guard width > 0, let data = code.pointee.data else { return nil }
        self.width = width
        // The lowest bit of each byte is the module: 1 is dark.
        dark = UnsafeBufferPointer(start: data, count: width * width).map { $0 & 1 == 1 }
    }

    private static func encode(_ text: String) -> UnsafeMutablePointer<CQREncode.QRcode>? {
        text.withCString { QRcode_encodeString($0, 0, QR_ECLEVEL_M, QR_MODE_8, 1) }
    }

    /// Whether a module is dark; outside of it is light.
    func isDark(_ column: Int, _ row: Int) -> Bool {
        guard (0..<width).contains(column), (0..<width).contains(row) else { return false }
        return dark[row * width + column]
    }

    /// For paper and pictures.
    var modules: QRModules? { QRModules(width: width, dark: dark) }

    /// Lines of a terminal. Light modules are drawn, dark ones left out: on a dark terminal it is a code as printed,
    /// and most apps read it turned on a light one too.
    var lines: [String] {
        let range = -Self.quietZone..<width + Self.quietZone
        return stride(from: range.lowerBound, to: range.upperBound, by: 2).map { row in
            String(
                range.map { column -> Character in
                    switch (isDark(column, row), isDark(column, row + 1)) {
                    case (false, false): "█"
                    case (false, true): "▀"
                    case (true, false): "▄"
                    case (true, true): " "
                    }
                })
        }
    }
}
