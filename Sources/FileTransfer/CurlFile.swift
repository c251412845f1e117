import CCurl
import Glibc
import Synchronization

/// One file on its way. `perform` is called once, on a thread that may block; `cancel` from anywhere.
final class CurlFile: Sendable {
    enum Work: Sendable {
        case download(limit: Int64)
        case upload(size: Int64, headers: [String])
    }

    /// libcurl's process-wide state.
    private static let isReady = sila_curl_global_init() == CURLE_OK

    private let work: Work
    private let url: String
    private let descriptor: Int32
    private let settings: FileTransfer.Settings
    private let isCancelled = Atomic<Bool>(false)
    private let metPrivate = Atomic<Bool>(false)
    private let isTooLarge = Atomic<Bool>(false)

    init(_ work: Work, url: String, descriptor: Int32, settings: FileTransfer.Settings) {
        self.work = work
        self.url = url
        self.descriptor = descriptor
        self.settings = settings
    }

    func cancel() { isCancelled.store(true, ordering: .relaxed) }

    /// - Returns: bytes moved.
    func perform() -> Result<Int64, TransferError> {
        // A write to a connection that the other side closed raises SIGPIPE in this thread.
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        guard Self.isReady, let easy = curl_easy_init() else { return .failure(TransferError(.library)) }
        defer { curl_easy_cleanup(easy) }
        // Through a proxy the name is looked up elsewhere: only what is written can be judged.
        if !settings.allowsPrivate, NetworkAddress.isPrivate(host: host) {
            return .failure(TransferError(.privateAddress))
        }
        guard let file = openFile() else { return .failure(TransferError(.disk)) }
        var list: UnsafeMutablePointer<curl_slist>?
        defer { curl_slist_free_all(list) }
        guard apply(to: easy, file: file, list: &list) else {
            fclose(file)
            return .failure(TransferError(.library))
        }
        let result = curl_easy_perform(easy)
        let isWritten = fclose(file) == 0
        var status = 0
        sila_curl_get_long(easy, CURLINFO_RESPONSE_CODE, &status)
        if isCancelled.load(ordering: .relaxed) { return .failure(TransferError(.cancelled)) }
        if metPrivate.load(ordering: .relaxed) { return .failure(TransferError(.privateAddress)) }
        if isTooLarge.load(ordering: .relaxed) { return .failure(TransferError(.tooLarge)) }
        guard result == CURLE_OK else { return .failure(TransferError(result, status: status)) }
        guard (200..<300).contains(status) else { return .failure(TransferError(status: status)) }
        guard isWritten else { return .failure(TransferError(.disk)) }
        switch work {
        case .upload(let size, _): return .success(size)
        case .download(let limit):
            let size = Int64(lseek(descriptor, 0, SEEK_END))
            return size <= limit ? .success(size) : .failure(TransferError(.tooLarge))
        }
    }

    private var host: String {
        let authority = url.dropFirst("https://".count).prefix { $0 != "/" && $0 != "?" }
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") { return String(authority[...end]) }
        return String(authority.prefix { $0 != ":" })
    }

    /// A stream of its own over the descriptor, which stays the caller's.
    private func openFile() -> UnsafeMutablePointer<FILE>? {
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else { return nil }
        let mode = if case .download = work { "w" } else { "r" }
        guard let file = fdopen(copy, mode) else {
            close(copy)
            return nil
        }
        return file
    }

    // MARK: Options

