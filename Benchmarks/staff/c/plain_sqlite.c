/* plain_sqlite: an inbox page and a conversation out of the store with SQLite alone, to measure silad against.
 *
 * plain_sqlite serve STORE SOCKET   answers requests over HTTP until its input ends
 * plain_sqlite read STORE COUNT     reads what the paths on standard input name, COUNT times in all */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "figures.h"
#include "pages.h"

static int listen_at(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (strlen(path) >= sizeof address.sun_path) die("%s is too long for a socket", path);
    strcpy(address.sun_path, path);
    unlink(path);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 4))
        die("%s: %s", path, strerror(errno));
    return listener;
}

static void write_all(int client, const bytes *data)
{
    for (size_t sent = 0; sent < data->length;) {
        ssize_t count = send(client, data->data + sent, data->length - sent, MSG_NOSIGNAL);
        if (count < 0) return;
        sent += (size_t)count;
    }
}

/* One request: `GET PATH HTTP/1.1` and headers that nobody needs. */
static void answer(int client, const char *request)
{
    static bytes body, head;
    char path[256] = "", line[128];
    bytes_clear(&body);
    bytes_clear(&head);
    int is_known = sscanf(request, "GET %255s", path) == 1 && pages_answer(path, &body);
    snprintf(line, sizeof line, "HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
        is_known ? "200 OK" : "404 Not Found", body.length);
    bytes_append_text(&head, line);
    bytes_append(&head, body.data, body.length);
    write_all(client, &head);
}

static void serve_client(int client)
{
    char buffer[8192];
    size_t length = 0;
    for (;;) {
        ssize_t count = read(client, buffer + length, sizeof buffer - 1 - length);
        if (count <= 0) return;
        length += (size_t)count;
        buffer[length] = 0;
        char *end = strstr(buffer, "\r\n\r\n");
        if (!end && length == sizeof buffer - 1) return;
        if (!end) continue;
        answer(client, buffer);
        length = 0;
    }
}

static void serve(const char *path)
{
    int listener = listen_at(path);
    puts("ready");
    fflush(stdout);
    for (;;) {
        struct pollfd events[] = {{listener, POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
        if (poll(events, 2, -1) < 0) die("poll: %s", strerror(errno));
        if (events[1].revents) break;
        int client = accept(listener, NULL, NULL);
        if (client < 0) continue;
        serve_client(client);
        close(client);
    }
    close(listener);
    unlink(path);
}

static void read_rows(size_t count)
{
    path_list paths = paths_read(stdin);
    samples taken = samples_make(count);
    for (size_t i = 0; i < count / 10 + paths.count; i++) pages_answer(paths.lines[i % paths.count], NULL);
    for (size_t i = 0; i < count; i++) {
        double started = seconds_now();
        pages_answer(paths.lines[i % paths.count], NULL);
        samples_add(&taken, seconds_now() - started);
    }
    samples_print(&taken, 0);
}

int main(int count, char **arguments)
{
    if (count != 4) die("usage: plain_sqlite serve STORE SOCKET | plain_sqlite read STORE COUNT");
    pages_open(arguments[2]);
    if (!strcmp(arguments[1], "serve")) serve(arguments[3]);
    else read_rows(strtoul(arguments[3], NULL, 10));
    return 0;
}
