import CExpat
import Glibc

/// The only wrapper of expat: a push parser that knows namespaces and refuses what XMPP forbids.
///
/// Not `Sendable`: it belongs to whoever feeds it.
final class ExpatParser {
    /// Between namespace and name. It cannot occur in XML 1.0, so no name can forge it.
    private static let separator: UInt8 = 0x01

    private var parser: XML_Parser
    private let builder: ElementBuilder
    /// In front of expat where excess is cut out.
    private var scanner: TagScanner?
    private var fed = 0
    /// What this expat got less than all that came: it is not the first one.
    private var offset = 0
    /// How often expat was replaced.
    private(set) var renewals = 0
    /// A new expat is being told what opened the stream.
    private var isRenewing = false
    /// Where the token begins that is not yet complete.
    private var tokenStart = 0
    /// What expat holds for each element that is open, also for those that are left out.
    private var openTags: [Int] = []
    private var openTagBytes = 0
    private static let openTagOverhead = 256
    /// Most elements have the namespace of the one before: one string for all of them.
    private var lastNamespace = ""
    private var failure: XMLError?

    /// - Parameter cutsExcess: see `ElementBuilder`.
    init(limits: XMLLimits, cutsExcess: Bool = false) throws(XMLError) {
        parser = try Self.make()
        builder = ElementBuilder(limits: limits, cutsExcess: cutsExcess)
        scanner = cutsExcess ? TagScanner(limits: limits) : nil
        prepare()
    }

    private static func make() throws(XMLError) -> XML_Parser {
        // The encoding given here overrules what an XML declaration says (RFC 6120 §11.6).
        guard let parser = XML_ParserCreateNS("UTF-8", XML_Char(separator)) else { throw XMLError(.outOfMemory) }
        return parser
    }

    private func prepare() {
        // Else expat, after it has waited for a large tag, keeps what follows until much more has come:
        // a stanza would wait for the next ones. The scanner limits what is read more than once.
        if scanner != nil { sila_expat_parse_at_once(parser) }
        XML_SetUserData(parser, Unmanaged.passUnretained(self).toOpaque())
        installHandlers()
    }

    /// Goes on with a new expat, which knows none of the names that came so far. Between stanzas only.
    private func renew(_ header: [UInt8]) throws(XMLError) {
        let fresh = try Self.make()
        XML_ParserFree(parser)
        parser = fresh
        prepare()
        renewals += 1
        isRenewing = true
        defer { isRenewing = false }
        fed -= header.count
        offset = fed
        try parse(header, isFinal: false)
    }

    deinit { XML_ParserFree(parser) }

    /// Takes bytes as they come, cut anywhere.
    /// - Returns: what they completed.
    /// - Throws: `XMLError`; after that the parser refuses everything.
    func feed(_ bytes: some Collection<UInt8>) throws(XMLError) -> [ElementBuilder.Event] {
        if let failure { throw failure }
        for step in scanner?.scan(Array(bytes)) ?? [.pass(Array(bytes))] {
            switch step {
            case .pass(let passed): try parseInPieces(passed)
            case .exceeded(let kind): builder.exceeded(kind)
            case .renew(let header): try renew(header)
            }
        }
        return builder.takeEvents()
    }

