/* URIs and name-addr lists: any bytes; parts lie within the text. */
#include <string.h>

#include "b2bua/sip/uri.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void within(struct slice whole, struct slice part)
{
	need(part.n == 0 ||
		(part.p >= whole.p && part.p + part.n <= whole.p + whole.n));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice all = slice_of(data, size), rest = all, one, value;
	struct sip_name_addr na;
	struct sip_uri u;
	char digits[32];

	if (sip_uri_parse(all, &u) == 0) {
		within(all, u.user);
		within(all, u.host);
		within(all, u.params);
		within(all, u.headers);
	}
	(void)sip_param(all, "expires", &value);
	if (sip_user_digits(all, digits, sizeof(digits)) == 0)
		need(strnlen(digits, sizeof(digits)) < sizeof(digits));
	while (sip_name_addr_cut(&rest, &one)) {
		within(all, one);
		if (sip_name_addr_parse(one, &na) != 0)
			continue;
		within(all, na.display);
		within(all, na.uri);
		within(all, na.params);
		(void)sip_param(na.params, "tag", &value);
		within(all, value);
	}
	return 0;
}
