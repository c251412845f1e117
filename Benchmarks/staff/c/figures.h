/* Times of requests, and the paths they ask for. */
#ifndef STAFF_FIGURES_H
#define STAFF_FIGURES_H

#include <stddef.h>
#include <stdio.h>

typedef struct {
    char **lines;
    size_t count;
} path_list;

/* One path a line, at least one. */
path_list paths_read(FILE *input);

double seconds_now(void);

typedef struct {
    double *seconds;
    size_t count;
    size_t limit;
} samples;

samples samples_make(size_t limit);
void samples_add(samples *taken, double seconds);
/* A line of JSON: count, median and 95th percentile in milliseconds, bytes of an answer on average. */
void samples_print(samples *taken, double average_bytes);

#endif