    private func parseInPieces(_ bytes: [UInt8]) throws(XMLError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            // In pieces, so that the limits are looked at in time.
            let piece = Array(rest.prefix(16 * 1024))
            rest = rest.dropFirst(piece.count)
            try parse(piece, isFinal: false)
        }
    }

    /// Says that nothing follows.
    func finish() throws(XMLError) -> [ElementBuilder.Event] {
        try parse(scanner?.finish() ?? [], isFinal: true)
        return builder.takeEvents()
    }

    private func parse(_ piece: [UInt8], isFinal: Bool) throws(XMLError) {
        if let failure { throw failure }
        try refuseOtherEncodings(piece)
        let start = fed
        fed += piece.count
        builder.received(fed)
        let status = piece.withUnsafeBytes { buffer in
            XML_Parse(
                parser, buffer.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(buffer.count), isFinal ? 1 : 0)
        }
        // Without a position (-1) the parser waits for more of the same token.
        tokenStart = max(tokenStart, byteIndex)
        if let error = builder.error {
            failure = error
        } else if status == XML_STATUS_ERROR {
            failure = expatError(piece, start: start)
        } else if fed - tokenStart + openTagBytes > hardLimit {
            failure = XMLError(.stanzaTooLarge)
        }
        if let failure { throw failure }
    }

    /// By its first two bytes expat takes a stream for UTF-16, whatever encoding it was made for; only UTF-8 is
    /// allowed (RFC 6120 §11.6), and the scanner reads nothing else. None of these bytes begins anything in UTF-8.
    private func refuseOtherEncodings(_ piece: [UInt8]) throws(XMLError) {
        guard fed < 2, piece.prefix(2 - fed).contains(where: { $0 == 0 || $0 >= 0xFE }) else { return }
        let error = XMLError(.invalidUTF8)
        failure = error
        throw error
    }

    /// Where even leaving out ends: expat keeps a tag until it is complete, and the tags of all
    /// elements that are open, before and after it reports them.
    private var hardLimit: Int {
        builder.cutsExcess ? builder.limits.stanzaBytes * 4 : builder.limits.stanzaBytes
    }

    private func expatError(_ piece: [UInt8], start: Int) -> XMLError {
        let code = XML_GetErrorCode(parser)
        let raw = Int(code.rawValue)
        switch code {
        case XML_ERROR_NO_MEMORY: return XMLError(.outOfMemory, code: raw)
        case XML_ERROR_UNDEFINED_ENTITY: return XMLError(.entity, code: raw)
        case XML_ERROR_NO_ELEMENTS, XML_ERROR_UNCLOSED_TOKEN, XML_ERROR_FINISHED:
            return XMLError(.incomplete, code: raw)
        case XML_ERROR_PARTIAL_CHAR: return XMLError(.invalidUTF8, code: raw)
        case XML_ERROR_INVALID_TOKEN:
            let position = byteIndex - start
            let isUTF8 = Self.startsWithUTF8(piece.dropFirst(max(0, position)))
            return XMLError(isUTF8 ? .notWellFormed : .invalidUTF8, code: raw)
        default: return XMLError(.notWellFormed, code: raw)
        }
    }

    private static func startsWithUTF8(_ bytes: ArraySlice<UInt8>) -> Bool {
        var decoder = Unicode.UTF8()
        var input = bytes.makeIterator()
        if case .error = decoder.decode(&input) { return false }
        return true
    }

    private func installHandlers() {
        XML_SetElementHandler(
            parser,
            { context, name, attributes in
                ExpatParser.from(context)?.start(name, attributes)
            },
            { context, _ in
                ExpatParser.from(context)?.end()
            })
        XML_SetCharacterDataHandler(parser) { context, text, count in
            guard let self = ExpatParser.from(context), let text else { return }
            text.withMemoryRebound(to: UInt8.self, capacity: Int(count)) { bytes in
                self.builder.characters(UnsafeBufferPointer(start: bytes, count: Int(count)), at: self.position)
            }
            self.stopOnError()
        }
        XML_SetStartDoctypeDeclHandler(parser) { context, _, _, _, _ in ExpatParser.refuse(context, .documentType) }
        XML_SetEntityDeclHandler(parser) { context, _, _, _, _, _, _, _, _ in ExpatParser.refuse(context, .entity) }
        XML_SetSkippedEntityHandler(parser) { context, _, _ in ExpatParser.refuse(context, .entity) }
        XML_SetProcessingInstructionHandler(parser) { context, _, _ in
            ExpatParser.refuse(context, .processingInstruction)
        }
        XML_SetCommentHandler(parser) { context, _ in ExpatParser.refuse(context, .comment) }
    }

    private static func from(_ context: UnsafeMutableRawPointer?) -> ExpatParser? {
        // Unretained: the parser calls back only within `XML_Parse`, which `self` calls.
        context.map { Unmanaged<ExpatParser>.fromOpaque($0).takeUnretainedValue() }
    }

    private static func refuse(_ context: UnsafeMutableRawPointer?, _ kind: XMLError.Kind) {
        guard let self = from(context) else { return }
        self.builder.fail(kind)
        self.stopOnError()
    }

    /// Just behind the token that is being reported, counted from the beginning of the input.
    private var position: Int { byteIndex + Int(XML_GetCurrentByteCount(parser)) }

    /// Where that token begins.
    private var byteIndex: Int { offset + Int(XML_GetCurrentByteIndex(parser)) }

    private func start(
        _ name: UnsafePointer<XML_Char>?, _ attributes: UnsafeMutablePointer<UnsafePointer<XML_Char>?>?
    ) {
        if isRenewing { return }
        openTags.append(Int(XML_GetCurrentByteCount(parser)) + Self.openTagOverhead)
        openTagBytes += openTags.last ?? 0
        if openTagBytes > hardLimit { builder.fail(.stanzaTooLarge) }
        let (namespace, local) = split(name)
        var element = Element(local, namespace ?? "")
        var index = 0
        while let attributes, let name = attributes[index], let value = attributes[index + 1] {
            let (namespace, local) = split(name)
            element.attributes.append(Element.Attribute(local, String(cString: value), namespace: namespace))
            index += 2
        }
        builder.start(element, at: position)
        stopOnError()
    }

    private func end() {
        openTagBytes -= openTags.popLast() ?? 0
        builder.end(at: position)
        stopOnError()
    }

    private func stopOnError() {
        if builder.error != nil { XML_StopParser(parser, 0) }
    }

    private func split(_ name: UnsafePointer<XML_Char>?) -> (namespace: String?, local: String) {
        guard let name else { return (nil, "") }
        guard let cut = strchr(name, Int32(Self.separator)) else { return (nil, String(cString: name)) }
        let bytes = UnsafeRawBufferPointer(start: name, count: UnsafePointer(cut) - name)
        return (namespace(bytes), String(cString: cut + 1))
    }

    private func namespace(_ bytes: UnsafeRawBufferPointer) -> String {
        let isLast = lastNamespace.utf8.withContiguousStorageIfAvailable { last in
            guard last.count == bytes.count, let one = last.baseAddress, let other = bytes.baseAddress else {
                return false
            }
            return memcmp(one, other, bytes.count) == 0
        }
        if isLast != true { lastNamespace = String(decoding: bytes, as: UTF8.self) }
        return lastNamespace
    }
}
