/*
 * Layout facts of Sofia's transport objects (package 1.12.11+20110422, LP64):
 * they are in no installed header, and a transport type of our own needs a
 * few of their fields. Stated as offsets and sizes under our own names; this
 * is the only place. tport_abi_check() compares them with what the library
 * says about its own types before anything relies on them.
 */
#ifndef LINESIDE_B2BUA_TPORT_ABI_H
#define LINESIDE_B2BUA_TPORT_ABI_H

#include "b2bua/sofia/sofia.h"

#include <stdbool.h>

#include "base/need.h"

struct tport_primary; /* a listener as Sofia sees it */
struct tport_type; /* a table of operations */

enum {
	ABI_TPORT_SIZE = 488,
	ABI_PRIMARY_SIZE = 592,
	ABI_TYPE_SIZE = 168,
};

/* Fields of a transport object. */
enum {
	ABI_TPORT_FLAGS = 24, /* u32, bits below */
	ABI_TPORT_MASTER = 56,
	ABI_TPORT_PRIMARY = 64,
	ABI_TPORT_NAME = 128, /* tp_name_t */
	ABI_TPORT_SOCKET = 184,
	ABI_TPORT_INDEX = 188,
	ABI_TPORT_EVENTS = 192,
	ABI_TPORT_ADDRINFO = 200, /* su_addrinfo_t */
	ABI_TPORT_MSG = 280, /* msg_t * being received */
	ABI_MASTER_ROOT = 520,
	ABI_PRIMARY_FLAGS = 528, /* bit 2: has TLS */
};
enum {
	ABI_FLAG_ACCEPTED = 1u << 0,
	ABI_FLAG_CONN_ORIENT = 1u << 1,
	ABI_FLAG_CLOSED = 1u << 4,
	ABI_FLAG_RECV_CLOSED = 3u << 5,
	ABI_FLAG_CONNECTED = 1u << 11,
	ABI_FLAG_VERIFIED = 1u << 12,
	ABI_PRIMARY_HAS_TLS = 1u << 2,
};

/* Slots of the table of operations. */
enum {
	ABI_TYPE_NAME = 0,
	ABI_TYPE_CLIENT_ONLY = 8,
	ABI_TYPE_PRIMARY_SIZE = 16,
	ABI_TYPE_INIT_PRIMARY = 24,
	ABI_TYPE_DEINIT_PRIMARY = 32,
	ABI_TYPE_WAKEUP_PRIMARY = 40,
	ABI_TYPE_CONNECT = 48,
	ABI_TYPE_SECONDARY_SIZE = 56,
	ABI_TYPE_INIT_SECONDARY = 64,
	ABI_TYPE_DEINIT_SECONDARY = 72,
	ABI_TYPE_SHUTDOWN = 80,
	ABI_TYPE_WAKEUP = 96,
	ABI_TYPE_RECV = 104,
	ABI_TYPE_SEND = 112,
	ABI_TYPE_DELIVER = 120,
	ABI_TYPE_NEXT_TIMER = 152,
	ABI_TYPE_TIMER = 160,
};

/* Where our own part begins, behind Sofia's. */
#define ABI_TPORT_OWN(tp, type)                                                \
	((type *)(void *)((char *)(tp) + ABI_TPORT_SIZE))
#define ABI_PRIMARY_OWN(pri, type)                                             \
	((type *)(void *)((char *)(pri) + ABI_PRIMARY_SIZE))
#define ABI_AT(obj, offset, type) ((type *)(void *)((char *)(obj) + (offset)))

static inline int abi_socket(tport_t *tp)
{
	return *ABI_AT(tp, ABI_TPORT_SOCKET, int);
}
static inline struct tport_primary *abi_primary(tport_t *tp)
{
	return *ABI_AT(tp, ABI_TPORT_PRIMARY, struct tport_primary *);
}
/* A primary begins with a transport object. */
static inline tport_t *abi_primary_tport(struct tport_primary *pri)
{
	return (tport_t *)(void *)pri;
}
static inline unsigned *abi_flags(tport_t *tp)
{
	return ABI_AT(tp, ABI_TPORT_FLAGS, unsigned);
}
static inline msg_t **abi_msg(tport_t *tp)
{
	return ABI_AT(tp, ABI_TPORT_MSG, msg_t *);
}
static inline su_addrinfo_t *abi_addrinfo(tport_t *tp)
{
	return ABI_AT(tp, ABI_TPORT_ADDRINFO, su_addrinfo_t);
}
su_root_t *abi_root(tport_t *tp);
/* Adds or removes SU_WAIT_OUT among the events waited for. */
void abi_want_out(tport_t *tp, bool on);

/* Exported by the library, declared nowhere. */
int tport_register_type(struct tport_type const *type);
struct tport_type const *tport_vtable_by_name(char const *name, int client);
int tport_tcp_init_primary(struct tport_primary *pri, tp_name_t tpn[1],
	su_addrinfo_t *ai, tagi_t const *tags, char const **culprit);
int tport_stream_init_primary(struct tport_primary *pri, int socket,
	tp_name_t tpn[1], su_addrinfo_t *ai, tagi_t const *tags,
	char const **culprit);
int tport_tcp_init_secondary(
	tport_t *tp, int socket, int accepted, char const **culprit);
int tport_tcp_next_timer(tport_t *tp, su_time_t *target, char const **why);
void tport_tcp_timer(tport_t *tp, su_time_t now);
int tport_accept(struct tport_primary *pri, int events);
int tport_udp_init_primary(struct tport_primary *pri, tp_name_t tpn[1],
	su_addrinfo_t *ai, tagi_t const *tags, char const **culprit);
tport_t *tport_alloc_secondary(struct tport_primary *pri, int socket,
	int accepted, char const **culprit);
int tport_register_secondary(tport_t *tp, su_wakeup_f wakeup, int events);
int tport_setname(tport_t *tp, char const *protocol, su_addrinfo_t const *ai,
	char const *canon);
void tport_zap_secondary(tport_t *tp);
void tport_close(tport_t *tp);
int tport_wakeup(void *magic, su_wait_t *w, tport_t *tp);
void tport_recv_event(tport_t *tp);
void tport_send_event(tport_t *tp);
void tport_hup_event(tport_t *tp);
int tport_error_event(tport_t *tp);
void tport_error_report(tport_t *tp, int err, su_sockaddr_t const *addr);
int tport_has_queued(tport_t const *tp);
int tport_set_secondary_timer(tport_t *tp);
ssize_t tport_recv_iovec(
	tport_t const *tp, msg_t **msg, msg_iovec_t iov[], size_t n, int exact);
void tport_recv_bytes(tport_t *tp, ssize_t bytes, ssize_t on_line);
void tport_base_deliver(tport_t *tp, msg_t *msg, su_time_t now);

/* One operation into a table under construction. */
typedef void abi_fn(void);
void abi_type_set(void *type, unsigned slot, abi_fn *fn);
abi_fn *abi_type_get(const void *type, unsigned slot);

/* 0, or ENOTSUP with what differs: the library is another one. */
int tport_abi_check(const char **why) MUST_USE;

#endif
