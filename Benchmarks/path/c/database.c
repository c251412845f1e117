#include "database.h"

#include <stdarg.h>
#include <string.h>

#include "common.h"

database db;

static void check(int code, const char *what)
{
    if (code != SQLITE_OK && code != SQLITE_DONE && code != SQLITE_ROW)
        die("%s: %s", what, db.handle ? sqlite3_errmsg(db.handle) : sqlite3_errstr(code));
}

void database_open(const char *path)
{
    check(sqlite3_open_v2(path, &db.handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL), "open");
    check(
        sqlite3_exec(
            db.handle,
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;"
            "PRAGMA temp_store = MEMORY; PRAGMA foreign_keys = ON;",
            NULL, NULL, NULL),
        "set up");
    sqlite3_stmt *durability = database_prepare("PRAGMA synchronous");
    if (!query(durability, "") || sqlite3_column_int(durability, 0) != 2) die("synchronous is not FULL");
    sqlite3_finalize(durability);
}

void database_close(void)
{
    sqlite3_stmt *statement;
    while ((statement = sqlite3_next_stmt(db.handle, NULL))) sqlite3_finalize(statement);
    check(sqlite3_close(db.handle), "close");
}

sqlite3_stmt *database_prepare(const char *sql)
{
    sqlite3_stmt *statement = NULL;
    check(sqlite3_prepare_v3(db.handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL), sql);
    return statement;
}

void database_begin(void) { run(STATEMENT("BEGIN IMMEDIATE"), ""); }

void database_commit(void)
{
    run(STATEMENT("COMMIT"), "");
    db.transactions++;
}

void savepoint(void) { run(STATEMENT("SAVEPOINT one_message"), ""); }
void release_savepoint(void) { run(STATEMENT("RELEASE one_message"), ""); }

static void bind(sqlite3_stmt *statement, const char *types, va_list values)
{
    for (int index = 1; *types; types++, index++) {
        int code = SQLITE_MISUSE;
        if (*types == 'i') {
            code = sqlite3_bind_int64(statement, index, va_arg(values, int64_t));
        } else if (*types == 't') {
            code = sqlite3_bind_text(statement, index, va_arg(values, const char *), -1, SQLITE_STATIC);
        } else if (*types == 'b') {
            const void *data = va_arg(values, const void *);
            code = sqlite3_bind_blob64(statement, index, data, va_arg(values, size_t), SQLITE_STATIC);
        }
        check(code, sqlite3_sql(statement));
    }
}

static int step(sqlite3_stmt *statement)
{
    int code = sqlite3_step(statement);
    check(code, sqlite3_sql(statement));
    return code == SQLITE_ROW;
}

void run(sqlite3_stmt *statement, const char *types, ...)
{
    va_list values;
    va_start(values, types);
    bind(statement, types, values);
    va_end(values);
    step(statement);
    sqlite3_reset(statement);
}

int64_t insert(sqlite3_stmt *statement, const char *types, ...)
{
    va_list values;
    va_start(values, types);
    bind(statement, types, values);
    va_end(values);
    step(statement);
    sqlite3_reset(statement);
    return sqlite3_last_insert_rowid(db.handle);
}

int query(sqlite3_stmt *statement, const char *types, ...)
{
    va_list values;
    va_start(values, types);
    bind(statement, types, values);
    va_end(values);
    return next(statement);
}

int next(sqlite3_stmt *statement)
{
    if (step(statement)) return 1;
    sqlite3_reset(statement);
    return 0;
}

void done(sqlite3_stmt *statement) { sqlite3_reset(statement); }
