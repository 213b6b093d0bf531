/* Private layouts of Sofia's transports, compared at start: tport_abi.h. */
#include <errno.h>
#include <string.h>

#include "b2bua/sofia/tport_abi.h"

_Static_assert(sizeof(void *) == 8, "the offsets are those of LP64");
_Static_assert(sizeof(tp_name_t) == 48, "name of a transport");
_Static_assert(sizeof(su_addrinfo_t) == 48, "address information");
_Static_assert(sizeof(su_sockaddr_t) == 32, "socket address");
_Static_assert(ABI_TPORT_NAME + 48 + 8 == ABI_TPORT_SOCKET, "name to socket");
_Static_assert(
	ABI_TPORT_ADDRINFO + 48 + 32 == ABI_TPORT_MSG, "address to message");

su_root_t *abi_root(tport_t *tp)
{
	void *master = *ABI_AT(tp, ABI_TPORT_MASTER, void *);

	return *ABI_AT(master, ABI_MASTER_ROOT, su_root_t *);
}

void abi_want_out(tport_t *tp, bool on)
{
	int *events = ABI_AT(tp, ABI_TPORT_EVENTS, int);

	*events = on ? *events | SU_WAIT_OUT : *events & ~SU_WAIT_OUT;
	su_root_eventmask(abi_root(tp), *ABI_AT(tp, ABI_TPORT_INDEX, int),
		abi_socket(tp), *events);
}

void abi_type_set(void *type, unsigned slot, abi_fn *fn)
{
	memcpy((char *)type + slot, &fn, sizeof(fn));
}

abi_fn *abi_type_get(const void *type, unsigned slot)
{
	abi_fn *fn;

	memcpy(&fn, (const char *)type + slot, sizeof(fn));
	return fn;
}

static size_t type_size(const void *type, unsigned slot)
{
	size_t n;

	memcpy(&n, (const char *)type + slot, sizeof(n));
	return n;
}

static bool sizes_match(const struct tport_type *type)
{
	return type_size(type, ABI_TYPE_PRIMARY_SIZE) == ABI_PRIMARY_SIZE &&
	       type_size(type, ABI_TYPE_SECONDARY_SIZE) == ABI_TPORT_SIZE;
}

/*
 * A type found by name is ours once ours are registered, so this runs before
 * (tport_types_register).
 */
int tport_abi_check(const char **why)
{
	const struct tport_type *tcp = tport_vtable_by_name("tcp", 0);
	const struct tport_type *udp = tport_vtable_by_name("udp", 0);

	*why = NULL;
	if (tcp == NULL || udp == NULL)
		*why = "no transport types";
	else if (!sizes_match(tcp))
		*why = "sizes of transport objects";
	else if (abi_type_get(tcp, ABI_TYPE_INIT_PRIMARY) !=
			 (abi_fn *)tport_tcp_init_primary ||
		 abi_type_get(tcp, ABI_TYPE_WAKEUP_PRIMARY) !=
			 (abi_fn *)tport_accept ||
		 abi_type_get(tcp, ABI_TYPE_INIT_SECONDARY) !=
			 (abi_fn *)tport_tcp_init_secondary ||
		 abi_type_get(tcp, ABI_TYPE_NEXT_TIMER) !=
			 (abi_fn *)tport_tcp_next_timer ||
		 abi_type_get(tcp, ABI_TYPE_TIMER) != (abi_fn *)tport_tcp_timer)
		*why = "operations of the tcp transport";
	else if (abi_type_get(udp, ABI_TYPE_INIT_PRIMARY) !=
		 (abi_fn *)tport_udp_init_primary)
		*why = "operations of the udp transport";
	return *why == NULL ? 0 : ENOTSUP;
}
