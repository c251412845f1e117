/* path_peer: the way of a message in C, to measure the bridge against.
 *
 * It does the same decryption, encryption, session loads and stores, rows and commits on the same
 * schema, without XML, actors or a responder. The contacts' work is not measured. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "contact.h"
#include "database.h"
#include "inspect.h"
#include "path.h"
#include "schedule.h"

typedef struct {
    const char *workload;
    const char *empty;
    const char *store;
    const char *texts;
    size_t conversations;
    size_t rounds;
    size_t burst;
    int64_t transactions;
} options;

typedef struct {
    char **lines;
    size_t count;
} text_list;

static text_list read_texts(const char *path)
{
    text_list list = {0};
    char line[1024];
    FILE *file = fopen(path, "r");
    if (!file) die("%s: %s", path, strerror(errno));
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = 0;
        if (!*line) continue;
        list.lines = realloc(list.lines, (list.count + 1) * sizeof *list.lines);
        if (!list.lines || !(list.lines[list.count++] = strdup(line))) die("out of memory");
    }
    fclose(file);
    if (!list.count) die("%s holds no text", path);
    return list;
}

static void copy_file(const char *from, const char *to)
{
    char buffer[65536], side[PATH_MAX];
    ssize_t count;
    static const char *const sides[] = {"-wal", "-shm"};
    for (size_t i = 0; i < 2; i++) {
        snprintf(side, sizeof side, "%s%s", to, sides[i]);
        unlink(side);
    }
    int input = open(from, O_RDONLY | O_CLOEXEC);
    int output = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (input < 0) die("%s: %s", from, strerror(errno));
    if (output < 0) die("%s: %s", to, strerror(errno));
    while ((count = read(input, buffer, sizeof buffer)) > 0)
        if (write(output, buffer, (size_t)count) != count) die("%s: %s", to, strerror(errno));
    close(input);
    close(output);
}

/* One run: people, their envelopes of a round, and the replies that came of them. */
typedef struct {
    ours us;
    path way;
    text_list texts;
    contact **people;
    size_t people_count;
    envelope *envelopes;
    struct departure *replies;
    size_t reply_count;
    uint64_t archived;
    stopwatch watch;
} bench;

static void write_message(bench *run, size_t slot, size_t person, size_t number)
{
    envelope *item = &run->envelopes[slot];
    contact *from = run->people[person];
    item->jid = contact_jid(from);
    item->device = contact_device(from);
    snprintf(item->archive_id, sizeof item->archive_id, "00000000-0000-4000-8000-%012llx",
        (unsigned long long)++run->archived);
    contact_write(from, run->texts.lines[(person * 7 + number) % run->texts.count], &item->message);
}

static void keep_replies(bench *run)
{
    for (size_t i = 0; i < run->way.departure_count; i++) {
        /* Swapped, not copied: the buffers are used again. */
        struct departure kept = run->replies[run->reply_count];
        run->replies[run->reply_count++] = run->way.departures[i];
        run->way.departures[i] = kept;
    }
}

/* Each step of the batches is one after the other in a transaction, or shares one. */
static void take_round(bench *run, size_t count, schedule *plan)
{
    int64_t ids[batch_limit];
    run->reply_count = 0;
    for (size_t start = 0; start < count; start += plan->batch) {
        size_t size = count - start < plan->batch ? count - start : plan->batch;
        schedule_before(plan);
        path_intake(&run->way, run->envelopes + start, size);
        schedule_after(plan);
        schedule_before(plan);
        path_prepare(&run->way, size);
        schedule_after(plan);
        for (size_t i = 0; i < run->way.departure_count; i++) ids[i] = run->way.departures[i].outbox;
        schedule_before(plan);
        path_confirm(&run->way, ids, run->way.departure_count);
        schedule_after(plan);
        keep_replies(run);
    }
    if (run->reply_count != count) die("%zu replies to %zu messages", run->reply_count, count);
}

static void read_replies(bench *run)
{
    bytes text = {0};
    for (size_t i = 0; i < run->reply_count; i++) {
        size_t person;
        if (sscanf(run->replies[i].jid, "contact-%zu@", &person) != 1 || person >= run->people_count)
            die("a reply has no addressee");
        contact_read(run->people[person], &run->replies[i].message, &text);
    }
    bytes_free(&text);
}

/* Everybody writes once and reads the reply: sessions stand in both directions. */
static void warm_up(bench *run)
{
    schedule plan = schedule_make(run->people_count, 1, 0, batch_limit);
    for (size_t i = 0; i < run->people_count; i++) write_message(run, i, i, 0);
    take_round(run, run->people_count, &plan);
    read_replies(run);
}

