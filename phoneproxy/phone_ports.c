#include "phoneproxy/phone_ports.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "phoneproxy/serve/doorway.h"

struct addr phone_port_addr(const struct addr *source, uint16_t port)
{
	struct addr a = *source;

	if (!addr_is_set(&a))
		need(addr_parse(&a, SLICE_LIT("0.0.0.0"), port) == 0);
	addr_set_port(&a, port);
	return a;
}

void phone_port_close(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

int phone_port_bind(const struct addr *a, int *fd, const char *what,
	struct conf_pos pos, struct conf_errs *errs)
{
	char text[ADDR_TEXT];
	int err = doorway_bind(a, fd);

	if (err != 0)
		conf_errs_add(errs, false, pos,
			err == EADDRINUSE
				? "another program or section listens there"
				: "give it an address of this machine",
			"%s cannot listen on %s: %s", what, addr_text(a, text),
			strerrordesc_np(err));
	return err;
}
