/// How requests reach the bridge's socket: at once, or through something that must stand first.
public protocol BridgeWay: Sendable {
    /// Called before each request. Throws `ConnectionError` of kind `forward`.
    func prepare() async throws
    /// Says of a failed request what the way knows about it.
    func explain(_ error: ConnectionError) async -> ConnectionError
}

/// The socket lies on this machine.
public struct DirectWay: BridgeWay {
    public init() {}
    public func prepare() {}
    public func explain(_ error: ConnectionError) -> ConnectionError { error }
}
