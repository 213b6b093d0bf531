/*
 * Refer-To and Replaces as they pass, without a call that they could name: the
 * first byte says to which side. What comes out is one header's value: no line
 * begins in it that did not in what came.
 */
#include <stdlib.h>
#include <string.h>

#include "../scenario/fake.h"
#include "b2bua/call/call_int.h"
#include "base/obj.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

void story_fail(const char *fmt, ...)
{
	(void)fmt;
	abort();
}

static const char conf_text[] = "hostname edge1\n"
				"sip-listener PHONES\n"
				" side access\n"
				" address ipv4 203.0.113.5 port 5060\n"
				" transport udp\n"
				"sip-listener INSIDE\n"
				" side core\n"
				" address ipv4 10.1.1.5 port 5060\n"
				" transport udp\n"
				"sip-ua\n"
				" registrar ipv4:10.1.1.10:5060 expires 3600\n"
				"dial-peer voice 100 voip\n"
				" session target registrar\n"
				" incoming listener PHONES\n"
				" destination-pattern 2...\n"
				" no srtp\n";

static struct core *core(void)
{
	static struct world w = { .port = { &fake_port_ops } };
	struct conf_errs errs = { 0 };
	struct core_params p = { .port = &w.port,
		.media_ops = &fake_media_ops };

	if (w.core != NULL)
		return w.core;
	w.conf = conf_parse(slice_str(conf_text), "fuzz", &errs);
	conf_errs_free(&errs);
	need(w.conf != NULL);
	p.conf = w.conf;
	w.core = core_new(&p);
	return w.core;
}

static bool has_control(const char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			return true;
	return false;
}

static void target(const struct refer_side *to, struct slice value)
{
	char *out = refer_target(to, value);

	need(out != NULL);
	free(out);
}

static void dialog(const struct refer_side *to, struct slice value)
{
	struct text out = { 0 };
	struct refer_named n = { 0 };

	need(!refer_map_dialog(to, value, &out)); /* there is no call */
	need(!refer_find(&n, to->core, to->where, value));
	text_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct refer_side to = { .core = core() };
	char *copy, *header;
	struct slice value;

	if (size == 0)
		return 0;
	to.from = (data[0] & 1) != 0 ? CONF_CORE : CONF_ACCESS;
	to.where = (data[0] & 2) != 0 ? CONF_CORE : CONF_ACCESS;
	to.listener = to.where == CONF_CORE ? "INSIDE" : "PHONES";
	copy = mem_ndup((const char *)data + 1, size - 1);
	value = slice_str(copy);
	if (!has_control(copy)) { /* as the parser of messages gives it */
		target(&to, value);
		dialog(&to, value);
		header = refer_uri_header(value, "Replaces");
		need(header == NULL || !has_control(header));
		free(header);
	}
	free(copy);
	return 0;
}
