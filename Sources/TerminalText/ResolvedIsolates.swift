/// The isolates of a paragraph with the direction of each FSI found: the continuation of an Arabic paragraph
/// may begin with a Latin word, and FSI would turn that line around.
struct ResolvedIsolates {
    /// The starts of isolates in their order: LRI and RLI; FSI where nothing within has a direction.
    let starts: [Unicode.Scalar]
    /// Whether the whole paragraph is one isolate.
    let encloseAll: Bool
    /// What the paragraph is to be enclosed in if it is not.
    let enclosing: Unicode.Scalar

    init(_ paragraph: String) {
        var starts: [Unicode.Scalar] = []
        /// Indices in `starts` of those that are open.
        var open: [Int] = []
        var outside: Direction?
        var length = 0
        var endOfFirst: Int?
        for scalar in paragraph.unicodeScalars {
            length += 1
            if scalar == Isolates.pop {
                if open.popLast() == 0, endOfFirst == nil { endOfFirst = length }
            } else if Isolates.contains(scalar) {
                open.append(starts.count)
                starts.append(scalar)
            } else if let index = open.last {
                // UAX #9, X5c with P2: the first strong letter that is not in an isolate within.
                if starts[index] == Isolates.firstStrong, let direction = Direction(of: scalar) {
                    starts[index] = Self.start(of: direction)
                }
            } else if outside == nil {
                outside = Direction(of: scalar)
            }
        }
        self.starts = starts
        let startsWithIsolate = paragraph.unicodeScalars.first.map { Isolates.contains($0) && $0 != Isolates.pop }
        encloseAll = startsWithIsolate == true && endOfFirst == length
        enclosing = outside.map(Self.start(of:)) ?? Isolates.firstStrong
    }

    private static func start(of direction: Direction) -> Unicode.Scalar {
        direction == .leftToRight ? Isolates.leftToRight : Isolates.rightToLeft
    }
}
