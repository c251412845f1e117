#include "schedule.h"

#include "database.h"

static int64_t steps_of(size_t messages, size_t rounds, size_t batch)
{
    return (int64_t)(3 * rounds * ((messages + batch - 1) / batch));
}

schedule schedule_make(size_t messages_a_round, size_t rounds, int64_t wanted, size_t limit)
{
    schedule plan = {.batch = limit};
    while (plan.batch > 1 && steps_of(messages_a_round, rounds, plan.batch) < wanted) plan.batch--;
    plan.steps = steps_of(messages_a_round, rounds, plan.batch);
    plan.commits = wanted > 0 && wanted < plan.steps ? wanted : plan.steps;
    return plan;
}

void schedule_before(schedule *plan)
{
    if (plan->is_open) return;
    database_begin();
    plan->is_open = 1;
}

void schedule_after(schedule *plan)
{
    int64_t before = plan->taken * plan->commits / plan->steps;
    plan->taken++;
    if (plan->taken * plan->commits / plan->steps == before) return;
    database_commit();
    plan->is_open = 0;
}
