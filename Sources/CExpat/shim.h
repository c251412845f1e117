// Nothing but the header: expat has no macros or variadic functions that Swift needs.
#ifndef SILA_CEXPAT_SHIM_H
#define SILA_CEXPAT_SHIM_H

#include <expat.h>

#endif
