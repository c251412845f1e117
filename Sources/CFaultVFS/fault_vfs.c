#include "CFaultVFS.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "overlay.h"

/// One open file. The file of the real VFS stands right behind it.
struct fault_file {
    sqlite3_file base;
    sqlite3_file *real;
    /// NULL for files that pass straight through: temporary ones.
    struct sila_overlay *overlay;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static sqlite3_vfs *real_vfs;
static sqlite3_vfs fault_vfs;

// Guarded by `lock`.
static enum sila_fault fault;
static long long fault_after, fault_times, write_count, sync_count;

/// Whether this operation is hit by `kind`, and counts it. The caller holds the lock.
static int is_hit(enum sila_fault kind) {
    if (fault != kind || fault_times == 0) return 0;
    if (fault_after > 0) {
        fault_after--;
        return 0;
    }
    if (fault_times > 0) fault_times--;
    return 1;
}

static void die(void) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

static sqlite3_file *real_of(sqlite3_file *file) { return ((struct fault_file *)file)->real; }
static struct sila_overlay *overlay_of(sqlite3_file *file) { return ((struct fault_file *)file)->overlay; }

static int file_close(sqlite3_file *file) {
    struct fault_file *self = (struct fault_file *)file;
    pthread_mutex_lock(&lock);
    if (self->overlay) sila_overlay_close(self->overlay);
    self->overlay = NULL;
    pthread_mutex_unlock(&lock);
    return self->real->pMethods ? self->real->pMethods->xClose(self->real) : SQLITE_OK;
}

static int file_read(sqlite3_file *file, void *to, int count, sqlite3_int64 offset) {
    sqlite3_file *real = real_of(file);
    if (!overlay_of(file)) return real->pMethods->xRead(real, to, count, offset);
    pthread_mutex_lock(&lock);
    int rc = is_hit(SILA_FAULT_READ_ERROR)
        ? SQLITE_IOERR_READ : sila_overlay_read(overlay_of(file), real, to, count, offset);
    pthread_mutex_unlock(&lock);
    return rc;
}

static int file_write(sqlite3_file *file, const void *from, int count, sqlite3_int64 offset) {
    sqlite3_file *real = real_of(file);
    if (!overlay_of(file)) return real->pMethods->xWrite(real, from, count, offset);
    pthread_mutex_lock(&lock);
    write_count++;
    int rc;
    if (is_hit(SILA_FAULT_KILL_AT_WRITE)) die();
    if (is_hit(SILA_FAULT_DISK_FULL)) rc = SQLITE_FULL;
    else if (is_hit(SILA_FAULT_WRITE_ERROR)) rc = SQLITE_IOERR_WRITE;
    else rc = sila_overlay_write(overlay_of(file), real, from, count, offset);
    pthread_mutex_unlock(&lock);
    return rc;
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size) {
    sqlite3_file *real = real_of(file);
    if (!overlay_of(file)) return real->pMethods->xTruncate(real, size);
    pthread_mutex_lock(&lock);
    int rc = sila_overlay_truncate(overlay_of(file), real, size);
    pthread_mutex_unlock(&lock);
    return rc;
}

static int file_sync(sqlite3_file *file, int flags) {
    sqlite3_file *real = real_of(file);
    if (!overlay_of(file)) return real->pMethods->xSync(real, flags);
    pthread_mutex_lock(&lock);
    sync_count++;
    int rc;
    if (is_hit(SILA_FAULT_KILL_BEFORE_SYNC)) die();
    if (is_hit(SILA_FAULT_SYNC_ERROR)) rc = SQLITE_IOERR_FSYNC;
    else if (is_hit(SILA_FAULT_LOST_SYNC)) rc = SQLITE_OK;
    else {
        rc = sila_overlay_push(overlay_of(file), real);
        if (rc == SQLITE_OK) rc = real->pMethods->xSync(real, flags);
        if (is_hit(SILA_FAULT_KILL_AFTER_SYNC)) die();
    }
    pthread_mutex_unlock(&lock);
    return rc;
}

static int file_size(sqlite3_file *file, sqlite3_int64 *size) {
    sqlite3_file *real = real_of(file);
    if (!overlay_of(file)) return real->pMethods->xFileSize(real, size);
    pthread_mutex_lock(&lock);
    *size = overlay_of(file)->size;
    pthread_mutex_unlock(&lock);
    return SQLITE_OK;
}

static int file_control(sqlite3_file *file, int op, void *argument) {
    sqlite3_file *real = real_of(file);
    if (overlay_of(file)) {
        switch (op) {
        // These would change the real file, or map it past us.
        case SQLITE_FCNTL_SIZE_HINT:
        case SQLITE_FCNTL_CHUNK_SIZE:
            return SQLITE_OK;
        case SQLITE_FCNTL_MMAP_SIZE:
            return SQLITE_NOTFOUND;
        default:
            break;
        }
    }
    int rc = real->pMethods->xFileControl(real, op, argument);
    if (op == SQLITE_FCNTL_VFSNAME && rc == SQLITE_OK) {
        char **name = argument;
        char *whole = sqlite3_mprintf("fault/%z", *name);
        *name = whole;
    }
    return rc;
}

#define PASS(name, parameters, arguments) \
    static int file_##name parameters { return real_of(file)->pMethods->name arguments; }
PASS(xLock, (sqlite3_file *file, int level), (real_of(file), level))
PASS(xUnlock, (sqlite3_file *file, int level), (real_of(file), level))
PASS(xCheckReservedLock, (sqlite3_file *file, int *result), (real_of(file), result))
PASS(xSectorSize, (sqlite3_file *file), (real_of(file)))
PASS(xDeviceCharacteristics, (sqlite3_file *file), (real_of(file)))
PASS(xShmMap, (sqlite3_file *file, int page, int size, int extend, void volatile **memory),
     (real_of(file), page, size, extend, memory))
PASS(xShmLock, (sqlite3_file *file, int offset, int count, int flags), (real_of(file), offset, count, flags))
PASS(xShmUnmap, (sqlite3_file *file, int remove), (real_of(file), remove))
#undef PASS

static void file_xShmBarrier(sqlite3_file *file) { real_of(file)->pMethods->xShmBarrier(real_of(file)); }

/// Version 2: shared memory, but no memory-mapped content.
static const sqlite3_io_methods file_methods = {
    2, file_close, file_read, file_write, file_truncate, file_sync, file_size, file_xLock, file_xUnlock,
    file_xCheckReservedLock, file_control, file_xSectorSize, file_xDeviceCharacteristics, file_xShmMap,
    file_xShmLock, file_xShmBarrier, file_xShmUnmap, NULL, NULL,
};

static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out_flags) {
    (void)vfs;
    struct fault_file *self = (struct fault_file *)file;
    memset(self, 0, sizeof *self);
    self->real = (sqlite3_file *)(self + 1);
    int rc = real_vfs->xOpen(real_vfs, name, self->real, flags, out_flags);
    if (rc != SQLITE_OK) return rc;
    int kept = SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL | SQLITE_OPEN_SUPER_JOURNAL;
    if (name && (flags & kept) && !(flags & SQLITE_OPEN_DELETEONCLOSE)) {
        sqlite3_int64 size = 0;
        pthread_mutex_lock(&lock);
        rc = self->real->pMethods->xFileSize(self->real, &size);
        if (rc == SQLITE_OK) {
            self->overlay = sila_overlay_open(name, size);
            if (!self->overlay) rc = SQLITE_IOERR_NOMEM;
        }
        pthread_mutex_unlock(&lock);
        if (rc != SQLITE_OK) {
            self->real->pMethods->xClose(self->real);
            return rc;
        }
    }
    self->base.pMethods = &file_methods;
    return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int sync_directory) {
    (void)vfs;
    pthread_mutex_lock(&lock);
    int rc = real_vfs->xDelete(real_vfs, name, sync_directory);
    if (rc == SQLITE_OK || rc == SQLITE_IOERR_DELETE_NOENT) sila_overlay_delete(name);
    pthread_mutex_unlock(&lock);
    return rc;
}

