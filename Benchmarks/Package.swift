// swift-tools-version: 6.2
// Benchmarks of Sila: a package of their own, so that the product's build does not carry them.
import PackageDescription

let package = Package(
    name: "sila-benchmarks",
    dependencies: [
        .package(name: "sila", path: ".."),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    ],
    targets: [
        .executableTarget(
            name: "path-benchmark",
            dependencies: [
                .product(name: "SilaModules", package: "sila"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "path/swift"),
        .executableTarget(
            name: "generate-deployment",
            dependencies: [
                .product(name: "SilaModules", package: "sila"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "staff/generate",
            exclude: ["words.txt"]),
        .executableTarget(
            name: "read-pages",
            dependencies: [
                .product(name: "SilaModules", package: "sila"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "staff/read"),
    ],
    swiftLanguageModes: [.v6]
)
