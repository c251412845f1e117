#ifndef SILA_CFAULTVFS_H
#define SILA_CFAULTVFS_H

// An SQLite VFS named "fault" that models a power cut and a failing disk. It wraps the system's
// default VFS. For silad-faults and tests only.
//
// What is written to a database, its WAL or its journal stays in the memory of this process until
// SQLite syncs that file; only then does it reach the real file, followed by a real fsync. So
// kill -9 loses exactly what was written and not synced. All connections of the process see one
// and the same content. Making and deleting files takes effect at once; temporary files, locks
// and the shared memory of the WAL are those of the real VFS. (After a kill, the first connection
// rebuilds the WAL's index from the WAL itself, so a stale -shm file does no harm.)
//
// All functions may be called from any thread.

#ifdef __cplusplus
extern "C" {
#endif

/// What goes wrong.
enum sila_fault {
    /// Nothing.
    SILA_FAULT_NONE = 0,
    /// Writing fails with SQLITE_FULL: the disk is full.
    SILA_FAULT_DISK_FULL = 1,
    /// Writing fails with SQLITE_IOERR_WRITE.
    SILA_FAULT_WRITE_ERROR = 2,
    /// Syncing fails with SQLITE_IOERR_FSYNC; nothing reaches the real file.
    SILA_FAULT_SYNC_ERROR = 3,
    /// Reading fails with SQLITE_IOERR_READ.
    SILA_FAULT_READ_ERROR = 4,
    /// Syncing succeeds without doing anything: a disk that lies.
    SILA_FAULT_LOST_SYNC = 5,
    /// The process is killed (SIGKILL) instead of writing.
    SILA_FAULT_KILL_AT_WRITE = 6,
    /// The process is killed instead of syncing.
    SILA_FAULT_KILL_BEFORE_SYNC = 7,
    /// The process is killed when a sync has reached the disk, before SQLite is told.
    SILA_FAULT_KILL_AFTER_SYNC = 8
};

/// Registers the VFS; a second call does nothing. `make_default` is 1 to make it the one that
/// connections use which name none. Returns an SQLite result code, SQLITE_OK (0) on success.
int sila_fault_vfs_register(int make_default);

/// Lets `fault` happen: `after` operations of its kind go well first, then `times` of them are
/// hit (-1 for all that follow). Replaces what was set before; SILA_FAULT_NONE ends it.
void sila_fault_vfs_set(enum sila_fault fault, long long after, long long times);

/// How many writes and syncs there were since the VFS was registered. Either may be NULL.
void sila_fault_vfs_counts(long long *writes, long long *syncs);

/// How many bytes would be lost if the process were killed now.
long long sila_fault_vfs_unsynced_bytes(void);

#ifdef __cplusplus
}
#endif

#endif
