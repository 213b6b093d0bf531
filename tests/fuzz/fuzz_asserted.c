/*
 * Headers that name callers: "Name: value" lines of any bytes, behind a byte for
 * each leg's policy. No address of the other side is left in what can be read,
 * and no identity for who may not see it.
 */
#include <string.h>

#include "b2bua/route/asserted.h"
#include "b2bua/sip/uri.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_identity(struct slice name)
{
	return slice_caseeq_str(name, "P-Asserted-Identity") ||
	       slice_caseeq_str(name, "P-Preferred-Identity") ||
	       slice_caseeq_str(name, "Remote-Party-ID");
}

static void read_lines(struct hdrs *h, struct slice text)
{
	struct slice line;

	while (h->n < 32 && slice_line(&text, &line)) {
		size_t colon = slice_find(line, ':');

		if (colon == 0 || colon == line.n)
			continue;
		h->v[h->n++] = (struct sip_hdr){ .name = slice_head(
							 line, colon),
			.value = slice_trim(slice_from(line, colon + 1)) };
	}
}

static void check_hosts(struct slice list)
{
	struct slice one;

	while (sip_name_addr_cut(&list, &one)) {
		struct sip_name_addr na;
		struct sip_uri u;
		struct addr a;

		if (sip_name_addr_parse(one, &na) == 0 &&
			sip_uri_parse(na.uri, &u) == 0 && u.host.n > 0 &&
			!slice_caseeq_str(u.scheme, "tel") &&
			addr_parse(&a, u.host, 0) == 0)
			need(slice_eq_str(u.host, "192.0.2.1"));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct hdrs h;
	char local[] = "sbc.example.com";
	struct asserted_way w = { .from = CONF_CORE, .host = "192.0.2.1" };
	struct slice text;

	if (size < 2)
		return 0;
	w.to = data[0] & 1 ? CONF_CORE : CONF_ACCESS;
	w.request = w.begins = (data[0] & 2) != 0;
	w.said_to.asserted = (enum conf_asserted)(data[0] >> 2 & 7) %
			     (CONF_ASSERTED_RPI + 1);
	w.said_to.localhost = data[0] & 32 ? local : NULL;
	w.said_from.asserted =
		data[0] & 64 ? CONF_ASSERTED_NONE : CONF_ASSERTED_INHERIT;
	w.said_to.privacy = data[1] & 63;
	w.said_to.policy = data[1] >> 6;
	text = slice_of(data + 2, size - 2);
	w.who = slice_head(text, slice_find(text, '\n'));
	hdrs_init(&h);
	read_lines(&h, text);
	(void)asserted_concerns(&h, &w);
	asserted_pass(&h, &w);
	for (size_t i = 0; i < h.n; i++) {
		if (is_identity(h.v[i].name))
			need(w.to == CONF_ACCESS ||
				w.said_to.asserted != CONF_ASSERTED_NONE);
		if (is_identity(h.v[i].name) ||
			slice_caseeq_str(h.v[i].name, "Diversion"))
			check_hosts(h.v[i].value);
	}
	hdrs_free(&h);
	return 0;
}
