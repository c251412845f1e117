internal import CPangoCairo

extension Card {
    /// ISO 216 A6, in points.
    static let paper = (width: 105.0 / 25.4 * 72, height: 148.0 / 25.4 * 72)
    private static let margin = 18.0
    private static let dotsPerInch = 300.0

    /// The card as a page to print.
    public func pdf() throws(CardProblem) -> [UInt8] {
        let sink = ByteSink()
        try sink.withClosure { (write, closure) throws(CardProblem) in
            let surface = cairo_pdf_surface_create_for_stream(write, closure, Self.paper.width, Self.paper.height)
            try Self.using(surface) { (context) throws(CardProblem) in
                try paint(context)
                cairo_show_page(context)
            }
        }
        return sink.bytes
    }

    /// The card as a picture, 300 dots an inch.
    public func png() throws(CardProblem) -> [UInt8] {
        try Picture.png(
            width: Self.paper.width, height: Self.paper.height, scale: Self.dotsPerInch / 72
        ) { (context) throws(CardProblem) in try paint(context) }
    }

    private func paint(_ context: OpaquePointer) throws(CardProblem) {
        let painter = CardPainter(
            context: context, language: language, left: Self.margin, width: Self.paper.width - 2 * Self.margin)
        let end = try painter.paint(try rows(), from: Self.margin)
        guard end <= Self.paper.height - Self.margin / 2 else { throw .doesNotFit }
    }

    /// Paints on a surface and closes it. Takes the surface.
    static func using(
        _ surface: OpaquePointer?, _ body: (OpaquePointer) throws(CardProblem) -> Void
    ) throws(CardProblem) {
        guard let surface, let context = cairo_create(surface) else { throw .drawing("no memory for the sheet") }
        defer {
            cairo_destroy(context)
            cairo_surface_destroy(surface)
        }
        try body(context)
        cairo_surface_finish(surface)
        try Picture.check(cairo_status(context))
        try Picture.check(cairo_surface_status(surface))
    }
}

/// QR codes alone, as a picture to be shown on a screen.
public enum CodePicture {
    /// Each as wide as 300 points at two dots a point; several beside each other, A first.
    public static func png(_ codes: [QRModules]) throws(CardProblem) -> [UInt8] {
        let side = 300.0
        let width = side * Double(codes.count) + 20
        return try Picture.png(width: width, height: side + 30, scale: 2) { (context) throws(CardProblem) in
            let painter = CardPainter(context: context, language: .english, left: 10, width: width - 20)
            try painter.paint([.codes(codes, side: codes.count > 1 ? side - 10 : side)], from: 5)
        }
    }
}

enum Picture {
    /// A white sheet of so many points, painted, as PNG.
    static func png(
        width: Double, height: Double, scale: Double, _ body: (OpaquePointer) throws(CardProblem) -> Void
    ) throws(CardProblem) -> [UInt8] {
        let surface = cairo_image_surface_create(
            CAIRO_FORMAT_RGB24, Int32((width * scale).rounded()), Int32((height * scale).rounded()))
        guard let surface, let context = cairo_create(surface) else { throw .drawing("no memory for the picture") }
        defer {
            cairo_destroy(context)
            cairo_surface_destroy(surface)
        }
        cairo_set_source_rgb(context, 1, 1, 1)
        cairo_paint(context)
        cairo_scale(context, scale, scale)
        try body(context)
        cairo_surface_flush(surface)
        try check(cairo_status(context))
        let sink = ByteSink()
        try sink.withClosure { (write, closure) throws(CardProblem) in
            try check(cairo_surface_write_to_png_stream(surface, write, closure))
        }
        return sink.bytes
    }

    static func check(_ status: cairo_status_t) throws(CardProblem) {
        guard status != CAIRO_STATUS_SUCCESS else { return }
        throw .drawing(cairo_status_to_string(status).map { String(cString: $0) } ?? "status \(status.rawValue)")
    }
}

/// Takes what cairo writes.
private final class ByteSink {
    private(set) var bytes: [UInt8] = []

    /// - Parameter body: gets what cairo calls, and what it hands back with each call. Valid within `body` only.
    func withClosure(
        _ body: (cairo_write_func_t, UnsafeMutableRawPointer) throws(CardProblem) -> Void
    ) throws(CardProblem) {
        let write: cairo_write_func_t = { closure, data, count in
            guard let closure, let data else { return CAIRO_STATUS_WRITE_ERROR }
            let sink = Unmanaged<ByteSink>.fromOpaque(closure).takeUnretainedValue()
            sink.bytes += UnsafeBufferPointer(start: data, count: Int(count))
            return CAIRO_STATUS_SUCCESS
        }
        try withExtendedLifetime(self) { (self) throws(CardProblem) in
            try body(write, Unmanaged.passUnretained(self).toOpaque())
        }
    }
}
