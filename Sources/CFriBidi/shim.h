// The bidi types of FriBidi are composite macros, which Swift does not import.
#ifndef SILA_CFRIBIDI_SHIM_H
#define SILA_CFRIBIDI_SHIM_H

// The first is where pkg-config points; the second works without it.
#if __has_include(<fribidi.h>)
#include <fribidi.h>
#else
#include <fribidi/fribidi.h>
#endif

/// The strong direction of a scalar: 1 left to right, 2 right to left, 0 neither (UAX #9, table 4: L, R, AL).
static inline int sila_fribidi_strong_direction(FriBidiChar scalar) {
    switch ((unsigned long)fribidi_get_bidi_type(scalar)) {
    case FRIBIDI_TYPE_LTR_VAL: return 1;
    case FRIBIDI_TYPE_RTL_VAL: return 2;
    case FRIBIDI_TYPE_AL_VAL: return 2;
    default: return 0;
    }
}

/// The direction of a paragraph, to be asked for: found from the first strong scalar, or given.
static inline FriBidiParType sila_fribidi_direction_automatic(void) { return FRIBIDI_PAR_ON; }
static inline FriBidiParType sila_fribidi_direction_left_to_right(void) { return FRIBIDI_PAR_LTR; }
static inline FriBidiParType sila_fribidi_direction_right_to_left(void) { return FRIBIDI_PAR_RTL; }

#endif
