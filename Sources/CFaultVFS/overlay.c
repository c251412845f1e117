#include "overlay.h"

#include <stdlib.h>
#include <string.h>

static struct sila_overlay *overlays;

struct sila_overlay *sila_overlay_find(const char *path) {
    struct sila_overlay *overlay = overlays;
    while (overlay && (overlay->deleted || strcmp(overlay->path, path) != 0)) overlay = overlay->next;
    return overlay;
}

struct sila_overlay *sila_overlay_open(const char *path, sqlite3_int64 real_size) {
    struct sila_overlay *overlay = sila_overlay_find(path);
    if (!overlay) {
        overlay = calloc(1, sizeof *overlay);
        if (!overlay) return NULL;
        overlay->path = strdup(path);
        if (!overlay->path) {
            free(overlay);
            return NULL;
        }
        overlay->size = overlay->real_valid = real_size;
        overlay->next = overlays;
        overlays = overlay;
    }
    overlay->handles++;
    return overlay;
}

static void drop_blocks(struct sila_overlay *overlay, sqlite3_int64 from) {
    for (sqlite3_int64 number = from; number < overlay->block_count; number++) {
        if (!overlay->blocks[number]) continue;
        free(overlay->blocks[number]);
        overlay->blocks[number] = NULL;
        overlay->dirty--;
    }
}

/// Frees an overlay that nobody can reach any more.
static void release(struct sila_overlay *overlay) {
    struct sila_overlay **link = &overlays;
    while (*link != overlay) link = &(*link)->next;
    *link = overlay->next;
    drop_blocks(overlay, 0);
    free(overlay->blocks);
    free(overlay->path);
    free(overlay);
}

void sila_overlay_close(struct sila_overlay *overlay) {
    overlay->handles--;
    // Closing a file does not sync it: the content must be there when the file is opened again.
    if (overlay->handles == 0 && (overlay->deleted || !overlay->unsynced)) release(overlay);
}

void sila_overlay_delete(const char *path) {
    struct sila_overlay *overlay = sila_overlay_find(path);
    if (!overlay) return;
    overlay->deleted = 1;
    if (overlay->handles == 0) release(overlay);
}

/// The block with this number, taken from the real file if it is not here yet. NULL without
/// memory or when reading fails, with the reason in `rc`.
static unsigned char *block(
    struct sila_overlay *overlay, sqlite3_file *real, sqlite3_int64 number, int *rc) {
    if (number >= overlay->block_count) {
        sqlite3_int64 count = number + 1 > overlay->block_count * 2 ? number + 1 : overlay->block_count * 2;
        unsigned char **grown = realloc(overlay->blocks, (size_t)count * sizeof *grown);
        if (!grown) {
            *rc = SQLITE_IOERR_NOMEM;
            return NULL;
        }
        memset(grown + overlay->block_count, 0, (size_t)(count - overlay->block_count) * sizeof *grown);
        overlay->blocks = grown;
        overlay->block_count = count;
    }
    if (overlay->blocks[number]) return overlay->blocks[number];
    unsigned char *data = calloc(1, SILA_BLOCK);
    if (!data) {
        *rc = SQLITE_IOERR_NOMEM;
        return NULL;
    }
    sqlite3_int64 start = number * SILA_BLOCK;
    sqlite3_int64 there = overlay->real_valid - start;
    if (there > 0) {
        int count = there < SILA_BLOCK ? (int)there : SILA_BLOCK;
        *rc = real->pMethods->xRead(real, data, count, start);
        if (*rc != SQLITE_OK && *rc != SQLITE_IOERR_SHORT_READ) {
            free(data);
            return NULL;
        }
    }
    *rc = SQLITE_OK;
    overlay->blocks[number] = data;
    overlay->dirty++;
    return data;
}