static int vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *result) {
    (void)vfs;
    int rc = real_vfs->xAccess(real_vfs, name, flags, result);
    if (rc == SQLITE_OK && flags == SQLITE_ACCESS_EXISTS) {
        // The real VFS takes an empty file for none; here its content may still be in memory.
        pthread_mutex_lock(&lock);
        struct sila_overlay *overlay = sila_overlay_find(name);
        if (overlay) *result = overlay->size > 0;
        pthread_mutex_unlock(&lock);
    }
    return rc;
}

// The rest is the real VFS's, which must be given itself.
static int vfs_path(sqlite3_vfs *v, const char *name, int size, char *out) {
    (void)v;
    return real_vfs->xFullPathname(real_vfs, name, size, out);
}
static int vfs_random(sqlite3_vfs *v, int count, char *out) {
    (void)v;
    return real_vfs->xRandomness(real_vfs, count, out);
}
static int vfs_sleep(sqlite3_vfs *v, int microseconds) {
    (void)v;
    return real_vfs->xSleep(real_vfs, microseconds);
}
static int vfs_time(sqlite3_vfs *v, double *out) {
    (void)v;
    return real_vfs->xCurrentTime(real_vfs, out);
}
static int vfs_time64(sqlite3_vfs *v, sqlite3_int64 *out) {
    (void)v;
    return real_vfs->xCurrentTimeInt64(real_vfs, out);
}
static int vfs_last_error(sqlite3_vfs *v, int size, char *out) {
    (void)v;
    return real_vfs->xGetLastError(real_vfs, size, out);
}

