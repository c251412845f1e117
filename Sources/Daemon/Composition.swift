import Bridge
import Messaging
@_spi(FaultTests) import Store

/// What the composition root decides. The daemon has one composition, the fault tests others of
/// the same modules.
public struct Composition: Sendable {
    /// Answers instead of the bot, if set.
    public var responder: (any Responder)?
    public var hooks: any BridgeHooks = NoHooks()
    public var observer: any CommitObserver = NoCommitObserver()
    public var durability: Store.Durability = .full
    /// Stands between a link and the bridge.
    public var wrapHost: @Sendable (any LinkHost, any ChannelLink, Writer) -> any LinkHost = { host, _, _ in host }
    /// Runs once the bridge is up.
    public var whenUp: @Sendable (Bridge) async throws -> Void = { _ in }

    public init() {}

    /// What `silad` runs.
    public static var production: Composition { Composition() }
}
