import Store

/// Where the daemon waits for its store in key mode `operator`.
actor KeyGate {
    private var writer: Writer?
    private var waiting: [CheckedContinuation<Writer, any Error>] = []
    private var isEnded = false

    /// The key opened the store.
    func open(_ writer: Writer) {
        self.writer = writer
        for one in waiting { one.resume(returning: writer) }
        waiting = []
    }

    /// The store, once it is open. Throws `CancellationError` when the daemon ends before.
    func store() async throws -> Writer {
        try await withTaskCancellationHandler {
            if let writer { return writer }
            if isEnded || Task.isCancelled { throw CancellationError() }
            return try await withCheckedThrowingContinuation { waiting.append($0) }
        } onCancel: {
            Task { await self.end() }
        }
    }

    /// The store, if it is open.
    var current: Writer? { writer }

    private func end() {
        isEnded = true
        for one in waiting { one.resume(throwing: CancellationError()) }
        waiting = []
    }
}
