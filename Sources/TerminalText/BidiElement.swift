/// What the algorithm moves as one: a scalar with the marks on it, an emoji, or an isolate with all within.
struct BidiElement {
    /// What the algorithm sees.
    let base: Unicode.Scalar
    /// What follows the base, wherever it is put.
    private(set) var rest: [Unicode.Scalar] = []
    /// Whether only `rest` is shown.
    private(set) var hidesBase = false

    /// A scalar on its own.
    init(_ base: Unicode.Scalar, rest: [Unicode.Scalar] = []) {
        self.base = base
        self.rest = rest
    }

    /// An isolate: to the text around it a neutral object (UAX #9, 3.3.2 BD9 and X5a to X6a).
    init(isolate visual: [Unicode.Scalar]) {
        base = "\u{FFFC}"
        rest = visual
        hidesBase = true
    }

    /// The elements of a line in their order; each isolate control is one, other bidi controls are left out.
    static func forEach(of line: String, _ body: (BidiElement) -> Void) {
        for cluster in line {
            let scalars = cluster.unicodeScalars
            guard let first = scalars.first else { continue }
            if ForeignScalar.isPictographic(first) {
                body(BidiElement(first, rest: Array(scalars.dropFirst())))
                continue
            }
            var element: BidiElement?
            for scalar in scalars where Isolates.contains(scalar) || !scalar.properties.isBidiControl {
                let kind = ForeignScalar.Kind(scalar)
                if element != nil, kind == .mark || kind == .emojiSelector {
                    element?.rest.append(scalar)
                    continue
                }
                if let element { body(element) }
                element = BidiElement(scalar)
                // A joiner is on its own: it decides the forms of the letters beside it.
                if kind == .joiner {
                    body(BidiElement(scalar))
                    element = nil
                }
            }
            if let element { body(element) }
        }
    }
}
