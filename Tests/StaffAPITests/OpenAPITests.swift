import Foundation
import StaffProtocol
import Testing

/// `Documentation/openapi.yaml` and the program name the same operations.
@Suite struct OpenAPITests {
    /// Reads what the tests need of the file's own plain form: paths at two spaces, methods at four.
    struct Document {
        struct Operation: Hashable {
            let path: String
            let method: String
            let id: String
        }

        private(set) var operations: [Operation] = []
        private(set) var withoutSession: Set<String> = []
        private(set) var withKey: Set<String> = []
        private(set) var withBody: Set<String> = []
        private(set) var lockedAnswer: Set<String> = []
        private(set) var errorCodes: [String] = []

        init() throws {
            let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent().appending(path: "Documentation/openapi.yaml")
            var path = ""
            var method = ""
            var id = ""
            for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
                if line.hasPrefix("  /"), line.hasSuffix(":") { path = String(line.dropFirst(2).dropLast()) }
                if line.hasPrefix("    "), ["get:", "post:", "put:", "delete:"].contains(line.dropFirst(4)) {
                    method = line.dropFirst(4).dropLast().uppercased()
                }
                if line.hasPrefix("      operationId: ") {
                    id = String(line.dropFirst(19))
                    operations.append(Operation(path: path, method: method, id: id))
                }
                if line == "      security: []" { withoutSession.insert(id) }
                if line.hasSuffix("\"#/components/parameters/IdempotencyKey\"") { withKey.insert(id) }
                if line == "      requestBody:" { withBody.insert(id) }
                if line.contains("#/components/responses/Locked") { lockedAnswer.insert(id) }
                if line.contains("code: { type: string, enum: ["), let list = line.split(separator: "[").last {
                    errorCodes = list.prefix { $0 != "]" }.split(separator: ",")
                        .map { $0.trimmingCharacters(in: .whitespaces) }
                }
            }
        }
    }

    @Test func everyOperationStandsInItAndTheReverse() throws {
        let document = try Document()
        let program = Endpoint.allCases.map {
            Document.Operation(path: $0.path, method: $0.method.rawValue, id: $0.rawValue)
        }
        #expect(Set(document.operations).subtracting(program).isEmpty, "only in the document")
        #expect(Set(program).subtracting(document.operations).isEmpty, "only in the program")
        #expect(document.operations.count == Set(document.operations).count)
    }

    @Test func itSaysWhichNeedASessionAKeyABodyOrTheWorkingKey() throws {
        let document = try Document()
        func program(_ isSo: (Endpoint) -> Bool) -> Set<String> { Set(Endpoint.allCases.filter(isSo).map(\.rawValue)) }
        #expect(document.withoutSession == program(\.isPublic))
        #expect(document.withKey == program(\.needsIdempotencyKey))
        #expect(document.withBody == Set(try Endpoint.allCases.filter { try Specimen($0).body != nil }.map(\.rawValue)))
        #expect(document.lockedAnswer == program { !$0.worksLocked })
    }

    @Test func itNamesEveryErrorCode() throws {
        #expect(try Document().errorCodes == APIError.Code.allCases.map(\.rawValue))
    }
}
