/* Preloaded into a program, it counts each SQL statement that is started, and writes the counts
 * to the file named by COUNT_STATEMENTS when the program ends. It slows the program down: it
 * shows that two programs do the same, never how fast they are. Single database connection busy
 * at a time is assumed; a lock keeps the table whole anyway. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { most = 1024 };
static struct {
    char *sql;
    long count;
} table[most];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void note(const char *sql)
{
    pthread_mutex_lock(&lock);
    for (int i = 0; i < most; i++) {
        if (!table[i].sql) table[i].sql = strdup(sql);
        if (table[i].sql && strcmp(table[i].sql, sql) == 0) {
            table[i].count++;
            break;
        }
    }
    pthread_mutex_unlock(&lock);
}

int sqlite3_step(sqlite3_stmt *statement)
{
    static int (*original)(sqlite3_stmt *);
    if (!original) *(void **)&original = dlsym(RTLD_NEXT, "sqlite3_step");
    const char *sql = sqlite3_sql(statement);
    if (sql && !sqlite3_stmt_busy(statement)) note(sql);
    return original(statement);
}

__attribute__((destructor)) static void report(void)
{
    const char *path = getenv("COUNT_STATEMENTS");
    FILE *file = path ? fopen(path, "w") : NULL;
    if (!file) return;
    for (int i = 0; i < most && table[i].sql; i++) {
        fprintf(file, "%ld\t", table[i].count);
        /* One line a statement, white space drawn together. */
        int space = 0;
        for (const char *c = table[i].sql; *c; c++) {
            int blank = *c == ' ' || *c == '\n' || *c == '\t';
            if (blank && !space) fputc(' ', file);
            if (!blank) fputc(*c, file);
            space = blank;
        }
        fputc('\n', file);
    }
    fclose(file);
}
