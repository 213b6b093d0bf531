/* a=crypto values: what is taken prints to what is taken as the same. */
#include "b2bua/offer/srtp_sdes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mdesc_crypto c, again;
	struct text t = { 0 };

	if (sdes_parse(slice_of(data, size), &c) != 0) {
		need(c.key.n == 0);
		return 0;
	}
	sdes_print(&t, &c);
	need(sdes_parse(text_slice(&t), &again) == 0);
	need(secret_equal(&c.key, &again.key));
	need(c.tag == again.tag && c.suite == again.suite);
	need(c.mki_len == again.mki_len && c.mki == again.mki);
	text_free(&t);
	return 0;
}
