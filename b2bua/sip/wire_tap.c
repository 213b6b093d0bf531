/* Who listens to SIP messages. See wire_tap.h. */
#include "b2bua/sip/wire_tap.h"

#include "base/need.h"
#include "base/thread.h"

static wire_tap_fn *listener;
static void *listener_arg;

void wire_tap_set(wire_tap_fn *fn, void *arg)
{
	need(on_thread(THR_SIP));
	listener = fn;
	listener_arg = arg;
}

bool wire_tap_on(void)
{
	return listener != NULL;
}

void wire_tap(const struct wire_message *m)
{
	if (listener != NULL)
		listener(listener_arg, m);
}
