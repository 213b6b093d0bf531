/*
 * CAPF sessions: the first byte chooses the plan, the rest is a stream of
 * frames. Every frame is answered at most once, and an end stays the end.
 */
#include "base/need.h"
#include "phoneproxy/capf/capf_server.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct owner {
	uint8_t choice;
	unsigned sent;
};

static bool plan(void *arg, struct slice device, struct capf_plan *out)
{
	const struct owner *o = arg;

	need(device.n > 0 && device.n <= CAPF_DEVICE_LEN);
	*out = (struct capf_plan){
		.operation = (enum capf_operation)(o->choice & 3),
		.auth = (enum capf_auth)((o->choice >> 2 & 3) % 3),
		.auth_string = "123456",
		.accept_only_sha1 = true,
		.key_type = o->choice >> 4 & 1,
		.key_size = 2048,
		.curve = (o->choice >> 5 & 3) % 3,
	};
	return o->choice < 0x80;
}

static bool trusted(void *arg, struct slice device, struct slice cert)
{
	(void)arg;
	need(device.n > 0 && cert.n > 0);
	return true;
}

static void issue(void *arg, struct capf_server *s, struct slice device,
	struct slice public_key)
{
	(void)arg;
	(void)device;
	need(public_key.n > 0);
	capf_server_issued(s, SLICE_LIT("0 a certificate"), 0);
}

static void take(void *arg, struct slice frame)
{
	struct owner *o = arg;
	struct capf_msg m;

	need(capf_parse(&m, frame) == 0 && m.session == 1);
	o->sent++;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct capf_server_ops ops = { plan, trusted, issue,
		take };
	struct slice rest = slice_of(data, size);
	struct capf_server s;
	size_t n;

	if (size == 0)
		return 0;
	struct owner o = { .choice = data[0] };

	rest = slice_from(rest, 1);
	capf_server_start(&s, 1, &capf_times_default, &ops, &o, 0);
	need(o.sent == 1);
	while (capf_frame(rest, &n) == 0 && n != 0 && n <= rest.n) {
		unsigned before = o.sent;
		bool over = s.end != CAPF_GOING_ON;

		capf_server_frame(&s, slice_head(rest, n), 0);
		need(o.sent - before <= (over ? 0 : 1));
		rest = slice_from(rest, n);
	}
	capf_server_timer(&s, UINT64_C(1) << 62);
	need(s.end != CAPF_GOING_ON || s.expects == 0);
	capf_server_free(&s);
	return 0;
}
