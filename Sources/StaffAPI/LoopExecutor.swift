import NIOCore

/// Runs tasks on the thread of an event loop.
///
/// A request arrives there, and its answer leaves from there: to change to another thread and back takes longer than
/// most requests do. What takes long (changes, bulk reads, pages of many items) leaves the thread by itself, as it
/// waits for a queue of the store.
final class LoopExecutor: TaskExecutor {
    private let loop: any EventLoop

    init(_ loop: any EventLoop) { self.loop = loop }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
