/* JSON out of columns. Without a buffer nothing is written, and columns are read all the same. */
#ifndef STAFF_JSON_H
#define STAFF_JSON_H

#include <sqlite3.h>

#include "common.h"

void json_raw(bytes *out, const char *text);
void json_number(bytes *out, const char *name, int64_t value);
void json_flag(bytes *out, const char *name, int value);
void json_string(bytes *out, const char *name, const char *value);
/* A blob as base64. */
void json_blob(bytes *out, const char *name, const void *data, size_t length);

/* A column under a name; NULL is left out. */
void json_number_column(bytes *out, const char *name, sqlite3_stmt *row, int column);
void json_text_column(bytes *out, const char *name, sqlite3_stmt *row, int column);
void json_blob_column(bytes *out, const char *name, sqlite3_stmt *row, int column);

#endif
