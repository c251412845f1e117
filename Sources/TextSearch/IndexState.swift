/// The parts of an index and the messages added since.
struct IndexState: Sendable {
    /// A segment and those of its documents that were replaced.
    struct Part: Sendable {
        var segment: Segment
        var hidden: Bitset?

        var count: Int { segment.ids.count - (hidden?.count ?? 0) }

        /// The number of the document with an id, unless it was replaced.
        func document(_ id: UInt32) -> UInt32? {
            guard let document = segment.document(id), hidden?.contains(document) != true else { return nil }
            return document
        }

        mutating func hide(_ document: UInt32) {
            var set = hidden ?? Bitset(capacity: segment.ids.count)
            set.insert(document)
            hidden = set
        }
    }

    private var parts: [Part]
    private var live = SegmentWriter()
    private var liveIDs: Set<UInt32> = []
    /// `live` as a segment; made when a search needs it.
    private var liveSegment: Segment?

    /// Messages added one by one that stand together before they become a part.
    private static let mostLive = 1024
    /// Parts of additions are joined up to this size, so that joining stays short.
    private static let mostJoined = 131_072

    init(_ segments: [Segment]) {
        parts = segments.filter { !$0.ids.isEmpty }.map { Part(segment: $0) }
        for later in parts.indices.dropFirst() {
            for earlier in 0..<later { Self.hideCommon(&parts[earlier], with: parts[later].segment.ids) }
        }
    }

    private static func hideCommon(_ part: inout Part, with ids: [UInt32]) {
        let own = part.segment.ids
        var index = 0
        for (document, id) in own.enumerated() {
            while index < ids.count, ids[index] < id { index += 1 }
            if index == ids.count { return }
            if ids[index] == id { part.hide(UInt32(document)) }
        }
    }

    var count: Int { parts.reduce(liveIDs.count) { $0 + $1.count } }

    var byteCount: Int {
        parts.reduce(live.byteCount + (liveSegment?.byteCount ?? 0) + liveIDs.capacity * 8) {
            $0 + $1.segment.byteCount + ($1.hidden?.words.count ?? 0) * 8
        }
    }

    /// All parts as they are now.
    mutating func snapshot() -> [Part] {
        guard !live.isEmpty else { return parts }
        let segment = liveSegment ?? live.finish()
        liveSegment = segment
        return parts + [Part(segment: segment)]
    }

    mutating func add(_ id: UInt32, _ text: String) {
        for index in parts.indices {
            if let document = parts[index].document(id) { parts[index].hide(document) }
        }
        live.add(id, text)
        liveIDs.insert(id)
        liveSegment = nil
        if live.ids.count >= Self.mostLive {
            seal()
            joinSmall()
        }
    }

    mutating func remove(_ ids: Set<UInt32>) {
        seal()
        for index in parts.indices.reversed() {
            let part = parts[index]
            // Documents that were replaced under the same id have words to forget as well.
            let gone = ids.filter { part.segment.document($0) != nil }
            if gone.isEmpty { continue }
            join(index...index, without: gone)
        }
    }

    /// Forgets everything. Segments overwrite their words themselves.
    mutating func wipe() {
        parts = []
        liveSegment = nil
        live.wipe()
        liveIDs = []
    }

    /// Makes a part of the messages added one by one.
    private mutating func seal() {
        guard !live.isEmpty else { return }
        parts.append(Part(segment: liveSegment ?? live.finish()))
        live = SegmentWriter()
        liveIDs = []
        liveSegment = nil
    }

    /// Joins the last parts as long as they are of similar size: a message is written anew a few times only,
    /// and parts stay few.
    private mutating func joinSmall() {
        while parts.count >= 2 {
            let last = parts[parts.count - 1].segment.ids.count
            let before = parts[parts.count - 2].segment.ids.count
            guard before < 2 * last, before + last <= Self.mostJoined else { return }
            join(parts.count - 2...parts.count - 1, without: [])
        }
    }

    /// Writes parts anew as one, without replaced documents and without some ids.
    private mutating func join(_ range: ClosedRange<Int>, without gone: Set<UInt32>) {
        let old = Array(parts[range])
        var writer = SegmentWriter()
        writer.add(from: old.map(\.segment)) { index, id, document in
            old[index].hidden?.contains(document) != true && !gone.contains(id)
        }
        let joined = writer.isEmpty ? [] : [Part(segment: writer.finish())]
        parts.replaceSubrange(range, with: joined)
    }
}
