import CCurl

/// Runs the transfers of one client until it is closed. Confined to the client's thread.
final class CurlLoop {
    private let core: ClientCore
    private let multi: UnsafeMutableRawPointer
    private var running: [UnsafeMutableRawPointer: CurlTransfer] = [:]

    init(core: ClientCore, multi: UnsafeMutableRawPointer) {
        self.core = core
        self.multi = multi
    }

    func run() {
        while true {
            let (starting, isClosed) = core.take()
            for transfer in starting { start(transfer, isClosed: isClosed) }
            if isClosed { return endAll(HTTPError(.closed)) }
            lookAtAll()
            var count: Int32 = 0
            let code = curl_multi_perform(multi, &count)
            guard code == CURLM_OK else {
                let error = HTTPError(.library, code: Int(code.rawValue))
                core.failed(error)
                return endAll(error)
            }
            finishDone()
            curl_multi_poll(multi, nil, 0, wait(), nil)
        }
    }

    private func start(_ transfer: Transfer, isClosed: Bool) {
        guard !isClosed else { return transfer.finish(.failure(HTTPError(.closed))) }
        let core = core
        transfer.attach { core.wake() }
        do {
            let active = try CurlTransfer(transfer, socketPath: core.socketPath)
            running[active.easy] = active
            curl_multi_add_handle(multi, active.easy)
        } catch {
            transfer.finish(.failure(error))
        }
    }

    /// Cancelled, late, or paused and wanted again.
    private func lookAtAll() {
        let now = ContinuousClock.now
        for active in Array(running.values) {
            if active.transfer.isCancelled {
                end(active, .failure(CancellationError()))
            } else if let deadline = active.deadline, now >= deadline {
                end(active, .failure(HTTPError(.timeout)))
            } else if active.isPaused, active.transfer.hasRoom {
                active.goOn(now)
            }
        }
    }

    private func finishDone() {
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            let result = sila_curl_done_result(message)
            guard result >= 0, let easy = message.pointee.easy_handle, let active = running[easy] else { continue }
            end(active, active.outcome(CURLcode(rawValue: UInt32(result))))
        }
    }

    private func end(_ active: CurlTransfer, _ result: Result<Void, any Error>) {
        curl_multi_remove_handle(multi, active.easy)
        running[active.easy] = nil
        active.transfer.finish(result)
    }

    private func endAll(_ error: HTTPError) {
        for active in Array(running.values) { end(active, .failure(error)) }
    }

    /// Milliseconds until something is due: libcurl's own timers shorten it further.
    private func wait() -> Int32 {
        let now = ContinuousClock.now
        let nearest = running.values.compactMap(\.deadline).map { now.duration(to: $0) }.min()
        guard let nearest else { return 60_000 }
        return Int32(max(0, min(nearest / .milliseconds(1), 60_000)).rounded(.up))
    }
}
