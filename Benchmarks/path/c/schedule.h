/* How steps share transactions, so that both programs commit as often. */
#ifndef PATH_SCHEDULE_H
#define PATH_SCHEDULE_H

#include <stddef.h>
#include <stdint.h>

/* Intake, preparation and confirmation of each batch are three steps. */
typedef struct {
    /* Messages in a batch. */
    size_t batch;
    /* Steps in all rounds, and the commits spread evenly over them. */
    int64_t steps;
    int64_t commits;
    int64_t taken;
    int is_open;
} schedule;

/* As many commits as `wanted`; 0: one for each step, in batches of `limit`. */
schedule schedule_make(size_t messages_a_round, size_t rounds, int64_t wanted, size_t limit);
/* Before a step: opens a transaction unless one is open. */
void schedule_before(schedule *plan);
/* After a step: commits when it is due. */
void schedule_after(schedule *plan);

#endif
