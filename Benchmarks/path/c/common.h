/* What all parts of the path peer share: bytes, errors, time. */
#ifndef PATH_COMMON_H
#define PATH_COMMON_H

#include <stddef.h>
#include <stdint.h>

/* A growing run of bytes; `data` is owned. A zeroed struct is empty. */
typedef struct {
    uint8_t *data;
    size_t length;
    size_t capacity;
} bytes;

/* Prints what failed and ends the process: a benchmark has nobody to recover for. */
void die(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

void bytes_clear(bytes *target);
void bytes_append(bytes *target, const void *data, size_t length);
void bytes_append_text(bytes *target, const char *text);
void bytes_append_base64(bytes *target, const uint8_t *data, size_t length);
void bytes_append_u32(bytes *target, uint32_t value);
void bytes_append_u64(bytes *target, uint64_t value);
void bytes_free(bytes *target);

/* Fills `data` from the system's source of randomness. */
void random_bytes(uint8_t *data, size_t length);
/* A random UUID (RFC 9562 version 4), 36 characters and a zero. */
void random_uuid(char out[37]);
/* 32 characters of lower-case hexadecimal and a zero for 16 bytes, and so on. */
void hex_text(char *out, const uint8_t *data, size_t length);

/* Milliseconds since 1970. */
int64_t now_milliseconds(void);

/* Runs only while the measured part of a workload runs. */
typedef struct {
    double wall;
    double cpu;
    double started_wall;
    double started_cpu;
} stopwatch;

void stopwatch_start(stopwatch *watch);
void stopwatch_stop(stopwatch *watch);

#endif
