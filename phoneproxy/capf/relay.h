/*
 * A TCP relay: what a phone sends goes to a server inside, and back, byte for
 * byte. For CAPF and TVS of the call manager (their TLS runs end to end and is
 * not touched) and for any other service by `service-map`. The server is not
 * dialled before the phone's first byte, so that who only scans ports never
 * gets there. On the thread of its loop.
 */
#ifndef LINESIDE_PHONEPROXY_RELAY_H
#define LINESIDE_PHONEPROXY_RELAY_H

#include "phoneproxy/serve/doorway.h"

enum {
	/* Old phones generate their keys for half an hour without a word. */
	RELAY_IDLE_MS = 35 * 60 * 1000,
	RELAY_FIRST_BYTE_MS = 15000,
	RELAY_DIAL_MS = 15000,
};

struct relay_end {
	struct addr peer, target;
	uint64_t bytes_in, bytes_out; /* from the phone; to it */
	uint64_t ms; /* that it lasted */
	const char *why; /* NULL: both sides were done */
};
/* A connection is over; not for those that end with the relay. */
typedef void relay_ended_fn(void *arg, const struct relay_end *e);

struct relay_params {
	struct addr target;
	struct addr source; /* that it is dialled from; AF_UNSPEC: any */
	struct gate_limits limits;
	unsigned idle_ms, first_byte_ms, dial_ms; /* 0: as above */
	relay_ended_fn *ended; /* or NULL */
	void *arg;
};

struct relay;

/* Takes the descriptor, a listening socket. */
struct relay *relay_new(
	struct loop *l, int fd, const struct relay_params *p) MUST_USE;
/* For connections to come; those that are there go on. */
void relay_set(struct relay *r, const struct relay_params *p);
void relay_free(struct relay *r); /* hangs up; NULL is fine */

struct relay_count {
	struct doorway_count door;
	uint64_t dialled, silent, unreachable, idle, broken;
	uint64_t bytes_in, bytes_out; /* from phones; to them */
};
void relay_count(const struct relay *r, struct relay_count *out);

#endif
