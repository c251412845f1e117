import XMPP

/// `<list/>`: the devices of an account (XEP-0384 v0.3.0 §4.2, §4.3).
public struct DeviceList: Hashable, Sendable {
    /// The largest number of devices that is read of one account. How many of them are written to is the
    /// engine's to limit: a list that is too long must not hide the one device that is real.
    public static let maximumDevices = 2_000

    /// In the order published, each once.
    public private(set) var devices: [UInt32] = []
    private var members: Set<UInt32> = []

    /// A list of these, each once.
    public init(_ devices: [UInt32] = []) {
        for device in devices { insert(device) }
    }

    /// Reads an element. A device named twice counts once.
    public init(_ element: Element) throws(OMEMOError) {
        try Parsing.expect(element, "list")
        let entries = Parsing.children("device", of: element)
        guard entries.count <= Self.maximumDevices else {
            throw OMEMOError(.tooManyDevices, "<list/> has more than \(Self.maximumDevices) devices.")
        }
        for entry in entries { insert(try Parsing.deviceID(entry["id"], "device/@id")) }
    }

    /// Adds a device at the end unless it is there.
    public mutating func insert(_ device: UInt32) {
        if members.insert(device).inserted { devices.append(device) }
    }

    /// Takes a device out.
    public mutating func remove(_ device: UInt32) {
        if members.remove(device) != nil { devices.removeAll { $0 == device } }
    }

    /// Whether the list names this device.
    public func contains(_ device: UInt32) -> Bool { members.contains(device) }

    /// The element as it is published.
    public var element: Element {
        let ns = OMEMONamespace.axolotl
        return Element(
            "list", ns, children: devices.map { Element("device", ns, attributes: [("id", String($0))]) })
    }
}
