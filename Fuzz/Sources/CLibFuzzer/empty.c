// A C target needs a file; the function is in the compiler's own library, which -sanitize=fuzzer brings.
#include "CLibFuzzer.h"
