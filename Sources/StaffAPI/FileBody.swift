import Foundation
import HummingbirdCore
import NIOCore
import StaffProtocol

/// A file of the disk as the body of an answer, read piece by piece.
enum FileBody {
    /// Throws `refused` when it cannot be opened.
    static func of(_ file: AttachmentFile) throws -> ResponseBody {
        guard let handle = FileHandle(forReadingAtPath: file.path) else {
            throw APIError(.refused, "this file is missing from the bridge's disk")
        }
        return ResponseBody(contentLength: Int(file.size)) { writer in
            var rest = Int(file.size)
            while rest > 0 {
                // Shorter than promised: the connection ends without it, and the client says that it was cut.
                let length = min(rest, Limits.piece)
                // The disk may be slow: nobody else on this thread waits for it.
                let piece = try await withTaskExecutorPreference(globalConcurrentExecutor) {
                    try handle.read(upToCount: length)
                }
                guard let piece, !piece.isEmpty else {
                    throw APIError(.internalError, "a file of the bridge is shorter than it was")
                }
                rest -= piece.count
                try await writer.write(ByteBuffer(bytes: piece))
            }
            try await writer.finish(nil)
        }
    }
}
