// The header, and one function that not every expat has.
#ifndef SILA_CEXPAT_SHIM_H
#define SILA_CEXPAT_SHIM_H

#include <expat.h>

// Since expat 2.6.0, and where distributions have added it to older ones. Weak: with an expat that
// has none its address is null, and nothing is deferred either.
XML_Bool XML_SetReparseDeferralEnabled(XML_Parser parser, XML_Bool enabled) __attribute__((weak));

// A token is read as soon as it is complete.
static inline void sila_expat_parse_at_once(XML_Parser parser) {
    if (XML_SetReparseDeferralEnabled) XML_SetReparseDeferralEnabled(parser, XML_FALSE);
}

#endif
