import Foundation
import XMPP

@testable import OMEMO

/// `<encrypted/>` (XEP-0384 v0.3.0 §4.5), and base64 as it stands in all three elements.
enum EncryptedElementTarget: FuzzTarget {
    static let name = "omemo-element"
    static let dictionary: String? = "omemo"

    static func run(_ input: [UInt8]) throws {
        try base64(String(decoding: input, as: UTF8.self))
        guard let element = try? Element(parsing: input) else { return }
        let read: EncryptedElement
        do throws(OMEMOError) { read = try EncryptedElement(element) } catch { return }
        try promise(!read.keys.isEmpty && read.keys.count <= EncryptedElement.maximumKeys, "no key, or too many")
        try promise((12...16).contains(read.iv.count), "an IV of another length")
        try promise(read.keys.allSatisfy { $0.recipient > 0 && !$0.data.isEmpty }, "a key for nobody, or an empty one")
        try promise(try EncryptedElement(read.element) == read, "written and read again it says something else")
    }

    /// What we take, Foundation reads the same; it takes more, such as groups that are not whole.
    private static func base64(_ text: String) throws {
        let decoded = Base64.decode(text)
        guard let decoded else { return }
        try promise(Base64.decode(Base64.encode(decoded)) == decoded, "base64 changes its bytes")
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else { return }
        let other = Data(base64Encoded: text).map { [UInt8]($0) }
        try promise(decoded == other, "Foundation reads other base64 than we do")
    }
}

/// `<bundle/>` (XEP-0384 v0.3.0 §4.3).
enum BundleTarget: FuzzTarget {
    static let name = "omemo-bundle"
    static let dictionary: String? = "omemo"

    static func run(_ input: [UInt8]) throws {
        guard let element = try? Element(parsing: input) else { return }
        let read: PreKeyBundle
        do throws(OMEMOError) { read = try PreKeyBundle(element) } catch { return }
        try promise(read.signature.count == 64, "a signature of another length")
        try promise((1...PreKeyBundle.maximumPreKeys).contains(read.preKeys.count), "no prekey, or too many")
        try promise(Set(read.preKeys.map(\.id)).count == read.preKeys.count, "two prekeys with one id")
        try promise(try PreKeyBundle(read.element) == read, "written and read again it says something else")
    }
}

/// `<list/>` (XEP-0384 v0.3.0 §4.2).
enum DeviceListTarget: FuzzTarget {
    static let name = "omemo-list"
    static let dictionary: String? = "omemo"

    static func run(_ input: [UInt8]) throws {
        guard let element = try? Element(parsing: input) else { return }
        let read: DeviceList
        do throws(OMEMOError) { read = try DeviceList(element) } catch { return }
        try promise(read.devices.count <= DeviceList.maximumDevices, "too many devices")
        try promise(Set(read.devices).count == read.devices.count, "a device that counts twice")
        try promise(read.devices.allSatisfy { $0 > 0 && read.contains($0) }, "a device that is none")
        try promise(try DeviceList(read.element) == read, "written and read again it says something else")
    }
}
