// swift-tools-version: 6.2
// Sila: secure messaging bridge. The order of targets is the order of the layers:
// a target depends only on targets above it (Documentation/architecture.md).
import PackageDescription

let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let cryptoExtras: Target.Dependency = .product(name: "CryptoExtras", package: "swift-crypto")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")
let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
    name: "sila",
    products: [
        .executable(name: "silad", targets: ["silad"]),
        .executable(name: "sila", targets: ["sila"]),
        // For the package in Benchmarks.
        .library(
            name: "SilaModules",
            targets: [
                "Messaging", "SignalProtocol", "OMEMO", "XMPP", "XMPPChannel", "Sealing", "Unsealing", "Store",
                "Bridge",
            ]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
    ],
    targets: [
        // C libraries of the system: module maps and shims only.
        .systemLibrary(
            name: "CSignalProtocol", pkgConfig: "libsignal-protocol-c",
            providers: [.apt(["libsignal-protocol-c-dev"])]),
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CProcess"),
        .systemLibrary(name: "CFriBidi", pkgConfig: "fribidi", providers: [.apt(["libfribidi-dev"])]),
        .systemLibrary(name: "CExpat", pkgConfig: "expat", providers: [.apt(["libexpat1-dev"])]),

        // Protocols: no knowledge of the helpline.
        .target(name: "SignalProtocol", dependencies: ["CSignalProtocol", crypto, cryptoExtras]),
        .target(name: "XMPP", dependencies: ["CExpat", "CCurl", crypto, cryptoExtras, logging]),
        .target(name: "OMEMO", dependencies: ["SignalProtocol", "XMPP", crypto]),

        // Vocabulary and ports.
        .target(name: "Messaging"),

        // The only code that seals, and the only code that opens.
        .target(name: "Sealing", dependencies: ["Messaging", crypto, cryptoExtras]),
        .target(name: "Unsealing", dependencies: ["Sealing", "Messaging", crypto, cryptoExtras]),

        // What daemon and staff say to each other.
        .target(name: "StaffProtocol", dependencies: ["Sealing", "Messaging", crypto]),

        // The bot: a pure engine, and the reading of its content.
        .target(
            name: "Bot",
            // The classifier is trained when the content is read: unoptimised, that takes a minute.
            swiftSettings: [.unsafeFlags(["-O"])]),
        .target(name: "BotContent", dependencies: ["Bot", yams]),

        .target(
            name: "XMPPChannel",
            dependencies: ["Messaging", "XMPP", "OMEMO", "SignalProtocol", logging, crypto]),
        .target(
            name: "Store",
            dependencies: ["Messaging", "Sealing", "StaffProtocol", "SignalProtocol", "OMEMO", grdb, crypto]),
        .target(name: "Bridge", dependencies: ["Messaging", "Sealing", "Store", logging]),

        // The staff side: text of others shown safely, and found again.
        .target(name: "TerminalText", dependencies: ["CFriBidi"]),
        .target(name: "TextSearch"),

        // Programs, and what they share.
        .target(name: "Configuration", dependencies: [yams]),
        .target(
            name: "Daemon",
            dependencies: [
                "Bridge", "Store", "Sealing", "Bot", "BotContent", "XMPPChannel", "XMPP", "OMEMO", "SignalProtocol",
                "Configuration", "Messaging", "CProcess", arguments, logging,
            ]),
        .executableTarget(name: "silad", dependencies: ["Daemon", arguments]),
        .executableTarget(
            name: "sila", dependencies: ["Unsealing", "Sealing", "Configuration", "Messaging", arguments]),

        // Never installed: the daemon with faults in its composition root.
        .target(name: "CFaultVFS", linkerSettings: [.linkedLibrary("sqlite3")]),
        .executableTarget(
            name: "silad-faults", dependencies: ["Daemon", "Bridge", "Store", "Messaging", "CFaultVFS", arguments]),

        // Tests.
        .testTarget(name: "SignalProtocolTests", dependencies: ["SignalProtocol", "CSignalProtocol"]),
        .testTarget(name: "OMEMOTests", dependencies: ["OMEMO", "SignalProtocol", "XMPP"]),
        .testTarget(name: "XMPPTests", dependencies: ["XMPP", crypto]),
        .testTarget(
            name: "XMPPChannelTests",
            dependencies: ["XMPPChannel", "XMPP", "OMEMO", "SignalProtocol", "Messaging", logging]),
        .testTarget(name: "SealingTests", dependencies: ["Sealing", "Messaging", crypto, cryptoExtras]),
        .testTarget(name: "UnsealingTests", dependencies: ["Unsealing", "Sealing", "Messaging", crypto, cryptoExtras]),
        .testTarget(name: "StaffProtocolTests", dependencies: ["StaffProtocol", "Sealing"]),
        .testTarget(name: "TerminalTextTests", dependencies: ["TerminalText"]),
        .testTarget(name: "TextSearchTests", dependencies: ["TextSearch"]),
        .testTarget(name: "ConfigurationTests", dependencies: ["Configuration"]),
        .testTarget(
            name: "SilaCommandTests", dependencies: ["sila", "Unsealing", "Sealing", "Messaging", arguments]),
        .testTarget(name: "BotTests", dependencies: ["Bot", "BotContent"], exclude: ["Transcripts"]),
        .testTarget(name: "BotContentTests", dependencies: ["Bot", "BotContent"]),
        .testTarget(
            name: "StoreTests",
            dependencies: ["Store", "Sealing", "Messaging", "OMEMO", "SignalProtocol", grdb, crypto]),
        .testTarget(name: "BridgeTests", dependencies: ["Bridge", "Store", "Sealing", "Messaging", logging, crypto]),
    ],
    swiftLanguageModes: [.v6]
)
