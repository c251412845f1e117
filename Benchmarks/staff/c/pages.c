#include "pages.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"

static sqlite3 *store;

static void check(int code)
{
    if (code != SQLITE_OK && code != SQLITE_ROW && code != SQLITE_DONE) die("SQLite: %s", sqlite3_errmsg(store));
}

void pages_open(const char *path)
{
    check(sqlite3_open_v2(path, &store, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL));
    check(sqlite3_exec(store, "PRAGMA query_only = ON; PRAGMA temp_store = MEMORY", NULL, NULL, NULL));
}

/* Prepared once and kept. */
static sqlite3_stmt *kept(sqlite3_stmt **place, const char *sql)
{
    if (!*place) check(sqlite3_prepare_v3(store, sql, -1, SQLITE_PREPARE_PERSISTENT, place, NULL));
    return *place;
}

#define STATEMENT(sql) ({ static sqlite3_stmt *statement; kept(&statement, sql); })

static int step(sqlite3_stmt *statement)
{
    int code = sqlite3_step(statement);
    check(code);
    if (code != SQLITE_ROW) sqlite3_reset(statement);
    return code == SQLITE_ROW;
}

static int64_t number(sqlite3_stmt *statement)
{
    int64_t value = step(statement) ? sqlite3_column_int64(statement, 0) : 0;
    sqlite3_reset(statement);
    return value;
}

#define ROW_COLUMNS \
    "SELECT conversation.id, conversation.contact_id, address.channel, conversation.protection," \
    " conversation.waits_since, conversation.danger_since, conversation.last_in_at, conversation.last_out_at," \
    " conversation.assigned_to, conversation.taken_over_by, conversation.taken_over_until, conversation.bot," \
    " conversation.troubled, conversation.proposals, CASE WHEN conversation.open_tasks = 0 THEN 0 ELSE" \
    " (SELECT count(*) FROM entry WHERE kind = 'task' AND entry.conversation_id = conversation.id AND closed_at = 0" \
    " AND due > 0 AND due <= unixepoch() / 86400) END, conversation.is_practice, conversation.newest_item," \
    " conversation.new_devices, CASE WHEN conversation.new_devices = 0 THEN 0 ELSE (SELECT count(*) FROM outbox" \
    " WHERE outbox.conversation_id = conversation.id AND stage = 'intent' AND personal = 1" \
    " AND outbox.protection <> 'none') END, conversation.person_id, conversation.unheard_voice," \
    " conversation.voice_since FROM conversation JOIN address ON address.id = conversation.address_id "

static void put_row(bytes *out, sqlite3_stmt *row)
{
    static const char *const numbers[] = {
        [0] = "conversation", [1] = "contact", [4] = "waitsSince", [5] = "dangerSince", [6] = "lastInAt",
        [7] = "lastOutAt", [10] = "takenOverUntil", [12] = "troubled", [13] = "proposals", [14] = "tasksDue",
        [15] = "isPractice", [16] = "newestItem", [17] = "newDevices", [18] = "held", [19] = "person",
        [20] = "unheardVoice", [21] = "voiceSince"};
    /* As at the daemon: not there when there are none. */
    enum { optional_from = 17, unheard = 20 };
    json_raw(out, "{");
    for (int column = 0; column <= 21; column++)
        if (numbers[column] &&
            (column < optional_from || column == unheard || sqlite3_column_int64(row, column) != 0))
            json_number_column(out, numbers[column], row, column);
    json_text_column(out, "channel", row, 2);
    json_text_column(out, "endsAt", row, 3);
    json_text_column(out, "assigned", row, 8);
    json_text_column(out, "takenOverBy", row, 9);
    /* Not opened: it goes out as it lies there. */
    json_blob_column(out, "bot", row, 11);
    json_raw(out, "}");
}

/* At most `left` rows of a part of the inbox; returns how many there were. */
static int put_part(bytes *out, sqlite3_stmt *part, int64_t first, int left, int is_first)
{
    int count = 0;
    sqlite3_bind_int64(part, 1, first);
    sqlite3_bind_int64(part, 2, first);
    sqlite3_bind_int(part, 3, left);
    while (step(part)) {
        if (count || !is_first) json_raw(out, ",");
        put_row(out, part);
        count++;
    }
    return count;
}

static int64_t newest_event(void)
{
    return number(STATEMENT("SELECT seq FROM sqlite_sequence WHERE name = 'staff_event'"));
}

