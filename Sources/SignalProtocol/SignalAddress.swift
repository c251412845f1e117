/// The remote end of one session: a name (for OMEMO a bare JID) and one of its devices.
public struct SignalAddress: Hashable, Sendable, CustomStringConvertible {
    /// Whose device it is. Personal data: `description` leaves it out.
    public let name: String
    /// The device's id, 1 to 2^31-1.
    public let deviceID: UInt32

    /// An address; nothing is checked.
    public init(name: String, deviceID: UInt32) {
        self.name = name
        self.deviceID = deviceID
    }

    /// Without the name, so that it may be logged.
    public var description: String { "<address>/\(deviceID)" }
}
