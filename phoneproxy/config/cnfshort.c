/*
 * The short companion of an encrypted configuration: enough for the phone to
 * see whether the encrypted one is for its key, and to reach CAPF if not.
 */
#include <errno.h>

#include "phoneproxy/config/cnfdoc.h"
#include "phoneproxy/config/cnfxml.h"

static bool is_copied(const struct cnfdoc *d, int element)
{
	return cnfdoc_is(d, element, "ipAddressMode") ||
	       cnfdoc_is(d, element, "loadInformation") ||
	       cnfdoc_is(d, element, "capfAuthMode") ||
	       cnfdoc_is(d, element, "capfList");
}

int cnf_short_form(struct text *out, struct slice xml, const char *cert_hash)
{
	struct cnfdoc d;
	int err = cnfdoc_read(&d, xml);

	if (err != 0)
		return err;
	if (!cnfdoc_is(&d, 0, "device")) {
		cnfdoc_free(&d);
		return EPROTO;
	}
	text_printf(out,
		"<?xml version=\"1.0\" encoding=\"%s\"?>\n<device>\n"
		"  <fullConfig>false</fullConfig>\n",
		d.encoding);
	for (int i = d.element[0].first_child; i != CNF_NO_ELEMENT;
		i = d.element[i].next) {
		const struct cnf_element *e = &d.element[i];

		if (!is_copied(&d, i))
			continue;
		text_add(out, SLICE_LIT("  "));
		text_add(out, slice_of(xml.p + e->start, e->end - e->start));
		text_addc(out, '\n');
	}
	text_printf(out,
		"  <certHash>%s</certHash>\n"
		"  <encrConfig>true</encrConfig>\n</device>\n",
		cert_hash);
	cnfdoc_free(&d);
	return 0;
}
