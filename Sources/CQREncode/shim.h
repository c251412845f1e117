#ifndef SILA_CQRENCODE_SHIM_H
#define SILA_CQRENCODE_SHIM_H

#include <qrencode.h>

#endif
