import CCurl
import Glibc

/// The libcurl handle of one transfer. Confined to the client's thread.
final class CurlTransfer {
    let easy: UnsafeMutableRawPointer
    let transfer: Transfer
    private var list: UnsafeMutablePointer<curl_slist>?
    private let body: UnsafeMutableBufferPointer<UInt8>?
    private var parser = HeadParser()
    private var failure: HTTPError?
    private var lastByte = ContinuousClock.now
    private(set) var isPaused = false

    init(_ transfer: Transfer, socketPath: String) throws(HTTPError) {
        guard let easy = curl_easy_init() else { throw HTTPError(.library) }
        self.easy = easy
        self.transfer = transfer
        let request = transfer.request
        // Without a length some servers wait for a body that does not come.
        let sent = request.body ?? (request.method == .post || request.method == .put ? [] : nil)
        body = sent.map { bytes in
            let copy = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: max(1, bytes.count))
            _ = copy.initialize(from: bytes)
            return copy
        }
        try apply(socketPath)
    }

    deinit {
        // The handle has left the multi handle by now, or was never in it.
        curl_easy_cleanup(easy)
        if let list { curl_slist_free_all(list) }
        body?.deallocate()
    }

    /// When it is late; `nil` while it may take any time.
    var deadline: ContinuousClock.Instant? {
        guard parser.head != nil else { return transfer.headDeadline }
        // While the reader takes nothing, the server is not to blame.
        if isPaused { return transfer.totalDeadline }
        return transfer.totalDeadline ?? transfer.idle.map { lastByte + $0 }
    }

    /// Reads on after a pause.
    func goOn(_ now: ContinuousClock.Instant) {
        isPaused = false
        lastByte = now
        // libcurl may call `take` from within.
        curl_easy_pause(easy, CURLPAUSE_CONT)
    }

    // MARK: Called back by libcurl

    private func take(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        guard failure == nil, !transfer.isCancelled else { return 0 }
        guard transfer.hasRoom else {
            isPaused = true
            return sila_curl_write_pause()
        }
        lastByte = .now
        transfer.received(Array(bytes))
        return bytes.count
    }

    private func takeHeader(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        do {
            lastByte = .now
            if let head = try parser.take(bytes) { transfer.received(head) }
            return bytes.count
        } catch {
            failure = error
            return 0
        }
    }

    // MARK: Options

    private func apply(_ socketPath: String) throws(HTTPError) {
        let request = transfer.request
        guard socketPath.utf8.count < 108, !socketPath.utf8.contains(0) else {
            throw HTTPError(.missing, reason: "The path of a socket has 107 bytes at most.")
        }
        try set(CURLOPT_UNIX_SOCKET_PATH, socketPath)
        // The name goes into the Host header only.
        try set(CURLOPT_URL, "http://localhost\(request.path)")
        try set(CURLOPT_PATH_AS_IS, 1)
        try set(CURLOPT_PROTOCOLS_STR, "http")
        try set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        // Fewer, larger chunks for long streams.
        try set(CURLOPT_BUFFERSIZE, 128 * 1024)
        // Timeouts without signals: those belong to the process, and we have several threads.
        try set(CURLOPT_NOSIGNAL, 1)
        // Otherwise the environment's `http_proxy` counts.
        try set(CURLOPT_PROXY, "")
        try set(CURLOPT_NOPROXY, "*")
        try set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
        if let body {
            try check(sila_curl_set_long(easy, CURLOPT_POST, 1))
            try check(sila_curl_set_long(easy, CURLOPT_POSTFIELDSIZE, request.body?.count ?? 0))
            // `body` lives as long as the handle.
            try check(sila_curl_set_bytes(easy, CURLOPT_POSTFIELDS, body.baseAddress))
        }
        try applyHeaders(request)
        // `self` outlives the handle, which it owns.
        let context = Unmanaged.passUnretained(self).toOpaque()
        try check(sila_curl_set_context(easy, CURLOPT_WRITEDATA, context))
        try check(sila_curl_set_context(easy, CURLOPT_HEADERDATA, context))
        try check(
            sila_curl_set_function(easy, CURLOPT_WRITEFUNCTION) { buffer, size, count, context in
                CurlTransfer.call(buffer, size * count, context) { $0.take($1) }
            })
        try check(
            sila_curl_set_function(easy, CURLOPT_HEADERFUNCTION) { buffer, size, count, context in
                CurlTransfer.call(buffer, size * count, context) { $0.takeHeader($1) }
            })
    }

    private func applyHeaders(_ request: HTTPRequest) throws(HTTPError) {
        // Without "Expect" libcurl would wait for a go-ahead before long bodies; "Content-Type" it
        // would make up.
        var lines = ["Expect:", "Accept-Encoding:"]
        if !request.headers.contains(where: { $0.name.lowercased() == "content-type" }) {
            lines.append("Content-Type:")
        }
        for header in request.headers { lines.append("\(header.name): \(header.value)") }
        for line in lines {
            guard let longer = curl_slist_append(list, line) else { throw HTTPError(.library) }
            list = longer
        }
        try check(sila_curl_set_list(easy, CURLOPT_HTTPHEADER, list))
    }

    private static func call(
        _ buffer: UnsafeMutablePointer<CChar>?, _ count: Int, _ context: UnsafeMutableRawPointer?,
        _ body: (CurlTransfer, UnsafeBufferPointer<UInt8>) -> Int
    ) -> Int {
        guard let context else { return 0 }
        let active = Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
        guard let buffer, count > 0 else { return body(active, UnsafeBufferPointer(start: nil, count: 0)) }
        return buffer.withMemoryRebound(to: UInt8.self, capacity: count) {
            body(active, UnsafeBufferPointer(start: $0, count: count))
        }
    }

    private func set(_ option: CURLoption, _ value: Int) throws(HTTPError) {
        try check(sila_curl_set_long(easy, option, value))
    }

    private func set(_ option: CURLoption, _ value: String) throws(HTTPError) {
        try check(sila_curl_set_string(easy, option, value))
    }

    private func check(_ code: CURLcode) throws(HTTPError) {
        guard code == CURLE_OK else { throw HTTPError(.library, code: Int(code.rawValue)) }
    }
}

