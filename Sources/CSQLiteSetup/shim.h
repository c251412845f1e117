// Settings of SQLite itself. They are variadic functions, which Swift cannot call.
#include <sqlite3.h>

// SQLite counts no memory: without the counters its allocator takes no lock (sqlite.org/compile.html,
// SQLITE_DEFAULT_MEMSTATUS). Nobody reads them here. Works only before the first use of SQLite; later it
// changes nothing and returns SQLITE_MISUSE.
static inline int sila_sqlite_without_statistics(void) { return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }
