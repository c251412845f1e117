/* Rows and bytes of every table of a store: the proof that two programs wrote the same. */
#include "inspect.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "common.h"

static sqlite3_stmt *prepare(sqlite3 *handle, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(handle, sql, -1, &statement, NULL)) die("%s: %s", sql, sqlite3_errmsg(handle));
    return statement;
}

/* The sum of the lengths of all columns. */
static int64_t bytes_of(sqlite3 *handle, const char *table)
{
    char sql[4096];
    size_t used = (size_t)snprintf(sql, sizeof sql, "SELECT COALESCE(SUM(0");
    char pragma[256];
    snprintf(pragma, sizeof pragma, "SELECT name FROM pragma_table_info('%s')", table);
    sqlite3_stmt *columns = prepare(handle, pragma);
    while (sqlite3_step(columns) == SQLITE_ROW)
        used += (size_t)snprintf(
            sql + used, sizeof sql - used, " + COALESCE(LENGTH(CAST(\"%s\" AS BLOB)), 0)",
            (const char *)sqlite3_column_text(columns, 0));
    sqlite3_finalize(columns);
    snprintf(sql + used, sizeof sql - used, "), 0) FROM \"%s\"", table);
    sqlite3_stmt *sum = prepare(handle, sql);
    int64_t bytes = sqlite3_step(sum) == SQLITE_ROW ? sqlite3_column_int64(sum, 0) : -1;
    sqlite3_finalize(sum);
    return bytes;
}

static int64_t rows_of(sqlite3 *handle, const char *table)
{
    char sql[256];
    snprintf(sql, sizeof sql, "SELECT COUNT(*) FROM \"%s\"", table);
    sqlite3_stmt *count = prepare(handle, sql);
    int64_t rows = sqlite3_step(count) == SQLITE_ROW ? sqlite3_column_int64(count, 0) : -1;
    sqlite3_finalize(count);
    return rows;
}

void inspect(const char *path)
{
    sqlite3 *handle = NULL;
    if (sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE, NULL)) die("%s cannot be opened", path);
    sqlite3_stmt *tables = prepare(
        handle,
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        " AND name NOT LIKE 'grdb_%' ORDER BY name");
    const char *separator = "{";
    while (sqlite3_step(tables) == SQLITE_ROW) {
        const char *table = (const char *)sqlite3_column_text(tables, 0);
        printf("%s\"%s\": {\"rows\": %lld, \"bytes\": %lld}", separator, table, (long long)rows_of(handle, table),
            (long long)bytes_of(handle, table));
        separator = ", ";
    }
    puts("}");
    sqlite3_finalize(tables);
    sqlite3_close(handle);
}
