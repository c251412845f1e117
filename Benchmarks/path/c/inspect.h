#ifndef PATH_INSPECT_H
#define PATH_INSPECT_H

/* Prints rows and bytes of every table as JSON. */
void inspect(const char *path);

#endif
