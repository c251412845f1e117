// swift-tools-version: 6.2
// Sila: secure messaging bridge. The order of targets is the order of the layers:
// a target depends only on targets above it (Documentation/architecture.md).
import PackageDescription

let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let cryptoExtras: Target.Dependency = .product(name: "CryptoExtras", package: "swift-crypto")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let sqlite: Target.Dependency = .product(name: "GRDBSQLite", package: "GRDB.swift")
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
                "Bridge", "StaffProtocol",
            ]),
        // For the package in Fuzz: what reads bytes of others, without servers and databases.
        .library(
            name: "FuzzedModules",
            targets: [
                "Messaging", "SignalProtocol", "OMEMO", "XMPP", "XMPPChannel", "Sealing", "Unsealing", "StaffProtocol",
                "HTTPClient", "TerminalText", "TextSearch", "ArrivalWords",
            ]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0", traits: []),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
    ],
    targets: [
        // C libraries of the system: module maps and shims only.
        .systemLibrary(
            name: "CSignalProtocol", pkgConfig: "libsignal-protocol-c",
            providers: [.apt(["libsignal-protocol-c-dev"])]),
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CProcess"),
        .systemLibrary(name: "CSQLiteSetup", providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(name: "CFriBidi", pkgConfig: "fribidi", providers: [.apt(["libfribidi-dev"])]),
        .systemLibrary(name: "CQREncode", pkgConfig: "libqrencode", providers: [.apt(["libqrencode-dev"])]),
        .systemLibrary(
            name: "CPangoCairo", pkgConfig: "pangocairo", providers: [.apt(["libpango1.0-dev"])]),
        .systemLibrary(name: "CExpat", pkgConfig: "expat", providers: [.apt(["libexpat1-dev"])]),

        // Protocols: no knowledge of the helpline.
        .target(name: "SignalProtocol", dependencies: ["CSignalProtocol", crypto, cryptoExtras]),
        .target(name: "XMPP", dependencies: ["CExpat", "CCurl", crypto, cryptoExtras, logging]),
        .target(name: "OMEMO", dependencies: ["SignalProtocol", "XMPP", crypto]),
        .target(name: "FileTransfer", dependencies: ["CCurl"]),

        // Vocabulary and ports.
        .target(name: "Messaging"),

        // The only code that seals, and the only code that opens.
        .target(name: "Sealing", dependencies: ["Messaging", crypto, cryptoExtras]),
        // What a backup holds, as bytes: sealed here to the recovery key, opened in Unsealing.
        .target(name: "Backup", dependencies: ["Sealing", crypto]),
        .target(name: "Unsealing", dependencies: ["Backup", "Sealing", "Messaging", crypto, cryptoExtras]),

        // What daemon and staff say to each other.
        .target(name: "StaffProtocol", dependencies: ["Sealing", "Messaging", crypto]),

        // The words on the card that is given before a removal: the list, and the reading of what somebody repeats.
        // Bots/arrival-words has links to List/*.tsv: both programs carry the same list.
        .target(
            name: "ArrivalWords", resources: [.embedInCode("List/words.tsv"), .embedInCode("List/card.tsv")]),

        // The bot: a pure engine, and the reading of its content.
        .target(
            name: "Bot",
            // The classifier is trained when the content is read: unoptimised, that takes a minute.
            swiftSettings: [.unsafeFlags(["-O"])]),
        .target(name: "BotContent", dependencies: ["Bot", yams, crypto]),
        .target(name: "Practice", dependencies: ["Bot", "BotContent", yams]),

        .target(
            name: "XMPPChannel",
            dependencies: ["Messaging", "XMPP", "OMEMO", "SignalProtocol", logging, crypto]),
        .target(
            name: "Store",
            dependencies: [
                "Messaging", "Sealing", "Backup", "StaffProtocol", "ArrivalWords", "SignalProtocol", "OMEMO",
                "CSQLiteSetup", grdb, sqlite, crypto,
            ]),
        .target(name: "Bridge", dependencies: ["Messaging", "Sealing", "ArrivalWords", "Store", "CProcess", logging]),
        .target(
            name: "StaffAPI",
            dependencies: [
                "StaffProtocol", "Sealing", logging, crypto,
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
            ]),

        // The staff side: text of others shown safely, and found again; keys in memory; what staff do.
        .target(name: "TerminalText", dependencies: ["CFriBidi"]),
        .target(name: "TextSearch"),
        .target(name: "HTTPClient", dependencies: ["CCurl"]),
        .target(
            name: "Inbox",
            dependencies: ["StaffProtocol", "HTTPClient", "Unsealing", "Sealing", "Messaging", crypto]),
        .target(
            name: "StaffAgent",
            dependencies: [
                "StaffProtocol", "Inbox", "TextSearch", "Unsealing", "Sealing", "Messaging", "CProcess", crypto,
            ]),
        // PO files that programs carry in themselves.
        .target(name: "PlainPO"),
        // The card that somebody takes along. Texts/card-*.po are links to Translations/*/card.po.
        .target(
            name: "InvitationCard", dependencies: ["PlainPO", "CPangoCairo"],
            resources: [
                .embedInCode("Texts/card-ar.po"), .embedInCode("Texts/card-ary.po"),
                .embedInCode("Texts/card-ary-Latn.po"), .embedInCode("Texts/card-en.po"),
                .embedInCode("Texts/card-fr.po"), .embedInCode("Texts/card-nl.po"),
            ]),
        // Texts/staff-*.po are links to Translations/*/staff.po: a staff machine has the binary only.
        .target(
            name: "InboxReader", dependencies: ["TerminalText", "PlainPO"],
            resources: [.embedInCode("Texts/staff-en.po"), .embedInCode("Texts/staff-nl.po")]),

        // Programs, and what they share.
        .target(name: "DeploymentConfiguration", dependencies: [yams]),
        .target(
            name: "Daemon",
            dependencies: [
                "Bridge", "Store", "Sealing", "Backup", "Bot", "BotContent", "XMPPChannel", "XMPP", "OMEMO",
                "SignalProtocol",
                "DeploymentConfiguration", "Messaging", "StaffAPI", "StaffProtocol", "Practice", "FileTransfer",
                "CProcess",
                arguments, logging,
            ]),
        .executableTarget(name: "silad", dependencies: ["Daemon", "CProcess", arguments]),
        .executableTarget(
            name: "sila",
            dependencies: [
                "Inbox", "StaffAgent", "InboxReader", "TerminalText", "TextSearch", "HTTPClient", "StaffProtocol",
                "ArrivalWords", "InvitationCard", "Unsealing", "Sealing", "Backup", "DeploymentConfiguration",
                "Messaging", "CProcess", "CQREncode", arguments, crypto,
            ]),

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
        .testTarget(name: "FileTransferTests", dependencies: ["FileTransfer"]),
        .testTarget(name: "SealingTests", dependencies: ["Sealing", "Messaging", crypto, cryptoExtras]),
        .testTarget(
            name: "UnsealingTests",
            dependencies: ["Unsealing", "Backup", "Sealing", "Messaging", crypto, cryptoExtras]),
        .testTarget(name: "StaffProtocolTests", dependencies: ["StaffProtocol", "Sealing"]),
        .testTarget(name: "TerminalTextTests", dependencies: ["TerminalText"]),
        .testTarget(name: "TextSearchTests", dependencies: ["TextSearch"]),
        .testTarget(
            name: "StaffAPITests",
            dependencies: ["StaffAPI", "StaffProtocol", "Sealing", "Unsealing", "Messaging", logging, crypto]),
        .testTarget(
            name: "DaemonTests",
            dependencies: [
                "Daemon", "Bridge", "Store", "Backup", "Bot", "Practice", "StaffProtocol", "Sealing", "Unsealing",
                "Messaging", logging,
            ]),
        .testTarget(name: "PracticeTests", dependencies: ["Practice", "BotContent", "Bot"]),
        .target(name: "UnixHTTPServer", path: "Tests/UnixHTTPServer"),
        .testTarget(name: "HTTPClientTests", dependencies: ["HTTPClient", "UnixHTTPServer"]),
        .testTarget(
            name: "InboxTests",
            dependencies: [
                "Inbox", "UnixHTTPServer", "HTTPClient", "StaffProtocol", "Unsealing", "Sealing", "Messaging", crypto,
            ]),
        .testTarget(
            name: "StaffAgentTests",
            dependencies: [
                "StaffAgent", "Inbox", "StaffProtocol", "Unsealing", "Sealing", "Messaging", "TextSearch", crypto,
            ]),
        .testTarget(
            name: "InboxReaderTests", dependencies: ["InboxReader", "PlainPO", "TerminalText"], exclude: ["Screens"]),
        .testTarget(name: "InvitationCardTests", dependencies: ["InvitationCard", "PlainPO"]),
        .testTarget(name: "ConfigurationTests", dependencies: ["DeploymentConfiguration"]),
        .testTarget(
            name: "SilaCommandTests",
            dependencies: [
                "sila", "ArrivalWords", "InvitationCard", "Inbox", "InboxReader", "UnixHTTPServer", "HTTPClient",
                "StaffProtocol", "TerminalText", "Unsealing", "Sealing", "Backup", "Messaging", arguments, crypto,
            ]),
        // Fuzz/Sources/fuzz has a link to Targets.
        .testTarget(
            name: "FuzzTests",
            dependencies: [
                "XMPP", "OMEMO", "SignalProtocol", "XMPPChannel", "Messaging", "Sealing", "Unsealing", "StaffProtocol",
                "StaffAPI", "HTTPClient", "sila", "TerminalText", "TextSearch", "ArrivalWords", "BotContent",
            ]),
        .testTarget(name: "BotTests", dependencies: ["Bot", "BotContent"], exclude: ["Transcripts"]),
        .testTarget(name: "BotContentTests", dependencies: ["Bot", "BotContent"]),
        .testTarget(name: "ArrivalWordsTests", dependencies: ["ArrivalWords"]),
        .testTarget(
            name: "StoreTests",
            dependencies: [
                "Store", "Backup", "ArrivalWords", "StaffProtocol", "Sealing", "Messaging", "OMEMO", "SignalProtocol",
                grdb, crypto,
            ]),
        .testTarget(
            name: "BridgeTests",
            dependencies: [
                "Bridge", "ArrivalWords", "Store", "StaffProtocol", "Sealing", "Messaging", logging, crypto,
            ]),
    ],
    swiftLanguageModes: [.v6]
)
