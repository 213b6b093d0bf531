/* Counters and gauges in the text form of OpenMetrics 1.0. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/histogram.h"
#include "base/metric.h"
#include "base/open_files.h"
#include "families.h"
#include "memory_use.h"
#include "show/show_int.h"

static void escaped(FILE *out, const char *s)
{
	for (; *s != '\0'; s++) {
		if (*s == '\\' || *s == '"')
			fputc('\\', out);
		if (*s == '\n')
			fputs("\\n", out);
		else
			fputc(*s, out);
	}
}

static void head(
	FILE *out, const char *name, const char *type, const char *help)
{
	fprintf(out, "# TYPE %s %s\n# HELP %s ", name, type, name);
	escaped(out, help);
	fputc('\n', out);
}

/* The family's name is the sample's without "_total". */
static void counter(FILE *out, const struct metric_row *r, uint64_t v)
{
	char family[128];
	size_t n = strlen(r->name), tail = strlen("_total");

	need(n > tail && n < sizeof(family) &&
		strcmp(r->name + n - tail, "_total") == 0);
	memcpy(family, r->name, n - tail);
	family[n - tail] = '\0';
	head(out, family, "counter", r->help);
	fprintf(out, "%s %llu\n", r->name, (unsigned long long)v);
}

static void family(FILE *out, const char *name)
{
	const struct metric_family *f = metric_family(name);

	head(out, name, f->type, f->help);
}

static void gauge(FILE *out, const char *name, uint64_t v)
{
	family(out, name);
	fprintf(out, "%s %llu\n", name, (unsigned long long)v);
}

static void by_worker(
	FILE *out, const struct media_usage *m, const char *name, size_t figure)
{
	family(out, name);
	for (unsigned i = 0; i < m->workers; i++)
		fprintf(out, "%s{worker=\"%u\"} %u\n", name, i,
			*(const unsigned *)((const char *)&m->load[i] +
					    figure));
}

/* Scaled figures, in the unit that the name says. */
static void histogram(FILE *out, enum histogram h)
{
	const struct histogram_row *r = &histogram_rows[h];
	struct histogram_read got;

	histogram_get(h, &got);
	head(out, r->name, "histogram", r->help);
	for (size_t i = 0; i < r->n; i++)
		fprintf(out, "%s_bucket{le=\"%g\"} %llu\n", r->name,
			(double)r->bound[i] / r->scale,
			(unsigned long long)got.upto[i]);
	fprintf(out, "%s_bucket{le=\"+Inf\"} %llu\n%s_count %llu\n", r->name,
		(unsigned long long)got.count, r->name,
		(unsigned long long)got.count);
	fprintf(out, "%s_sum %.6f\n", r->name, (double)got.sum / r->scale);
}

static void media_loads(FILE *out, const struct media_usage *m)
{
	by_worker(out, m, "lineside_media_load_percent",
		offsetof(struct media_load, percent));
	by_worker(out, m, "lineside_media_packets_per_second",
		offsetof(struct media_load, packets));
	by_worker(out, m, "lineside_media_longest_wait_microseconds",
		offsetof(struct media_load, longest_us));
}

enum { PEERS_TOLD = 100 }; /* by lowest number; the others together */

/* One family over dial-peers; `of` an uint64_t, or all that failed. */
static void peer_family(FILE *out, const struct b2bua_query *q,
	const char *family, const char *labels, size_t of)
{
	uint64_t others = 0;

	for (size_t i = 0; i < q->ntallies; i++) {
		uint64_t v;

		memcpy(&v, (const char *)&q->tallies[i] + of, sizeof(v));
		if (i >= PEERS_TOLD)
			others += v;
		else
			fprintf(out, "%s_total{dial_peer=\"%u\"%s} %llu\n",
				family, q->tallies[i].tag, labels,
				(unsigned long long)v);
	}
	if (q->ntallies > PEERS_TOLD)
		fprintf(out, "%s_total{dial_peer=\"other\"%s} %llu\n", family,
			labels, (unsigned long long)others);
}

