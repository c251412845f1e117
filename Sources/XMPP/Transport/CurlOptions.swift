import CCurl

/// libcurl's process-wide state.
enum CurlLibrary {
    /// Initialised once, on first use. `false` when the library cannot be used.
    static let isReady = sila_curl_global_init() == CURLE_OK
}

extension TransportOptions {
    /// Sets everything that libcurl must know.
    /// - Returns: lists that must live as long as the handle; freed here on an error.
    func apply(
        to easy: UnsafeMutableRawPointer, deadline: Duration
    ) throws(TransportError) -> [UnsafeMutablePointer<curl_slist>] {
        try set(easy, CURLOPT_URL, "https://\(Endpoint(host: host, port: port).text)/")
        try set(easy, CURLOPT_CONNECT_ONLY, 1)
        // Timeouts without signals: those belong to the process, and we have several threads.
        try set(easy, CURLOPT_NOSIGNAL, 1)
        try set(easy, CURLOPT_CONNECTTIMEOUT_MS, max(1, Int(deadline / .milliseconds(1))))
        // No `http/1.1` where XMPP is spoken: a server may refuse a protocol it does not offer.
        try set(easy, CURLOPT_SSL_ENABLE_ALPN, 0)
        try set(easy, CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        try set(easy, CURLOPT_TCP_KEEPALIVE, 1)
        try set(easy, CURLOPT_TCP_NODELAY, 1)
        try set(easy, CURLOPT_FRESH_CONNECT, 1)
        // An empty string rather than nothing: otherwise the environment's `https_proxy` counts.
        try set(easy, CURLOPT_PROXY, proxy.map { "socks5h://\($0.text)" } ?? "")
        try set(easy, CURLOPT_NOPROXY, "")
        try applyTrust(to: easy)
        guard let connectTo else { return [] }
        let rule = "\(Endpoint(host: host, port: port).text):\(connectTo.text)"
        guard let list = curl_slist_append(nil, rule) else { throw TransportError(.library) }
        guard sila_curl_set_list(easy, CURLOPT_CONNECT_TO, list) == CURLE_OK else {
            curl_slist_free_all(list)
            throw TransportError(.library)
        }
        return [list]
    }

    private func applyTrust(to easy: UnsafeMutableRawPointer) throws(TransportError) {
        var verifies = true
        switch trust {
        case .system: break
        case .authority(let file): try onlyAuthority(easy, file)
        case .pinned(let pin):
            verifies = false
            try self.pin(easy, pin)
        case .pinnedAndAuthority(let pin, let file):
            if let file { try onlyAuthority(easy, file) }
            try self.pin(easy, pin)
        }
        try set(easy, CURLOPT_SSL_VERIFYPEER, verifies ? 1 : 0)
        try set(easy, CURLOPT_SSL_VERIFYHOST, verifies ? 2 : 0)
    }

    private func onlyAuthority(_ easy: UnsafeMutableRawPointer, _ file: String) throws(TransportError) {
        try set(easy, CURLOPT_CAINFO, file)
        // Otherwise the machine's own directory of authorities is trusted as well.
        guard sila_curl_set_string(easy, CURLOPT_CAPATH, nil) == CURLE_OK else { throw TransportError(.library) }
    }

    private func pin(_ easy: UnsafeMutableRawPointer, _ pin: String) throws(TransportError) {
        // libcurl takes anything else for the name of a file, and ignores malformed entries.
        let digest = pin.dropFirst("sha256//".count)
        guard pin.hasPrefix("sha256//"), digest.count == 44, digest.last == "=",
            digest.dropLast().utf8.allSatisfy({ Self.isBase64($0) })
        else {
            throw TransportError(
                .configuration, reason: "A pin is sha256// and the base64 of a SHA-256: 44 characters.")
        }
        try set(easy, CURLOPT_PINNEDPUBLICKEY, pin)
    }

    private static func isBase64(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2B, 0x2F: true
        default: false
        }
    }

    private func set(_ easy: UnsafeMutableRawPointer, _ option: CURLoption, _ value: Int) throws(TransportError) {
        let code = sila_curl_set_long(easy, option, value)
        guard code == CURLE_OK else { throw TransportError(.library, code: Int(code.rawValue)) }
    }

    private func set(_ easy: UnsafeMutableRawPointer, _ option: CURLoption, _ value: String) throws(TransportError) {
        let code = sila_curl_set_string(easy, option, value)
        guard code == CURLE_OK else { throw TransportError(.configuration, code: Int(code.rawValue)) }
    }
}

extension TransportError {
    /// What a failed connection attempt means. The only place where libcurl's codes are read.
    init(connecting code: CURLcode, easy: UnsafeMutableRawPointer, hasProxy: Bool) {
        let kind: Kind
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST: kind = .dns
        // Through a proxy, only the proxy itself is connected to.
        case CURLE_COULDNT_CONNECT: kind = hasProxy ? .proxy : .refused
        case CURLE_OPERATION_TIMEDOUT: kind = .timeout
        case CURLE_COULDNT_RESOLVE_PROXY, CURLE_PROXY: kind = .proxy
        case CURLE_SSL_PINNEDPUBKEYNOTMATCH: kind = .pinMismatch
        case CURLE_PEER_FAILED_VERIFICATION:
            // One code for both. OpenSSL's verdict on the chain is above 1; libcurl leaves its own
            // initial 1 when the chain was good and the name was not.
            var verdict = 0
            sila_curl_get_long(easy, CURLINFO_SSL_VERIFYRESULT, &verdict)
            kind = verdict <= 1 ? .hostName : .certificate
        case CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CIPHER: kind = .tls
        case CURLE_SSL_CACERT_BADFILE, CURLE_URL_MALFORMAT: kind = .configuration
        case CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_GOT_NOTHING: kind = .closed
        default: kind = .library
        }
        self.init(kind, code: Int(code.rawValue))
    }
}
