/* See target.h. */
#include "b2bua/call/target.h"

#include "base/addr.h"
#include "base/secret.h"
#include "base/wire.h"

char *target_uri(const char *host, uint16_t port, enum conf_transport transport)
{
	static const char *const transports[] = { [CONF_UDP] = "",
		[CONF_TCP] = ";transport=tcp",
		[CONF_TLS] = ";transport=tls" };
	struct text u = { 0 };
	char text[ADDR_TEXT];
	struct addr a;

	text_printf(&u, "sip:%s",
		addr_parse(&a, slice_str(host), 1) == 0
			? addr_uri_host(&a, text)
			: host);
	if (port != 0)
		text_printf(&u, ":%u", port);
	text_printf(&u, "%s", transports[transport]);
	return text_take(&u);
}

unsigned target_jitter(unsigned seconds, unsigned least, unsigned most)
{
	need(least <= most);
	return seconds * least + random_u32() % (seconds * (most - least) + 1);
}
