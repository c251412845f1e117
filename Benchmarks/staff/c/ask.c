/* ask SOCKET COUNT TOKEN-FILE: asks for the paths on standard input over one connection, COUNT times in all, and
 * prints how long the answers took. The same program asks silad and plain_sqlite, so that what it needs itself
 * is in both times. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common.h"
#include "figures.h"

static int connect_to(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (strlen(path) >= sizeof address.sun_path) die("%s is too long for a socket", path);
    strcpy(address.sun_path, path);
    if (descriptor < 0 || connect(descriptor, (struct sockaddr *)&address, sizeof address))
        die("%s: %s", path, strerror(errno));
    return descriptor;
}

static void read_token(const char *path, char *token, size_t size)
{
    FILE *file = fopen(path, "r");
    if (!file || !fgets(token, (int)size, file)) die("%s: no token", path);
    token[strcspn(token, "\n")] = 0;
    fclose(file);
}

/* Returns the bytes of the body. */
static size_t read_answer(int server)
{
    static char buffer[1 << 20];
    size_t length = 0, expected = 0, head = 0;
    while (!head || length < head + expected) {
        /* Beyond the head only the length counts: a long body is read over itself. */
        size_t offset = head && length > sizeof buffer / 2 ? sizeof buffer / 2 : length;
        ssize_t count = read(server, buffer + offset, sizeof buffer - 1 - offset);
        if (count <= 0) die("the server closed the connection");
        length += (size_t)count;
        if (head) continue;
        buffer[length] = 0;
        char *end = strstr(buffer, "\r\n\r\n");
        if (!end) continue;
        head = (size_t)(end - buffer) + 4;
        char *field = strcasestr(buffer, "content-length:");
        if (strncmp(buffer, "HTTP/1.1 200", 12) || !field || field > end)
            die("an answer is not as expected: %.200s", buffer);
        expected = strtoul(field + strlen("content-length:"), NULL, 10);
    }
    return expected;
}

static size_t ask(int server, const char *token, const char *path)
{
    char request[1024];
    int length = snprintf(request, sizeof request,
        "GET %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n\r\n", path, token);
    if (length >= (int)sizeof request || write(server, request, (size_t)length) != length) die("nothing was asked");
    return read_answer(server);
}

int main(int count, char **arguments)
{
    static char token[512];
    if (count != 4) die("usage: ask SOCKET COUNT TOKEN-FILE");
    int server = connect_to(arguments[1]);
    samples taken = samples_make(strtoul(arguments[2], NULL, 10));
    read_token(arguments[3], token, sizeof token);
    path_list paths = paths_read(stdin);
    size_t warm = taken.limit / 10 + paths.count, bytes = 0;
    for (size_t i = 0; i < warm + taken.limit; i++) {
        double started = seconds_now();
        size_t length = ask(server, token, paths.lines[i % paths.count]);
        if (i < warm) continue;
        samples_add(&taken, seconds_now() - started);
        bytes += length;
    }
    close(server);
    samples_print(&taken, (double)bytes / (double)taken.limit);
    return 0;
}
