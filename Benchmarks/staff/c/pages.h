/* An inbox page and a conversation, read with SQLite alone. */
#ifndef STAFF_PAGES_H
#define STAFF_PAGES_H

#include "common.h"

/* Opens the store for reading, beside whoever writes. */
void pages_open(const char *path);

/* Answers the path of a request (`/v1/inbox?...`, `/v1/conversations/N?...`) as JSON. Without `out` the rows
 * are read, every column of them, and nothing is made of them. Returns 0 for another path. */
int pages_answer(const char *path, bytes *out);

#endif