static void dial_peers(FILE *out, const struct b2bua_query *q)
{
	char label[64];

	family(out, "lineside_dial_peer_calls");
	peer_family(out, q, "lineside_dial_peer_calls", ",way=\"in\"",
		offsetof(struct tally, in));
	peer_family(out, q, "lineside_dial_peer_calls", ",way=\"out\"",
		offsetof(struct tally, out));
	family(out, "lineside_dial_peer_answered");
	peer_family(out, q, "lineside_dial_peer_answered", "",
		offsetof(struct tally, answered));
	family(out, "lineside_dial_peer_failed");
	for (size_t i = 0; i < TALLY_ENDS; i++) {
		(void)snprintf(label, sizeof(label), ",cause=\"%s\"",
			tally_end_names[i]);
		peer_family(out, q, "lineside_dial_peer_failed", label,
			offsetof(struct tally, failed) + i * sizeof(uint64_t));
	}
	family(out, "lineside_dial_peer_seconds");
	peer_family(out, q, "lineside_dial_peer_seconds", "",
		offsetof(struct tally, seconds));
}

static void connections(FILE *out, const struct b2bua_query *q)
{
	family(out, "lineside_connections");
	for (size_t i = 0; i < q->nlisteners; i++) {
		fputs("lineside_connections{listener=\"", out);
		escaped(out, q->listeners[i].name);
		fprintf(out, "\"} %zu\n", q->listeners[i].connections);
	}
}

/* So that an alert can be set well before a certificate ends. */
static void certificates(FILE *out, const struct b2bua_query *q)
{
	family(out, "lineside_certificate_not_after_seconds");
	for (size_t i = 0; q != NULL && i < q->ntrustpoints; i++) {
		const struct trustpoint_info *tp = &q->trustpoints[i];

		for (size_t k = 0; k < tp->ncerts; k++) {
			if (!tp->certs[k].own)
				continue;
			fputs("lineside_certificate_not_after_seconds{trustpoint=\"",
				out);
			escaped(out, tp->name);
			fprintf(out, "\"} %lld\n",
				(long long)tp->certs[k].not_after);
		}
	}
}

/* For an alert on renewals that fail long before the end. */
static void renewals(FILE *out, const struct renewal_status *r)
{
	family(out, "lineside_certificate_renewal_failures");
	for (size_t i = 0; r != NULL && i < r->n; i++) {
		if (r->row[i].state == RENEW_OFF)
			continue;
		fputs("lineside_certificate_renewal_failures{trustpoint=\"",
			out);
		escaped(out, r->row[i].trustpoint);
		fprintf(out, "\"} %u\n", r->row[i].attempts);
	}
}

static void reloads(FILE *out, const struct show *s)
{
	const struct reload_result *last =
		s->nreloads > 0 ? s->reloads[s->nreloads - 1] : NULL;

	gauge(out, "lineside_reload_success", last == NULL || last->ok);
	gauge(out, "lineside_reload_timestamp_seconds",
		last != NULL ? last->at_ms / 1000 : 0);
}

void show_metrics(FILE *out, const struct show *s)
{
	const struct b2bua_query *q = s->query;
	struct open_files files;

	for (size_t i = 0; i < METRIC_COUNT; i++)
		counter(out, &metric_rows[i], metric_read((enum metric)i));
	gauge(out, "lineside_calls", q->usage.calls);
	gauge(out, "lineside_call_legs", q->usage.legs);
	gauge(out, "lineside_registrations", q->usage.registrations);
	gauge(out, "lineside_subscriptions", q->usage.subscriptions);
	gauge(out, "lineside_sip_peers_down", q->usage.peers_down);
	gauge(out, "lineside_media_ports_in_use", s->media->ports);
	gauge(out, "lineside_media_ports", s->media->pairs);
	gauge(out, "lineside_media_ports_kept", s->media->kept);
	open_files_count(&files);
	gauge(out, "lineside_open_files", files.used);
	gauge(out, "lineside_open_files_limit", files.limit);
	gauge(out, "lineside_resident_memory_bytes", s->memory->resident);
	gauge(out, "lineside_heap_used_bytes", s->memory->used);
	gauge(out, "lineside_uptime_seconds", s->up_ms / 1000);
	for (size_t i = 0; i < HISTOGRAM_COUNT; i++)
		histogram(out, (enum histogram)i);
	media_loads(out, s->media);
	dial_peers(out, q);
	connections(out, q);
	certificates(out, s->trustpoints);
	renewals(out, s->renewals);
	reloads(out, s);
	fputs("# EOF\n", out);
}