int sila_fault_vfs_register(int make_default) {
    pthread_mutex_lock(&lock);
    int rc = SQLITE_OK;
    if (!real_vfs) {
        sqlite3_vfs *found = sqlite3_vfs_find(NULL);
        if (!found || found->iVersion < 2) {
            rc = SQLITE_NOTFOUND;
        } else {
            real_vfs = found;
            fault_vfs = (sqlite3_vfs){
                .iVersion = 2,
                .szOsFile = (int)sizeof(struct fault_file) + found->szOsFile,
                .mxPathname = found->mxPathname,
                .zName = "fault",
                .xOpen = vfs_open,
                .xDelete = vfs_delete,
                .xAccess = vfs_access,
                .xFullPathname = vfs_path,
                .xRandomness = vfs_random,
                .xSleep = vfs_sleep,
                .xCurrentTime = vfs_time,
                .xGetLastError = vfs_last_error,
                .xCurrentTimeInt64 = vfs_time64,
            };
            rc = sqlite3_vfs_register(&fault_vfs, make_default);
            if (rc != SQLITE_OK) real_vfs = NULL;
        }
    }
    pthread_mutex_unlock(&lock);
    return rc;
}

void sila_fault_vfs_set(enum sila_fault kind, long long after, long long times) {
    pthread_mutex_lock(&lock);
    fault = kind;
    fault_after = after;
    fault_times = times;
    pthread_mutex_unlock(&lock);
}

void sila_fault_vfs_counts(long long *writes, long long *syncs) {
    pthread_mutex_lock(&lock);
    if (writes) *writes = write_count;
    if (syncs) *syncs = sync_count;
    pthread_mutex_unlock(&lock);
}

long long sila_fault_vfs_unsynced_bytes(void) {
    pthread_mutex_lock(&lock);
    long long bytes = sila_overlay_unsynced();
    pthread_mutex_unlock(&lock);
    return bytes;
}
