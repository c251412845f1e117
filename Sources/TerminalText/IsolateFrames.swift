/// Puts each isolate of a line in order by itself and hands it to the text around it as one neutral object.
///
/// This is what isolates mean (UAX #9, 2.4.2), and it keeps them from FriBidi: version 1.0.8 computes wrong levels
/// for isolates within isolates, and reads and writes freed memory for some that are not closed.
struct IsolateFrames {
    private struct Frame {
        let base: BidiReordering.Base
        var elements: [BidiElement] = []
    }

    private let shapes: Bool
    private var frames: [Frame]

    init(base: BidiReordering.Base, shapes: Bool) {
        self.shapes = shapes
        frames = [Frame(base: base)]
    }

    /// - Parameter element: isolates are balanced or unclosed, and not too deep (`LineText.cleaned`).
    mutating func take(_ element: BidiElement) {
        switch element.base {
        case Isolates.leftToRight: frames.append(Frame(base: .leftToRight))
        case Isolates.rightToLeft: frames.append(Frame(base: .rightToLeft))
        case Isolates.firstStrong: frames.append(Frame(base: .automatic))
        case Isolates.pop: close()
        default: frames[frames.count - 1].elements.append(element)
        }
    }

    mutating func finish() -> String {
        while frames.count > 1 { close() }
        var output = String.UnicodeScalarView()
        for scalar in frames.first.map(visual) ?? [] { output.append(scalar) }
        return String(output)
    }

    private mutating func close() {
        guard frames.count > 1, let frame = frames.popLast() else { return }
        frames[frames.count - 1].elements.append(BidiElement(isolate: visual(frame)))
    }

    private func visual(_ frame: Frame) -> [Unicode.Scalar] {
        var output: [Unicode.Scalar] = []
        var start = 0
        while start < frame.elements.count {
            let end = min(start + BidiReordering.longestPart, frame.elements.count)
            let part = Array(frame.elements[start..<end])
            let order = FriBidiLine(part.map(\.base.value)).ordered(base: frame.base, shapes: shapes)
            for (index, shaped) in order where part.indices.contains(index) {
                let element = part[index]
                let isHidden =
                    element.hidesBase || shaped == FriBidiLine.filler
                    || (shapes && ForeignScalar.Kind(element.base) == .joiner)
                if !isHidden { output.append(Unicode.Scalar(shaped) ?? element.base) }
                output.append(contentsOf: element.rest)
            }
            start = end
        }
        return output
    }
}
