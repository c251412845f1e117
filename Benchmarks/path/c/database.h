/* SQLite with prepared statements that are kept, and a count of commits. */
#ifndef PATH_DATABASE_H
#define PATH_DATABASE_H

#include <sqlite3.h>
#include <stdint.h>

typedef struct {
    sqlite3 *handle;
    int64_t transactions;
} database;

/* The one database of the process, which STATEMENT uses. */
extern database db;

/* Opens `path` with the settings of the daemon's writer: WAL, synchronous=FULL, secure_delete. */
void database_open(const char *path);
void database_close(void);

void database_begin(void);
void database_commit(void);
void savepoint(void);
void release_savepoint(void);

sqlite3_stmt *database_prepare(const char *sql);

/* Prepared at the first use and kept for ever. */
#define STATEMENT(sql) \
    __extension__({ \
        static sqlite3_stmt *kept; \
        if (!kept) kept = database_prepare(sql); \
        kept; \
    })

/* Runs a statement. `types` names what follows: i int64_t, b pointer and size_t, t text. */
void run(sqlite3_stmt *statement, const char *types, ...);
int64_t insert(sqlite3_stmt *statement, const char *types, ...);
/* Returns whether there is a row; its columns stay readable until `done`. */
int query(sqlite3_stmt *statement, const char *types, ...);
int next(sqlite3_stmt *statement);
void done(sqlite3_stmt *statement);

#endif
