import Dispatch

/// Runs an actor's jobs on one serial dispatch queue, so that the database writer, the libsignal
/// context and the channel codecs share one executor, and no blocking SQLite call ever sits on
/// the cooperative thread pool.
final class WriterExecutor: SerialExecutor {
    private let queue: DispatchQueue

    init(label: String) {
        queue = DispatchQueue(label: label, qos: .userInitiated)
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async {
            unsafe job.runSynchronously(on: self.asUnownedSerialExecutor())
        }
    }
}
