#include "json.h"

#include <stdio.h>
#include <string.h>

void json_raw(bytes *out, const char *text)
{
    if (out) bytes_append_text(out, text);
}

/* A comma unless it is the first of its object. */
static void name_of(bytes *out, const char *name)
{
    uint8_t last = out->length ? out->data[out->length - 1] : '{';
    if (last != '{' && last != '[') bytes_append(out, ",", 1);
    bytes_append(out, "\"", 1);
    bytes_append_text(out, name);
    bytes_append(out, "\":", 2);
}

void json_number(bytes *out, const char *name, int64_t value)
{
    char text[24];
    if (!out) return;
    name_of(out, name);
    bytes_append(out, text, (size_t)snprintf(text, sizeof text, "%lld", (long long)value));
}

void json_flag(bytes *out, const char *name, int value)
{
    if (!out) return;
    name_of(out, name);
    bytes_append_text(out, value ? "true" : "false");
}

void json_string(bytes *out, const char *name, const char *value)
{
    if (!out) return;
    name_of(out, name);
    bytes_append(out, "\"", 1);
    for (const char *start = value; *start;) {
        size_t plain = strcspn(start, "\"\\\n\r\t");
        bytes_append(out, start, plain);
        start += plain;
        if (*start) {
            char escaped[8];
            bytes_append(out, escaped, (size_t)snprintf(escaped, sizeof escaped, "\\u%04x", (unsigned char)*start++));
        }
    }
    bytes_append(out, "\"", 1);
}

void json_blob(bytes *out, const char *name, const void *data, size_t length)
{
    if (!out) return;
    name_of(out, name);
    bytes_append(out, "\"", 1);
    bytes_append_base64(out, data, length);
    bytes_append(out, "\"", 1);
}

void json_number_column(bytes *out, const char *name, sqlite3_stmt *row, int column)
{
    json_number(out, name, sqlite3_column_int64(row, column));
}

void json_text_column(bytes *out, const char *name, sqlite3_stmt *row, int column)
{
    const char *text = (const char *)sqlite3_column_text(row, column);
    if (text) json_string(out, name, text);
}

void json_blob_column(bytes *out, const char *name, sqlite3_stmt *row, int column)
{
    const void *data = sqlite3_column_blob(row, column);
    json_blob(out, name, data, (size_t)sqlite3_column_bytes(row, column));
}
