#ifndef SILA_CPANGOCAIRO_SHIM_H
#define SILA_CPANGOCAIRO_SHIM_H

#include <cairo-pdf.h>
#include <pango/pangocairo.h>

/* A macro of Pango: units of a layout in a point. */
static inline double sila_pango_scale(void) { return PANGO_SCALE; }

#endif
