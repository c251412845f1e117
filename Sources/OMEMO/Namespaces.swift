/// Names on the wire (XEP-0384 v0.3.0 §4.2, §4.3).
public enum OMEMONamespace {
    /// The namespace of every element of this OMEMO version.
    public static let axolotl = "eu.siacs.conversations.axolotl"
    /// The PEP node of an account's device list.
    public static let deviceListNode = "eu.siacs.conversations.axolotl.devicelist"
    /// The PEP node that holds one device's bundle.
    public static func bundleNode(_ device: UInt32) -> String { "eu.siacs.conversations.axolotl.bundles:\(device)" }
}
