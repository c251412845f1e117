/// The modules of a QR code.
public struct QRModules: Sendable, Equatable {
    /// Light modules around it (ISO/IEC 18004 §6.3.8).
    static let quietZone = 4

    /// A side, without the quiet zone.
    public let width: Int
    /// Row by row.
    public let dark: [Bool]

    /// `nil` unless there are `width` × `width` modules.
    public init?(width: Int, dark: [Bool]) {
        guard width > 0, dark.count == width * width else { return nil }
        self.width = width
        self.dark = dark
    }

    /// The runs of dark modules of a row: where each begins, and how long it is.
    func runs(_ row: Int) -> [(start: Int, length: Int)] {
        var runs: [(start: Int, length: Int)] = []
        for column in 0..<width where dark[row * width + column] {
            if let last = runs.last, last.start + last.length == column {
                runs[runs.count - 1].length += 1
            } else {
                runs.append((column, 1))
            }
        }
        return runs
    }
}
