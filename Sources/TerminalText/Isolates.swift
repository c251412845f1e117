/// The isolates of the bidirectional algorithm (UAX #9, 2.4): text within does not move the text around it.
enum Isolates {
    static let leftToRight: Unicode.Scalar = "\u{2066}"
    static let rightToLeft: Unicode.Scalar = "\u{2067}"
    static let firstStrong: Unicode.Scalar = "\u{2068}"
    static let pop: Unicode.Scalar = "\u{2069}"

    static func contains(_ scalar: Unicode.Scalar) -> Bool { (0x2066...0x2069).contains(scalar.value) }
}

/// Keeps the isolates of a line balanced while it is cut.
struct IsolateStack {
    /// Deeper ones are left out, so that closing and reopening them costs a bounded number of scalars.
    /// What this module makes is two deep.
    static let deepest = 16

    private let most: Int
    private(set) var open: [Unicode.Scalar] = []
    private var leftOut = 0

    init(deepest: Int = IsolateStack.deepest) { most = deepest }

    /// Returns whether the isolate control belongs in the output: a pop without its start does not.
    mutating func accepts(_ control: Unicode.Scalar) -> Bool {
        if control != Isolates.pop {
            guard open.count < most else {
                leftOut += 1
                return false
            }
            open.append(control)
            return true
        }
        if leftOut > 0 {
            leftOut -= 1
            return false
        }
        return open.popLast() != nil
    }

    /// What closes all that is open.
    var closing: String { String(repeating: "\u{2069}", count: open.count) }

    /// What opens the same isolates again on the next line.
    var reopening: String {
        var scalars = String.UnicodeScalarView()
        scalars.append(contentsOf: open)
        return String(scalars)
    }
}
