// prctl is variadic, which Swift cannot call. Nothing else belongs here.
#ifndef SILA_CPROCESS_SHIM_H
#define SILA_CPROCESS_SHIM_H

#include <sys/prctl.h>

/// No core dump of this process is written, and no other process of the user may read its memory.
static inline int sila_process_forbid_dumps(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

#endif