/* One row more than is asked for shows whether there is another page, as at the daemon. */
static void inbox(int limit, int is_waiting_only, bytes *out)
{
    json_raw(out, "{\"rows\":[");
    int count = put_part(
        out, STATEMENT(ROW_COLUMNS "WHERE conversation.danger_since > 0 AND (conversation.danger_since,"
                       " conversation.id) > (?, ?) ORDER BY conversation.danger_since, conversation.id LIMIT ?"),
        INT64_MIN, limit + 1, 1);
    if (count <= limit)
        count += put_part(
            out, STATEMENT(ROW_COLUMNS "WHERE conversation.danger_since = 0 AND conversation.waits_since > 0 AND"
                           " (conversation.waits_since, conversation.id) > (?, ?)"
                           " ORDER BY conversation.waits_since, conversation.id LIMIT ?"),
            INT64_MIN, limit + 1 - count, !count);
    if (count <= limit && !is_waiting_only)
        put_part(
            out, STATEMENT(ROW_COLUMNS "WHERE conversation.danger_since = 0 AND conversation.waits_since = 0 AND"
                           " (conversation.newest_item, conversation.id) < (?, ?)"
                           " ORDER BY conversation.newest_item DESC, conversation.id DESC LIMIT ?"),
            INT64_MAX, limit + 1 - count, !count);
    json_raw(out, "]");
    int64_t danger = number(STATEMENT("SELECT count(*) FROM conversation WHERE danger_since > 0"));
    json_number(out, "danger", danger);
    json_number(
        out, "waiting",
        danger + number(STATEMENT("SELECT count(*) FROM conversation WHERE danger_since = 0 AND waits_since > 0")));
    json_number(out, "event", newest_event());
    json_raw(out, "}");
}

enum { page_limit = 500 };

static void put_segments(bytes *out, const int64_t *segments, int count)
{
    sqlite3_stmt *find = STATEMENT("SELECT token, contact_id, day, compartment, wrapped FROM segment WHERE id = ?");
    json_raw(out, ",\"segments\":[");
    for (int i = 0; i < count; i++) {
        sqlite3_bind_int64(find, 1, segments[i]);
        if (!step(find)) continue;
        json_raw(out, i ? ",{" : "{");
        json_blob_column(out, "token", find, 0);
        json_number_column(out, "contact", find, 1);
        json_number_column(out, "day", find, 2);
        json_text_column(out, "compartment", find, 3);
        json_blob_column(out, "wrapped", find, 4);
        json_raw(out, "}");
        sqlite3_reset(find);
    }
    json_raw(out, "]");
}

static void conversation(int64_t id, int limit, bytes *out)
{
    int64_t segments[page_limit];
    int segment_count = 0, count = 0;
    sqlite3_stmt *row = STATEMENT(ROW_COLUMNS "WHERE conversation.id = ?");
    /* The segment's token stands in each item, as at the daemon. */
    sqlite3_stmt *items = STATEMENT(
        "SELECT item.position, item.kind, item.row_id, item.conversation_id, item.stored_at, message.segment_id,"
        " message.direction, message.protection, message.sealed, outbox.stage,"
        " CASE WHEN outbox.stage = 'intent' AND outbox.personal = 1 AND outbox.protection <> 'none'"
        " AND (SELECT new_devices FROM conversation WHERE id = outbox.conversation_id) > 0"
        " THEN 'new-device' ELSE outbox.failure END, segment.token"
        " FROM item LEFT JOIN message ON item.kind = 'message' AND message.id = item.row_id"
        " LEFT JOIN segment ON segment.id = message.segment_id"
        " LEFT JOIN outbox ON message.direction = 'out' AND outbox.message_id = message.id"
        " WHERE item.conversation_id = ? ORDER BY item.position DESC LIMIT ?");
    sqlite3_bind_int64(row, 1, id);
    sqlite3_bind_int64(items, 1, id);
    sqlite3_bind_int(items, 2, limit < page_limit ? limit : page_limit);
    json_raw(out, "{\"row\":");
    if (step(row)) put_row(out, row);
    sqlite3_reset(row);
    json_raw(out, ",\"items\":[");
    while (step(items)) {
        static const char *const texts[] = {
            [1] = "kind", [6] = "direction", [7] = "protection", [9] = "stage", [10] = "code"};
        int64_t segment = sqlite3_column_int64(items, 5);
        json_raw(out, count++ ? ",{" : "{");
        json_number_column(out, "position", items, 0);
        json_number_column(out, "id", items, 2);
        json_number_column(out, "conversation", items, 3);
        json_number_column(out, "storedAt", items, 4);
        for (int column = 1; column <= 10; column++)
            if (texts[column]) json_text_column(out, texts[column], items, column);
        json_blob_column(out, "sealed", items, 8);
        json_blob_column(out, "segment", items, 11);
        json_raw(out, "}");
        int known = 0;
        for (int i = segment_count - 1; i >= 0 && !known; i--) known = segments[i] == segment;
        if (!known) segments[segment_count++] = segment;
    }
    json_raw(out, "]");
    put_segments(out, segments, segment_count);
    json_number(out, "event", newest_event());
    json_raw(out, "}");
}

int pages_answer(const char *path, bytes *out)
{
    long long id;
    const char *asked = strstr(path, "limit=");
    int limit = asked ? atoi(asked + strlen("limit=")) : 50;
    check(sqlite3_exec(store, "BEGIN", NULL, NULL, NULL));
    int is_known = 1;
    if (!strncmp(path, "/v1/inbox", strlen("/v1/inbox"))) inbox(limit, !strstr(path, "filter=all"), out);
    else if (sscanf(path, "/v1/conversations/%lld", &id) == 1) conversation(id, limit, out);
    else is_known = 0;
    check(sqlite3_exec(store, "COMMIT", NULL, NULL, NULL));
    return is_known;
}
