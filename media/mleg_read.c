/*
 * A leg's figures as other threads read them: each is right by itself, all
 * together are of about one moment. The address is guarded by a version.
 */
#include "media/mleg.h"

#include <string.h>

#include "base/thread.h"

void mleg_publish(struct mleg *leg)
{
	struct mleg_counters *n = &leg->n;
	uint32_t word[sizeof(struct sockaddr_in6) / 4];

	memcpy(word, &leg->to[CH_RTP].in6, sizeof(word));
	n->addr_version++; /* odd */
	for (unsigned i = 0; i < ARRAY_SIZE(word); i++)
		n->addr[i] = word[i];
	n->addr_version++;
	n->latched = leg->learnt[CH_RTP];
}

static struct addr read_addr(const struct mleg_counters *n)
{
	uint32_t word[sizeof(struct sockaddr_in6) / 4] = { 0 };
	struct addr out = { 0 };
	uint32_t version = 0;

	do {
		version = n->addr_version;
		for (unsigned i = 0; i < ARRAY_SIZE(word); i++)
			word[i] = n->addr[i];
	} while (version % 2 != 0 || version != n->addr_version);
	memcpy(&out.in6, word, sizeof(word));
	return out;
}

#define GET(field) atomic_load_explicit(&leg->n.field, memory_order_relaxed)

void mleg_read(const struct mleg *leg, struct mleg_stats *out)
{
	uint64_t heard = GET(heard_ms), idle = 0, now = clock_ms();

	if (now > heard)
		idle = now - heard;
	*out = (struct mleg_stats){
		.rx_packets = GET(rx_packets),
		.rx_bytes = GET(rx_bytes),
		.tx_packets = GET(tx_packets),
		.tx_bytes = GET(tx_bytes),
		.rx_rtcp = GET(rx_rtcp),
		.tx_rtcp = GET(tx_rtcp),
		.lost = GET(lost),
		.jitter_us = GET(jitter_us),
		.auth_failed = GET(auth_failed),
		.replayed = GET(replayed),
		.malformed = GET(malformed),
		.wrong_source = GET(wrong_source),
		.not_wanted = GET(not_wanted),
		.send_failed = GET(send_failed),
		.send_repeated = GET(send_repeated),
		.send_held = GET(send_held),
		.ssrc = GET(ssrc),
		.loss_reported = GET(loss_reported),
		.reported_of = GET(reported_of),
		.jitter_reported_us = GET(jitter_reported_us),
		.rtt_us = GET(rtt_us),
		.rx_idle_ms = heard == 0 || idle > UINT32_MAX ? UINT32_MAX
							      : (uint32_t)idle,
		.remote = read_addr(&leg->n),
		.latched = GET(latched),
		.rtcp_mux = GET(mux),
		.sets = leg->n.sets, /* ordered: what was set is visible */
	};
}
