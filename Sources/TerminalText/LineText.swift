/// The text of a line, of anybody's making, before it is laid out.
enum LineText {
    /// Leaves out what has no place within a line: controls, separators of lines, isolates that close nothing or
    /// lie too deep (or all of them). It is done before grapheme clusters are told apart: two scalars may become
    /// one cluster, and wider, when what stood between them goes.
    static func cleaned(_ text: String, keepsIsolates: Bool) -> String {
        guard text.unicodeScalars.contains(where: isSuspect) else { return text }
        // One level is left for the isolate that encloses all.
        var isolates = IsolateStack(deepest: IsolateStack.deepest - 1)
        var output = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if !isSuspect(scalar) {
                output.append(scalar)
            } else if Isolates.contains(scalar), keepsIsolates, isolates.accepts(scalar) {
                output.append(scalar)
            }
        }
        return String(output)
    }

    private static func isSuspect(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F...0x9F, 0x2028, 0x2029, 0x2066...0x2069: true
        default: false
        }
    }
}
