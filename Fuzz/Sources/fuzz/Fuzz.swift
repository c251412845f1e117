import CLibFuzzer
import Foundation

/// `fuzz TARGET [what libFuzzer takes]`, `fuzz list`, `fuzz seeds TARGET FOLDER`.
@main
enum Fuzz {
    /// libFuzzer calls a C function, which can hold nothing.
    nonisolated(unsafe) private static var target: (any FuzzTarget.Type)?

    static func main() throws {
        var arguments = CommandLine.arguments
        if arguments.dropFirst() == ["list"] { return list() }
        if arguments.count == 4, arguments[1] == "seeds" { return try writeSeeds(arguments[2], to: arguments[3]) }
        guard arguments.count > 1, let target = FuzzTargets.named(arguments[1]) else {
            FileHandle.standardError.write(Data("fuzz: name a target first; `fuzz list` shows them\n".utf8))
            exit(64)
        }
        self.target = target
        arguments.remove(at: 1)
        arguments.insert("-max_len=\(target.longest)", at: 1)
        run(arguments)
    }

    /// Name, longest input, dictionary.
    private static func list() {
        for target in FuzzTargets.all { print("\(target.name)\t\(target.longest)\t\(target.dictionary ?? "")") }
    }

    private static func writeSeeds(_ name: String, to folder: String) throws {
        for (number, seed) in try (FuzzTargets.named(name)?.seeds() ?? []).enumerated() {
            try Data(seed).write(to: URL(filePath: folder).appending(path: "seed-\(number)"))
        }
    }

    private static func run(_ arguments: [String]) {
        var count = Int32(arguments.count)
        // They live as long as the process: libFuzzer keeps them.
        var pointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
        pointers.append(nil)
        let kept = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: pointers.count)
        kept.initialize(from: pointers, count: pointers.count)
        var list: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = kept
        exit(
            LLVMFuzzerRunDriver(&count, &list) { data, size in
                Fuzz.take(UnsafeBufferPointer(start: data, count: size))
                return 0
            })
    }

    private static func take(_ input: UnsafeBufferPointer<UInt8>) {
        do {
            try target?.run(Array(input))
        } catch {
            FileHandle.standardError.write(Data("fuzz: \(error)\n".utf8))
            abort()
        }
    }
}
