#include "figures.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common.h"

path_list paths_read(FILE *input)
{
    path_list list = {0};
    char line[256];
    while (fgets(line, sizeof line, input)) {
        line[strcspn(line, "\n")] = 0;
        if (!*line) continue;
        list.lines = realloc(list.lines, (list.count + 1) * sizeof *list.lines);
        if (!list.lines || !(list.lines[list.count++] = strdup(line))) die("out of memory");
    }
    if (!list.count) die("no paths were given");
    return list;
}

double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

samples samples_make(size_t limit)
{
    samples made = {calloc(limit, sizeof *made.seconds), 0, limit};
    if (!limit || !made.seconds) die("COUNT must be a number above 0");
    return made;
}

void samples_add(samples *taken, double seconds)
{
    if (taken->count < taken->limit) taken->seconds[taken->count++] = seconds;
}

static int by_time(const void *one, const void *other)
{
    double difference = *(const double *)one - *(const double *)other;
    return (difference > 0) - (difference < 0);
}

void samples_print(samples *taken, double average_bytes)
{
    qsort(taken->seconds, taken->count, sizeof *taken->seconds, by_time);
    printf("{\"count\": %zu, \"median_ms\": %.4f, \"p95_ms\": %.4f, \"bytes\": %.0f}\n", taken->count,
        taken->seconds[taken->count / 2] * 1000, taken->seconds[taken->count * 95 / 100] * 1000, average_bytes);
}
