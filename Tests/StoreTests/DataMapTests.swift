import Foundation
import Store
import Testing

/// `Documentation/data-map.md` names every column of the schema and what protects it.
@Suite(.scratchFolder) struct DataMapTests {
    private static let protections = [
        "clear", "hash", "working", "archive:conversation", "archive:any", "wrapped:any",
    ]

    @Test func theDataMapIsTheSchema() async throws {
        let store = try TestStore()
        let writer = try store.open()
        let columns = try Inspector(path: store.path).columns()
        await writer.close()
        let schema = Set(
            columns.filter { $0.key != "grdb_migrations" }.flatMap { table, columns in columns.map { "\(table).\($0)" }
            })
        let map = try Self.rows()
        #expect(schema.subtracting(map.keys) == [], "columns that the data map does not name")
        #expect(Set(map.keys).subtracting(schema) == [], "lines of the data map without a column")
    }

    @Test func everyLineNamesAProtection() throws {
        for (column, protection) in try Self.rows() {
            #expect(Self.protections.contains(protection), "\(column) is '\(protection)'")
        }
    }

    private static func rows() throws -> [String: String] {
        let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Documentation/data-map.md").standardized
        return try String(contentsOf: page, encoding: .utf8).split(separator: "\n").reduce(into: [:]) { rows, line in
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            if cells.count == 4, line.hasPrefix("| "), cells[0] != "table" {
                rows["\(cells[0]).\(cells[1])"] = cells[2]
            }
        }
    }
}
