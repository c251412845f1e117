// prctl and syscall are variadic, which Swift cannot call. Nothing else belongs here.
#ifndef SILA_CPROCESS_SHIM_H
#define SILA_CPROCESS_SHIM_H

#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <sys/prctl.h>

/// No core dump of this process is written, and no other process of the user may read its memory.
static inline int sila_process_forbid_dumps(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

/// A file in memory alone, with no name; closed with the process. -1: see errno.
static inline int sila_process_memory_file(void) {
    return (int)syscall(SYS_memfd_create, "sila", 1u /* MFD_CLOEXEC */);
}

/// Ends the process at once, without what exit(3) would do besides: OpenSSL's clean-up there frees what a thread of
/// libcurl that ends at the same moment still uses, and the process crashes instead of ending. What stdio holds is written.
static inline void __attribute__((noreturn)) sila_process_end(int status) {
    fflush(NULL);
    _exit(status);
}

#endif