int sila_overlay_read(
    struct sila_overlay *overlay, sqlite3_file *real, void *to, int count, sqlite3_int64 offset) {
    unsigned char *target = to;
    int short_read = offset + count > overlay->size;
    int wanted = short_read ? (int)(overlay->size > offset ? overlay->size - offset : 0) : count;
    memset(target + wanted, 0, (size_t)(count - wanted));
    while (wanted > 0) {
        sqlite3_int64 number = offset / SILA_BLOCK;
        int inside = (int)(offset % SILA_BLOCK);
        int part = SILA_BLOCK - inside < wanted ? SILA_BLOCK - inside : wanted;
        if (number < overlay->block_count && overlay->blocks[number]) {
            memcpy(target, overlay->blocks[number] + inside, (size_t)part);
        } else {
            sqlite3_int64 there = overlay->real_valid - offset;
            int real_part = there <= 0 ? 0 : there < part ? (int)there : part;
            memset(target + real_part, 0, (size_t)(part - real_part));
            if (real_part > 0) {
                int rc = real->pMethods->xRead(real, target, real_part, offset);
                if (rc != SQLITE_OK && rc != SQLITE_IOERR_SHORT_READ) return rc;
            }
        }
        target += part;
        offset += part;
        wanted -= part;
    }
    return short_read ? SQLITE_IOERR_SHORT_READ : SQLITE_OK;
}

int sila_overlay_write(
    struct sila_overlay *overlay, sqlite3_file *real, const void *from, int count, sqlite3_int64 offset) {
    const unsigned char *source = from;
    overlay->unsynced = 1;
    while (count > 0) {
        int rc = SQLITE_OK;
        int inside = (int)(offset % SILA_BLOCK);
        int part = SILA_BLOCK - inside < count ? SILA_BLOCK - inside : count;
        unsigned char *data = block(overlay, real, offset / SILA_BLOCK, &rc);
        if (!data) return rc;
        memcpy(data + inside, source, (size_t)part);
        source += part;
        offset += part;
        count -= part;
        if (offset > overlay->size) overlay->size = offset;
    }
    return SQLITE_OK;
}

int sila_overlay_truncate(struct sila_overlay *overlay, sqlite3_file *real, sqlite3_int64 size) {
    int inside = (int)(size % SILA_BLOCK);
    overlay->unsynced = 1;
    if (size < overlay->size && inside > 0) {
        // What lies behind the cut must read as zeros if the file grows again.
        int rc = SQLITE_OK;
        unsigned char *data = block(overlay, real, size / SILA_BLOCK, &rc);
        if (!data) return rc;
        memset(data + inside, 0, (size_t)(SILA_BLOCK - inside));
    }
    drop_blocks(overlay, (size + SILA_BLOCK - 1) / SILA_BLOCK);
    if (size < overlay->real_valid) overlay->real_valid = size;
    overlay->size = size;
    return SQLITE_OK;
}

int sila_overlay_push(struct sila_overlay *overlay, sqlite3_file *real) {
    sqlite3_int64 real_size = 0;
    int rc = real->pMethods->xFileSize(real, &real_size);
    if (rc != SQLITE_OK) return rc;
    if (real_size > overlay->real_valid) {
        rc = real->pMethods->xTruncate(real, overlay->real_valid);
        if (rc != SQLITE_OK) return rc;
    }
    for (sqlite3_int64 number = 0; overlay->dirty > 0 && number < overlay->block_count; number++) {
        unsigned char *data = overlay->blocks[number];
        sqlite3_int64 start = number * SILA_BLOCK;
        if (!data) continue;
        sqlite3_int64 there = overlay->size - start;
        int count = there < SILA_BLOCK ? (int)there : SILA_BLOCK;
        if (count > 0) {
            rc = real->pMethods->xWrite(real, data, count, start);
            if (rc != SQLITE_OK) return rc;
        }
        if (start + count > overlay->real_valid) overlay->real_valid = start + count;
        free(data);
        overlay->blocks[number] = NULL;
        overlay->dirty--;
    }
    if (overlay->size > overlay->real_valid) {
        // A file made longer by xTruncate alone.
        rc = real->pMethods->xTruncate(real, overlay->size);
        if (rc == SQLITE_OK) overlay->real_valid = overlay->size;
    }
    if (rc == SQLITE_OK) overlay->unsynced = 0;
    return rc;
}

long long sila_overlay_unsynced(void) {
    long long bytes = 0;
    for (struct sila_overlay *overlay = overlays; overlay; overlay = overlay->next) {
        bytes += overlay->dirty * SILA_BLOCK;
    }
    return bytes;
}
