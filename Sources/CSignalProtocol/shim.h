#ifndef SILA_CSIGNALPROTOCOL_SHIM_H
#define SILA_CSIGNALPROTOCOL_SHIM_H

#include <signal/signal_protocol.h>
#include <signal/curve.h>
#include <signal/hkdf.h>
#include <signal/key_helper.h>
#include <signal/protocol.h>
#include <signal/ratchet.h>
#include <signal/session_builder.h>
#include <signal/session_cipher.h>
#include <signal/session_pre_key.h>
#include <signal/session_record.h>
#include <signal/session_state.h>

/* SIGNAL_UNREF is a macro over a pointer cast that Swift cannot import. */
static inline void sila_signal_unref(void *instance)
{
    signal_type_unref((signal_type_base *)instance);
}

static inline void sila_signal_ref(void *instance)
{
    signal_type_ref((signal_type_base *)instance);
}

#endif
