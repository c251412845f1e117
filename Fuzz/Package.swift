// swift-tools-version: 6.2
// The fuzzing of Sila: a package of its own, as all of it is built with the fuzzer's instrumentation. `Fuzz/run` builds
// and runs it.
import PackageDescription

let package = Package(
    name: "sila-fuzz",
    dependencies: [.package(name: "sila", path: "..")],
    targets: [
        // libFuzzer's own entry point, which no header declares.
        .target(name: "CLibFuzzer"),
        // Links to pure files of modules that would bring a server, or the whole program, with them.
        .target(name: "LinkedSources", dependencies: [.product(name: "FuzzedModules", package: "sila")]),
        // Targets is a link to Tests/FuzzTests/Targets.
        .executableTarget(
            name: "fuzz",
            dependencies: ["CLibFuzzer", "LinkedSources", .product(name: "FuzzedModules", package: "sila")],
            swiftSettings: [.define("FUZZING")]),
    ],
    swiftLanguageModes: [.v6]
)
