/* The table of gauges and of counters with labels. */
#include "families.h"

#include <string.h>

#include "base/need.h"
#include "base/obj.h"

/* clang-format off */
const struct metric_family metric_families[] = {
	{ "lineside_reload_success", "gauge", "",
	  "1 when the last reload was carried out" },
	{ "lineside_reload_timestamp_seconds", "gauge", "",
	  "Time of the last reload, carried out or not" },
	{ "lineside_calls", "gauge", "",
	  "Calls up or being set up" },
	{ "lineside_call_legs", "gauge", "",
	  "Legs of those calls" },
	{ "lineside_registrations", "gauge", "",
	  "Phones registered" },
	{ "lineside_subscriptions", "gauge", "",
	  "Subscriptions between phones and the call manager" },
	{ "lineside_sip_peers_down", "gauge", "",
	  "Targets of dial-peers that are busied out" },
	{ "lineside_media_ports_in_use", "gauge", "",
	  "Pairs of RTP and RTCP ports in use" },
	{ "lineside_media_ports", "gauge", "",
	  "Pairs of RTP and RTCP ports there are" },
	{ "lineside_media_ports_kept", "gauge", "",
	  "Pairs whose sockets are kept open for the next calls" },
	{ "lineside_open_files", "gauge", "",
	  "Files and sockets that the process has open" },
	{ "lineside_open_files_limit", "gauge", "",
	  "Files and sockets that it may have open" },
	{ "lineside_resident_memory_bytes", "gauge", "",
	  "Memory of the process that is in RAM" },
	{ "lineside_heap_used_bytes", "gauge", "",
	  "Memory that is allocated now, of what the process has" },
	{ "lineside_uptime_seconds", "gauge", "",
	  "Seconds since the start" },
	{ "lineside_media_load_percent", "gauge", "worker",
	  "Share of its time that a media thread works" },
	{ "lineside_media_packets_per_second", "gauge", "worker",
	  "Packets that a media thread receives" },
	{ "lineside_media_longest_wait_microseconds", "gauge", "worker",
	  "Longest time between two looks at the sockets, under load" },
	{ "lineside_dial_peer_calls", "counter", "dial_peer, way",
	  "Calls by dial-peer, since `clear counters`" },
	{ "lineside_dial_peer_answered", "counter", "dial_peer",
	  "Calls answered by dial-peer" },
	{ "lineside_dial_peer_failed", "counter", "dial_peer, cause",
	  "Calls not answered by dial-peer and kind of cause" },
	{ "lineside_dial_peer_seconds", "counter", "dial_peer",
	  "Seconds of answered calls by dial-peer" },
	{ "lineside_connections", "gauge", "listener",
	  "SIP connections by listener" },
	{ "lineside_certificate_not_after_seconds", "gauge", "trustpoint",
	  "End of our own certificates, seconds since 1970" },
	{ "lineside_certificate_renewal_failures", "gauge", "trustpoint",
	  "Attempts that failed since the last renewal" },
};
/* clang-format on */
const size_t metric_families_n = ARRAY_SIZE(metric_families);

const struct metric_family *metric_family(const char *name)
{
	size_t i = 0;

	while (i < metric_families_n &&
		strcmp(metric_families[i].name, name) != 0)
		i++;
	need(i < metric_families_n);
	return &metric_families[i];
}
