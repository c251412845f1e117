/// One parser of bytes that others write, as a fuzzer calls it: a function of its input, which keeps nothing.
///
/// The tests run each target over its corpus (`CorpusTests`); the package in `Fuzz` has a link to this folder and runs
/// them with libFuzzer.
protocol FuzzTarget: Sendable {
    /// Names the corpus in `Fuzz/corpora` too.
    static var name: String { get }
    /// Bytes of an input at most.
    static var longest: Int { get }
    /// The dictionary in `Fuzz/dictionaries`, if there is one.
    static var dictionary: String? { get }
    /// Inputs that are better made than kept in files.
    static func seeds() throws -> [[UInt8]]
    /// Reads one input. That foreign bytes are refused is no error of the target: it throws `BrokenPromise` when
    /// something holds that may not, or whatever the parser may not throw.
    static func run(_ input: [UInt8]) throws
}

extension FuzzTarget {
    static var longest: Int { 4096 }
    static var dictionary: String? { nil }
    static func seeds() throws -> [[UInt8]] { [] }
}

/// A parser did not do what it says.
struct BrokenPromise: Error, CustomStringConvertible {
    let description: String
}

/// Throws `BrokenPromise` unless it holds.
func promise(_ holds: Bool, _ what: @autoclosure () -> String) throws(BrokenPromise) {
    if !holds { throw BrokenPromise(description: what()) }
}

/// All targets, by their names.
enum FuzzTargets {
    static let all: [any FuzzTarget.Type] = [
        StreamTarget.self, StanzaTarget.self, NegotiationTarget.self, ScramTarget.self, StreamManagementTarget.self,
        EncryptedElementTarget.self, BundleTarget.self, DeviceListTarget.self, RatchetTarget.self,
        AttachmentLinkTarget.self, PhotoTarget.self, StaffBodyTarget.self, StaffRequestTarget.self,
        ArchiveStreamTarget.self, EventStreamTarget.self, RecordTarget.self, KeyFileTarget.self, TerminalTarget.self,
        SearchTarget.self, ArrivalWordsTarget.self, PhrasebookTarget.self,
    ]

    static func named(_ name: String) -> (any FuzzTarget.Type)? { all.first { $0.name == name } }
}

/// Takes an input apart: small numbers first, the rest as it stands.
struct InputReader {
    private(set) var rest: ArraySlice<UInt8>

    init(_ input: [UInt8]) { rest = input[...] }

    var isAtEnd: Bool { rest.isEmpty }

    /// 0 when nothing is left.
    mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }

    mutating func below(_ limit: Int) -> Int { Int(byte()) % limit }
}

/// Cuts bytes into pieces whose sizes follow from `pattern`: small ones, and for some patterns large ones too.
func pieces(_ bytes: [UInt8], _ pattern: UInt8) -> [[UInt8]] {
    var rest = bytes[...]
    var state = UInt32(pattern) &* 2_654_435_761 &+ 1
    var result: [[UInt8]] = []
    while !rest.isEmpty {
        state = state &* 1_664_525 &+ 1_013_904_223
        let size = pattern == 0 ? 1 : 1 + Int(state >> 24) % (pattern & 1 == 0 ? 5 : 200)
        result.append(Array(rest.prefix(size)))
        rest = rest.dropFirst(size)
    }
    return result
}
