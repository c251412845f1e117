/* The way of a message, in and out, one transaction part at a time. */
#ifndef PATH_PATH_H
#define PATH_PATH_H

#include "ours.h"
#include "omemo.h"

/* What the channel hands over: one message of a contact. */
typedef struct {
    const char *jid;
    uint32_t device;
    /* The id our own server's archive gave it: dedup key and archive position. */
    char archive_id[40];
    omemo_message message;
} envelope;

typedef struct {
    ours *us;
    /* Segment keys of today, by conversation number. */
    segment *segments;
    size_t segment_count;
    int64_t now;
    /* The channel's stream: stanzas of ours that have left, and that the server has; messages taken in. */
    int64_t sent;
    int64_t acknowledged;
    int64_t committed;
    /* Replies of the prepare part, in the order in which they leave. */
    struct departure {
        int64_t outbox;
        char jid[64];
        omemo_message message;
    } *departures;
    size_t departure_count;
} path;

enum { batch_limit = 64 };

/* The stream begins with it. */
void path_make(path *way, ours *us);
/* Inside an open transaction: moves the stream's counts on; `leaving` stanzas of ours leave next. */
void path_keep_mark(path *way, int64_t leaving);
/* Where the text or the stanza of an outbox row is sealed to; `origin` has 36 characters. */
field path_outbox_field(const path *way, const char *origin, const char *column);
/* Inside an open transaction: opens, stores and answers each envelope. */
void path_intake(path *way, const envelope *envelopes, size_t count);
/* Inside an open transaction: encrypts what is due, at most `limit`; fills `departures`. */
void path_prepare(path *way, size_t limit);
/* Inside an open transaction: writes down that the server has these. */
void path_confirm(path *way, const int64_t *outbox, size_t count);

#endif
