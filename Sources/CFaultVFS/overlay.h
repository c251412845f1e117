#ifndef SILA_OVERLAY_H
#define SILA_OVERLAY_H

#include <sqlite3.h>

#define SILA_BLOCK 4096

/// The content of one file that was written and not synced, shared by all handles of the file.
/// The caller holds the lock of the VFS for every function here.
struct sila_overlay {
    char *path;
    /// The size that readers see.
    sqlite3_int64 size;
    /// Bytes of the real file from here on are cut off.
    sqlite3_int64 real_valid;
    /// Unsynced blocks by number; NULL where the real file is still right.
    unsigned char **blocks;
    sqlite3_int64 block_count;
    sqlite3_int64 dirty;
    /// Something was written or cut off since the last push.
    int unsynced;
    int handles;
    /// The name was deleted; the content lives on until the last handle is closed.
    int deleted;
    struct sila_overlay *next;
};

/// Finds or makes the overlay for a path, and counts one more handle. NULL without memory.
struct sila_overlay *sila_overlay_open(const char *path, sqlite3_int64 real_size);
/// Finds the overlay for a path, or NULL.
struct sila_overlay *sila_overlay_find(const char *path);
/// One handle less. Unsynced content of a file that still has its name is kept.
void sila_overlay_close(struct sila_overlay *overlay);
/// The name is gone.
void sila_overlay_delete(const char *path);

int sila_overlay_read(struct sila_overlay *, sqlite3_file *real, void *to, int count, sqlite3_int64 offset);
int sila_overlay_write(
    struct sila_overlay *, sqlite3_file *real, const void *from, int count, sqlite3_int64 offset);
int sila_overlay_truncate(struct sila_overlay *, sqlite3_file *real, sqlite3_int64 size);
/// Gives everything to the real file. It is not synced yet.
int sila_overlay_push(struct sila_overlay *, sqlite3_file *real);
/// Unsynced bytes of all files.
long long sila_overlay_unsynced(void);

#endif