    private func apply(
        to easy: UnsafeMutableRawPointer, file: UnsafeMutablePointer<FILE>,
        list: inout UnsafeMutablePointer<curl_slist>?
    ) -> Bool {
        func set(_ option: CURLoption, _ value: Int) -> Bool { sila_curl_set_long(easy, option, value) == CURLE_OK }
        func set(_ option: CURLoption, _ value: String) -> Bool {
            sila_curl_set_string(easy, option, value) == CURLE_OK
        }
        // `self` outlives the call that uses the handle.
        let context = Unmanaged.passUnretained(self).toOpaque()
        var isSet =
            set(CURLOPT_URL, url) && set(CURLOPT_PROTOCOLS_STR, "https") && set(CURLOPT_REDIR_PROTOCOLS_STR, "https")
            && set(CURLOPT_NOSIGNAL, 1) && set(CURLOPT_SSL_VERIFYPEER, 1) && set(CURLOPT_SSL_VERIFYHOST, 2)
            && set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
            && set(CURLOPT_CONNECTTIMEOUT, 30) && set(CURLOPT_TIMEOUT, settings.patience)
            // Below this for a minute it is taken for dead.
            && set(CURLOPT_LOW_SPEED_LIMIT, 128) && set(CURLOPT_LOW_SPEED_TIME, 60)
            // Otherwise the environment's proxies count.
            && set(CURLOPT_PROXY, settings.proxy.map { "socks5h://\($0)" } ?? "") && set(CURLOPT_NOPROXY, "")
            && set(CURLOPT_NOPROGRESS, 0)
            && sila_curl_set_context(easy, CURLOPT_XFERINFODATA, context) == CURLE_OK
            && sila_curl_set_progress(easy, Self.progress) == CURLE_OK
        // Beside the machine's own folder of authorities, which stays trusted: contacts use servers of their own.
        if let authority = settings.authority { isSet = isSet && set(CURLOPT_CAINFO, authority) }
        if settings.proxy == nil, !settings.allowsPrivate {
            isSet =
                isSet && sila_curl_set_context(easy, CURLOPT_OPENSOCKETDATA, context) == CURLE_OK
                && sila_curl_set_open_socket(easy, Self.openSocket) == CURLE_OK
        }
        var lines = ["Expect:"]
        switch work {
        case .download(let limit):
            isSet =
                isSet && set(CURLOPT_FOLLOWLOCATION, 1) && set(CURLOPT_MAXREDIRS, 3) && set(CURLOPT_HTTPGET, 1)
                // An error's page is not the file.
                && set(CURLOPT_FAILONERROR, 0)
                && sila_curl_set_size(easy, CURLOPT_MAXFILESIZE_LARGE, Int(limit)) == CURLE_OK
                && sila_curl_set_context(easy, CURLOPT_WRITEDATA, file) == CURLE_OK
        case .upload(let size, let headers):
            lines += headers
            isSet =
                isSet && set(CURLOPT_UPLOAD, 1)
                && sila_curl_set_size(easy, CURLOPT_INFILESIZE_LARGE, Int(size)) == CURLE_OK
                && sila_curl_set_context(easy, CURLOPT_READDATA, file) == CURLE_OK
                && sila_curl_set_function(easy, CURLOPT_WRITEFUNCTION) { _, size, count, _ in size * count } == CURLE_OK
        }
        for line in lines {
            guard let longer = curl_slist_append(list, line) else { return false }
            list = longer
        }
        return isSet && sila_curl_set_list(easy, CURLOPT_HTTPHEADER, list) == CURLE_OK
    }

    /// Called at least once a second.
    private static let progress: curl_xferinfo_callback = { context, _, received, _, _ in
        guard let context else { return 1 }
        let file = Unmanaged<CurlFile>.fromOpaque(context).takeUnretainedValue()
        // The length that a server announces is checked by libcurl; what really comes, here.
        if case .download(let limit) = file.work, received > limit {
            file.isTooLarge.store(true, ordering: .relaxed)
        }
        return file.isTooLarge.load(ordering: .relaxed) || file.isCancelled.load(ordering: .relaxed) ? 1 : 0
    }

    /// Looks at every address before anything is sent to it: also after a redirect, and whatever a name meant when
    /// it was looked up before.
    private static let openSocket: curl_opensocket_callback = { context, _, address in
        guard let context, let address else { return sila_curl_bad_socket() }
        let file = Unmanaged<CurlFile>.fromOpaque(context).takeUnretainedValue()
        guard let offset = MemoryLayout<curl_sockaddr>.offset(of: \.addr) else { return sila_curl_bad_socket() }
        guard !NetworkAddress.isPrivate(family: address.pointee.family, UnsafeRawPointer(address) + offset) else {
            file.metPrivate.store(true, ordering: .relaxed)
            return sila_curl_bad_socket()
        }
        return socket(
            address.pointee.family, address.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue), address.pointee.protocol)
    }
}