extension CurlTransfer {
    /// What the end of a transfer means. The only place where libcurl's codes are read.
    func outcome(_ result: CURLcode) -> Result<Void, any Error> {
        if let failure = takenFailure { return .failure(failure) }
        let code = Int(result.rawValue)
        switch result {
        case CURLE_OK:
            // libcurl takes an end within the headers for the end of an answer.
            return hasHead ? .success(()) : .failure(HTTPError(.cut, code: code))
        case CURLE_COULDNT_CONNECT, CURLE_COULDNT_RESOLVE_HOST:
            var number = 0
            sila_curl_get_long(easy, CURLINFO_OS_ERRNO, &number)
            let kind: HTTPError.Kind =
                switch Int32(truncatingIfNeeded: number) {
                case ENOENT, ENOTDIR: .missing
                case EACCES, EPERM: .permission
                default: .refused
                }
            return .failure(HTTPError(kind, code: code))
        case CURLE_OPERATION_TIMEDOUT: return .failure(HTTPError(.timeout, code: code))
        case CURLE_PARTIAL_FILE, CURLE_GOT_NOTHING, CURLE_RECV_ERROR, CURLE_SEND_ERROR:
            return .failure(HTTPError(.cut, code: code))
        case CURLE_WEIRD_SERVER_REPLY, CURLE_UNSUPPORTED_PROTOCOL, CURLE_BAD_CONTENT_ENCODING, CURLE_HTTP2:
            return .failure(HTTPError(.malformed, code: code))
        default: return .failure(HTTPError(.library, code: code))
        }
    }

    private var takenFailure: HTTPError? { failure }
    private var hasHead: Bool { parser.head != nil }
}
