/// Rows of aligned columns, as a list in a terminal has them.
public enum Columns {
    /// How wide a column is.
    public enum Width: Sendable, Equatable {
        /// Always so many columns of the terminal.
        case fixed(Int)
        /// As wide as its widest cell, at most so many.
        case fitting(most: Int)
        /// What the others leave; several share it equally. Below `least` a column that can go is left out.
        case flexible(least: Int)
    }

    /// One column of a table.
    public struct Column: Sendable, Equatable {
        public let width: Width
        public let alignment: DisplayWidth.Alignment
        /// In a window that is too narrow the column with the lowest number goes first; `nil`: it stays.
        public let goesAt: Int?

        /// - Parameters:
        ///   - width: how wide the column is.
        ///   - alignment: where its cells stand; figures stand `.trailing`.
        ///   - goesAt: its place in the order in which columns are left out of a narrow window; `nil`: it stays.
        public init(_ width: Width, alignment: DisplayWidth.Alignment = .leading, goesAt: Int? = nil) {
            self.width = width
            self.alignment = alignment
            self.goesAt = goesAt
        }
    }

    /// The lines of a table, one a row, none wider than `total`, without spaces at their ends.
    /// - Parameters:
    ///   - rows: the cells of each row, already safe (`SafeText.line`). Cells that are missing are empty, cells
    ///     beyond the columns are not shown. A heading is a row like others.
    ///   - columns: the columns from left to right.
    ///   - total: the width of the window.
    ///   - gap: the spaces between columns.
    ///   - reordering: what each cell goes through after it is cut and before it is padded
    ///     (`BidiReordering.visual`).
    public static func render(
        rows: [[String]], columns: [Column], total: Int, gap: Int = 2, reordering: ((String) -> String)? = nil
    ) -> [String] {
        let widths = TableLayout(rows: rows, columns: columns, gap: gap).widths(total: total)
        let shown = columns.indices.filter { widths[$0] != nil }
        let space = String(repeating: " ", count: max(gap, 0))
        return rows.map { row in
            var line = ""
            for index in shown {
                let width = widths[index] ?? 0
                var cell = DisplayWidth.fitted(row.indices.contains(index) ? row[index] : "", to: width, padded: false)
                cell = reordering?(cell) ?? cell
                if index != shown.first { line += space }
                line += DisplayWidth.fitted(cell, to: width, alignment: columns[index].alignment)
            }
            while line.utf8.last == 0x20 { line.unicodeScalars.removeLast() }
            return DisplayWidth.fitted(line, to: total, padded: false)
        }
    }
}

/// Decides how wide each column is.
private struct TableLayout {
    let columns: [Columns.Column]
    let gap: Int
    /// The width without regard to the window; of a flexible column its least.
    let wanted: [Int]

    init(rows: [[String]], columns: [Columns.Column], gap: Int) {
        self.columns = columns
        self.gap = max(gap, 0)
        wanted = columns.indices.map { index in
            switch columns[index].width {
            case .fixed(let width): return max(width, 0)
            case .flexible(let least): return max(least, 1)
            case .fitting(let most):
                let widest = rows.lazy.map { $0.indices.contains(index) ? DisplayWidth.columns(of: $0[index]) : 0 }
                    .max()
                return min(widest ?? 0, max(most, 0))
            }
        }
    }

    /// The width of each column; `nil` where it is left out.
    func widths(total: Int) -> [Int?] {
        var widths: [Int?] = wanted.map { $0 }
        while sum(widths) > total, let index = firstToGo(widths) { widths[index] = nil }
        // None may go any more: the widest gives way.
        while sum(widths) > total, let index = widest(widths), let width = widths[index], width > 1 {
            widths[index] = width - 1
        }
        share(total - sum(widths), among: &widths)
        return widths
    }

    private func sum(_ widths: [Int?]) -> Int {
        let shown = widths.compactMap { $0 }
        return shown.reduce(0, +) + gap * max(shown.count - 1, 0)
    }

    private func firstToGo(_ widths: [Int?]) -> Int? {
        let candidates = columns.indices.filter { widths[$0] != nil && columns[$0].goesAt != nil }
        return candidates.min { (columns[$0].goesAt ?? 0) < (columns[$1].goesAt ?? 0) }
    }

    private func widest(_ widths: [Int?]) -> Int? {
        widths.indices.max { (widths[$0] ?? 0) < (widths[$1] ?? 0) }
    }

    private func share(_ rest: Int, among widths: inout [Int?]) {
        let flexible = columns.indices.filter { index in
            if case .flexible = columns[index].width { return widths[index] != nil }
            return false
        }
        guard rest > 0, !flexible.isEmpty else { return }
        for (place, index) in flexible.enumerated() {
            let extra = rest / flexible.count + (place < rest % flexible.count ? 1 : 0)
            widths[index] = (widths[index] ?? 0) + extra
        }
    }
}
