#include "common.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

void die(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("path_peer: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(1);
}

void bytes_clear(bytes *target) { target->length = 0; }

static uint8_t *bytes_grow(bytes *target, size_t more)
{
    size_t wanted = target->length + more;
    if (wanted > target->capacity) {
        size_t capacity = wanted < 256 ? 256 : wanted * 2;
        uint8_t *data = realloc(target->data, capacity);
        if (!data) die("out of memory");
        target->data = data;
        target->capacity = capacity;
    }
    uint8_t *place = target->data + target->length;
    target->length = wanted;
    return place;
}

void bytes_append(bytes *target, const void *data, size_t length)
{
    if (length) memcpy(bytes_grow(target, length), data, length);
}

void bytes_append_text(bytes *target, const char *text) { bytes_append(target, text, strlen(text)); }

void bytes_append_base64(bytes *target, const uint8_t *data, size_t length)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint8_t *out = bytes_grow(target, (length + 2) / 3 * 4);
    for (size_t i = 0; i < length; i += 3) {
        size_t left = length - i;
        uint32_t group = (uint32_t)data[i] << 16 | (left > 1 ? (uint32_t)data[i + 1] << 8 : 0)
            | (left > 2 ? data[i + 2] : 0);
        *out++ = (uint8_t)digits[group >> 18];
        *out++ = (uint8_t)digits[group >> 12 & 63];
        *out++ = left > 1 ? (uint8_t)digits[group >> 6 & 63] : '=';
        *out++ = left > 2 ? (uint8_t)digits[group & 63] : '=';
    }
}

void bytes_append_u32(bytes *target, uint32_t value)
{
    uint8_t *out = bytes_grow(target, 4);
    for (int i = 0; i < 4; i++) out[i] = (uint8_t)(value >> (24 - 8 * i));
}

void bytes_append_u64(bytes *target, uint64_t value)
{
    bytes_append_u32(target, (uint32_t)(value >> 32));
    bytes_append_u32(target, (uint32_t)value);
}

void bytes_free(bytes *target)
{
    free(target->data);
    memset(target, 0, sizeof *target);
}

void random_bytes(uint8_t *data, size_t length)
{
    while (length) {
        ssize_t taken = getrandom(data, length, 0);
        if (taken <= 0) die("no randomness");
        data += taken;
        length -= (size_t)taken;
    }
}

void hex_text(char *out, const uint8_t *data, size_t length)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < length; i++) {
        *out++ = digits[data[i] >> 4];
        *out++ = digits[data[i] & 15];
    }
    *out = 0;
}

void random_uuid(char out[37])
{
    uint8_t raw[16];
    char plain[33];
    random_bytes(raw, sizeof raw);
    raw[6] = (uint8_t)((raw[6] & 0x0f) | 0x40);
    raw[8] = (uint8_t)((raw[8] & 0x3f) | 0x80);
    hex_text(plain, raw, sizeof raw);
    snprintf(out, 37, "%.8s-%.4s-%.4s-%.4s-%.12s", plain, plain + 8, plain + 12, plain + 16, plain + 20);
}

int64_t now_milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static double seconds_of(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void stopwatch_start(stopwatch *watch)
{
    watch->started_wall = seconds_of(CLOCK_MONOTONIC);
    watch->started_cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
}

void stopwatch_stop(stopwatch *watch)
{
    watch->wall += seconds_of(CLOCK_MONOTONIC) - watch->started_wall;
    watch->cpu += seconds_of(CLOCK_PROCESS_CPUTIME_ID) - watch->started_cpu;
}
