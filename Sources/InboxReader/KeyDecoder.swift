/// Makes keys of the bytes that a terminal sends: UTF-8, xterm's and the linux console's sequences,
/// bracketed paste. Takes any bytes in any pieces; what it does not know it drops whole.
///
/// Sources: ECMA-48 5.4 (control sequences), xterm's "XTerm Control Sequences".
struct KeyDecoder {
    /// Bytes of one paste at most; what comes after is dropped, not typed.
    static let pasteLimit = 256 << 10
    /// Bytes of one control sequence at most.
    static let sequenceLimit = 32

    private enum State { case ground, escape, csi([UInt8]), ss3, paste, utf8([UInt8], missing: Int) }
    private var state = State.ground
    private var keys: [Key] = []
    private var pasted: [UInt8] = []

    /// Whether an escape waits for what follows it: after a short silence it was the Escape key.
    var waits: Bool {
        switch state {
        case .escape, .csi, .ss3: true
        default: false
        }
    }

    /// The keys that these bytes complete.
    mutating func decode(_ bytes: some Sequence<UInt8>) -> [Key] {
        for byte in bytes { take(byte) }
        defer { keys.removeAll() }
        return keys
    }

    /// The keys that silence completes.
    mutating func timeout() -> [Key] {
        guard waits else { return [] }
        if case .escape = state { keys.append(.escape) }
        state = .ground
        defer { keys.removeAll() }
        return keys
    }

    private mutating func take(_ byte: UInt8) {
        switch state {
        case .ground: ground(byte)
        case .escape: escape(byte)
        case .ss3:
            state = .ground
            if let key = Self.final(byte, modifier: 1) { keys.append(key) }
        case .csi(let bytes): csi(bytes, byte)
        case .paste: paste(byte)
        case .utf8(let bytes, let missing): utf8(bytes, missing, byte)
        }
    }

    private mutating func ground(_ byte: UInt8) {
        switch byte {
        case 0x1B: state = .escape
        case 0x0D, 0x0A: keys.append(.enter)
        case 0x09: keys.append(.tab)
        case 0x7F, 0x08: keys.append(.backspace)
        case 0x00: break
        case 0x01...0x1A: keys.append(.control(Character(Unicode.Scalar(byte + 0x60))))
        case 0x1C...0x1F: break
        case 0x20...0x7E: keys.append(.character(Character(Unicode.Scalar(byte))))
        case 0xC2...0xDF: state = .utf8([byte], missing: 1)
        case 0xE0...0xEF: state = .utf8([byte], missing: 2)
        case 0xF0...0xF4: state = .utf8([byte], missing: 3)
        default: break
        }
    }

    private mutating func utf8(_ bytes: [UInt8], _ missing: Int, _ byte: UInt8) {
        guard (0x80...0xBF).contains(byte) else {
            state = .ground
            return ground(byte)
        }
        let bytes = bytes + [byte]
        guard missing == 1 else {
            state = .utf8(bytes, missing: missing - 1)
            return
        }
        state = .ground
        // C1 controls are typed by nobody.
        guard let text = String(validating: bytes, as: UTF8.self), let character = text.first,
            !text.unicodeScalars.contains(where: { (0x80...0x9F).contains($0.value) })
        else { return }
        keys.append(.character(character))
    }

    private mutating func escape(_ byte: UInt8) {
        state = .ground
        switch byte {
        case 0x5B: state = .csi([])
        case 0x4F: state = .ss3
        case 0x1B:
            keys.append(.escape)
            state = .escape
        // Alt with b and f, as readline has it.
        case 0x62: keys.append(.wordLeft)
        case 0x66: keys.append(.wordRight)
        case 0x20...0x7E: break
        default:
            keys.append(.escape)
            ground(byte)
        }
    }

    private mutating func csi(_ bytes: [UInt8], _ byte: UInt8) {
        if (0x40...0x7E).contains(byte) {
            // The linux console sends ESC [ [ A for F1.
            if byte == 0x5B, bytes.isEmpty { return state = .ss3 }
            state = .ground
            return sequence(bytes, byte)
        }
        guard (0x20...0x3F).contains(byte) else {
            state = .ground
            return ground(byte)
        }
        // What is too long is still read to its end, or its rest would be typed.
        state = .csi(bytes.count < Self.sequenceLimit ? bytes + [byte] : bytes)
    }

    private mutating func sequence(_ bytes: [UInt8], _ final: UInt8) {
        let parameters = bytes.split(separator: 0x3B, omittingEmptySubsequences: false)
            .map { Int(String(decoding: $0, as: UTF8.self)) ?? 0 }
        let modifier = parameters.count > 1 ? parameters[1] : 1
        guard final == 0x7E else {
            if let key = Self.final(final, modifier: modifier) { keys.append(key) }
            return
        }
        switch parameters.first {
        case 1, 7: keys.append(.home)
        case 3: keys.append(.delete)
        case 4, 8: keys.append(.end)
        case 5: keys.append(.pageUp)
        case 6: keys.append(.pageDown)
        case 200: state = .paste
        default: break
        }
    }

    private static func final(_ byte: UInt8, modifier: Int) -> Key? {
        // 1 + bits: 1 shift, 2 alt, 4 control.
        let isWord = modifier > 1 && (modifier - 1) & 0b110 != 0
        switch byte {
        case 0x41: return .up
        case 0x42: return .down
        case 0x43: return isWord ? .wordRight : .right
        case 0x44: return isWord ? .wordLeft : .left
        case 0x46: return .end
        case 0x48: return .home
        case 0x4D: return .enter
        default: return nil
        }
    }

    private static let pasteEnd: [UInt8] = [0x1B, 0x5B, 0x32, 0x30, 0x31, 0x7E]

    private mutating func paste(_ byte: UInt8) {
        pasted.append(byte)
        guard byte == 0x7E, pasted.suffix(Self.pasteEnd.count) == Self.pasteEnd[...] else {
            if pasted.count > Self.pasteLimit + Self.pasteEnd.count { pasted.remove(at: Self.pasteLimit) }
            return
        }
        keys.append(
            .paste(String(decoding: pasted.dropLast(Self.pasteEnd.count).prefix(Self.pasteLimit), as: UTF8.self)))
        pasted = []
        state = .ground
    }
}
