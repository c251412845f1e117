internal import CPangoCairo

/// Paints rows onto a cairo context, whose unit is a point. Pango shapes Arabic and puts it in order (UAX 9).
struct CardPainter {
    let context: OpaquePointer
    let language: CardLanguage
    /// Where rows stand, in points.
    let left: Double
    let width: Double

    private static let black = 0.0

    /// Paints rows from a height on; gives the height below them.
    @discardableResult
    func paint(_ rows: [CardRow], from top: Double) throws(CardProblem) -> Double {
        cairo_set_source_rgb(context, Self.black, Self.black, Self.black)
        var y = top
        for row in rows {
            switch row {
            case .space(let height): y += height
            case .text(let text, let style):
                y += try write(text, style, rightToLeft: language.isRightToLeft, at: y)
            case .plain(let text, let style): y += try write(text, style, rightToLeft: false, fits: true, at: y)
            case .codes(let codes, let side): y += try paint(codes, side: side, at: y)
            }
        }
        return y
    }

    /// Centred; gives its height.
    ///
    /// - Parameter fits: letters get smaller until the text stands on one line: nobody copies a broken address right.
    private func write(
        _ text: String, _ style: CardStyle, rightToLeft: Bool, fits: Bool = false, at y: Double
    ) throws(CardProblem) -> Double {
        try write(text, style, rightToLeft: rightToLeft, fits: fits, left: left, width: width, at: y)
    }

    private func write(
        _ text: String, _ style: CardStyle, rightToLeft: Bool, fits: Bool = false, left: Double, width: Double,
        at y: Double
    ) throws(CardProblem) -> Double {
        guard let layout = pango_cairo_create_layout(context) else { throw .drawing("no memory for a text") }
        defer { g_object_unref(UnsafeMutableRawPointer(layout)) }
        guard let font = pango_font_description_from_string(style.families) else {
            throw .drawing("no memory for a font")
        }
        defer { pango_font_description_free(font) }
        let scale = sila_pango_scale()
        // In units of the context: Pango would take a point for a 96th of an inch.
        pango_font_description_set_absolute_size(font, style.size * scale)
        pango_font_description_set_weight(font, style.isBold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL)
        pango_layout_set_font_description(layout, font)
        pango_context_set_base_dir(
            pango_layout_get_context(layout), rightToLeft ? PANGO_DIRECTION_RTL : PANGO_DIRECTION_LTR)
        // A row's direction is its language's, not its first letter's.
        pango_layout_set_auto_dir(layout, 0)
        pango_layout_set_alignment(layout, PANGO_ALIGN_CENTER)
        pango_layout_context_changed(layout)
        pango_layout_set_text(layout, text, -1)
        guard pango_layout_get_unknown_glyphs_count(layout) == 0 else { throw .noFont(language) }
        var rectangle = PangoRectangle()
        pango_layout_get_extents(layout, nil, &rectangle)
        let needed = Double(rectangle.width) / scale
        if fits, needed > width {
            pango_font_description_set_absolute_size(
                font, max(style.size * width / needed * 0.98, CardStyle.smallest) * scale)
            pango_layout_set_font_description(layout, font)
        }
        pango_layout_set_width(layout, Int32(width * scale))
        pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR)
        pango_layout_get_extents(layout, nil, &rectangle)
        cairo_move_to(context, left, y)
        pango_cairo_show_layout(context, layout)
        return Double(rectangle.height) / scale
    }

    /// Codes in a row, each with its quiet zone inside of `side`; letters below when there are several.
    private func paint(_ codes: [QRModules], side: Double, at y: Double) throws(CardProblem) -> Double {
        let gap = codes.count > 1 ? (width - side * Double(codes.count)) / Double(codes.count) : 0
        let total = side * Double(codes.count) + gap * Double(max(codes.count - 1, 0))
        var height = side
        for (index, code) in codes.enumerated() {
            let x = left + (width - total) / 2 + Double(index) * (side + gap)
            paint(code, side: side, x: x, y: y)
            guard codes.count > 1 else { continue }
            let letter = try write(
                index == 0 ? "A" : "B", .value, rightToLeft: false, left: x, width: side, at: y + side - 6)
            height = max(height, side - 6 + letter + 3)
        }
        return height
    }

    private func paint(_ code: QRModules, side: Double, x: Double, y: Double) {
        let module = side / Double(code.width + 2 * QRModules.quietZone)
        let border = module * Double(QRModules.quietZone)
        for row in 0..<code.width {
            for run in code.runs(row) {
                cairo_rectangle(
                    context, x + border + Double(run.start) * module, y + border + Double(row) * module,
                    Double(run.length) * module, module)
            }
        }
        cairo_fill(context)
    }
}