static void prepare_bench(bench *run, const options *chosen, size_t people, size_t messages)
{
    signal_protocol_address us = {OUR_JID, strlen(OUR_JID), 0};
    memset(run, 0, sizeof *run);
    copy_file(chosen->empty, chosen->store);
    database_open(chosen->store);
    run->texts = read_texts(chosen->texts);
    ours_make(&run->us, people);
    us.device_id = (int32_t)run->us.device;
    /* Borrowed by each contact's cipher for the whole run. */
    signal_protocol_address *lasting = malloc(sizeof us);
    run->people = calloc(people, sizeof *run->people);
    run->envelopes = calloc(messages, sizeof *run->envelopes);
    run->replies = calloc(messages, sizeof *run->replies);
    if (!lasting || !run->people || !run->envelopes || !run->replies) die("out of memory");
    *lasting = us;
    run->people_count = people;
    path_make(&run->way, &run->us);
    for (size_t i = 0; i < people; i++) {
        char jid[64];
        session_pre_key_bundle *bundle = ours_bundle(&run->us, i);
        snprintf(jid, sizeof jid, "contact-%04zu@example.org", i);
        run->people[i] = contact_make(run->us.context, jid, lasting, bundle);
        SIGNAL_UNREF(bundle);
    }
    warm_up(run);
    db.transactions = 0;
}

static size_t ping_pong(bench *run, const options *chosen)
{
    prepare_bench(run, chosen, chosen->conversations, chosen->conversations);
    schedule plan = schedule_make(chosen->conversations, chosen->rounds, chosen->transactions, batch_limit);
    for (size_t round = 1; round <= chosen->rounds; round++) {
        for (size_t i = 0; i < run->people_count; i++) write_message(run, i, i, round);
        stopwatch_start(&run->watch);
        take_round(run, run->people_count, &plan);
        stopwatch_stop(&run->watch);
        read_replies(run);
    }
    return chosen->conversations * chosen->rounds;
}

static size_t burst(bench *run, const options *chosen)
{
    prepare_bench(run, chosen, 1, chosen->burst);
    schedule plan = schedule_make(chosen->burst, 1, chosen->transactions, batch_limit);
    for (size_t i = 0; i < chosen->burst; i++) write_message(run, i, 0, i);
    stopwatch_start(&run->watch);
    take_round(run, chosen->burst, &plan);
    stopwatch_stop(&run->watch);
    read_replies(run);
    return chosen->burst;
}

static size_t number(const char *name, const char *text, size_t limit)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10);
    if (*end || !*text || value > limit) die("%s takes a number up to %zu", name, limit);
    return value;
}

static options read_options(int count, char **arguments)
{
    options chosen = {.conversations = 200, .rounds = 5, .burst = 1000};
    for (int i = 1; i + 1 < count; i += 2) {
        const char *name = arguments[i], *value = arguments[i + 1];
        if (!strcmp(name, "--workload")) chosen.workload = value;
        else if (!strcmp(name, "--empty")) chosen.empty = value;
        else if (!strcmp(name, "--store")) chosen.store = value;
        else if (!strcmp(name, "--texts")) chosen.texts = value;
        else if (!strcmp(name, "--conversations")) chosen.conversations = number(name, value, 10000);
        else if (!strcmp(name, "--rounds")) chosen.rounds = number(name, value, 1000);
        else if (!strcmp(name, "--burst")) chosen.burst = number(name, value, 1900);
        else if (!strcmp(name, "--transactions")) chosen.transactions = (int64_t)number(name, value, 1000000);
        else die("unknown option %s", name);
    }
    if (!chosen.workload || !chosen.empty || !chosen.store || !chosen.texts || count % 2 == 0
        || !chosen.conversations || !chosen.rounds || !chosen.burst)
        die("usage: path_peer --workload ping-pong|burst --empty FILE --store FILE --texts FILE\n"
            "       [--conversations N] [--rounds N] [--burst N] [--transactions N]\n"
            "       path_peer inspect FILE");
    return chosen;
}

int main(int count, char **arguments)
{
    if (count == 3 && !strcmp(arguments[1], "inspect")) {
        inspect(arguments[2]);
        return 0;
    }
    static bench run;
    options chosen = read_options(count, arguments);
    size_t messages;
    if (!strcmp(chosen.workload, "ping-pong")) messages = ping_pong(&run, &chosen);
    else if (!strcmp(chosen.workload, "burst")) messages = burst(&run, &chosen);
    else die("--workload is ping-pong or burst");
    int64_t transactions = db.transactions;
    database_close();
    printf("{\"program\": \"c\", \"workload\": \"%s\", \"messages\": %zu, \"seconds\": %.6f, \"cpu_seconds\": %.6f, "
           "\"transactions\": %lld}\n",
        chosen.workload, messages, run.watch.wall, run.watch.cpu, (long long)transactions);
    return 0;
}
