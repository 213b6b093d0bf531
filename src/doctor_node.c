/* A core node for the doctor: what it is called, where it is, and OPTIONS. */
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/obj.h"
#include "base/secret.h"
#include "base/wire.h"
#include "doctor_int.h"

enum { CLOCKS = 60 }; /* seconds that clocks may differ unmentioned */

struct doctor_node doctor_node_of_peer(
	struct doctor *d, const struct conf_dial_peer *p)
{
	return (struct doctor_node){ .d = d,
		.what = mem_printf("dial-peer %u", p->tag),
		.pos = p->pos,
		.host = p->target_host,
		.port = p->target_port,
		.addr = p->target_addr,
		.bind = p->bind };
}

struct doctor_node doctor_node_of_registrar(struct doctor *d)
{
	const struct conf *c = d->conf;

	return (struct doctor_node){ .d = d,
		.what = mem_dup("the registrar"),
		.host = c->ua.registrar_host,
		.port = c->ua.registrar_port,
		.addr = c->ua.registrar_addr,
		.pos = c->ua.registrar_pos };
}

void doctor_node_say(const struct doctor_node *n, enum doctor_severity severity,
	const char *check, const char *mend, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = mem_vprintf(fmt, ap);
	va_end(ap);
	doctor_say(n->d, severity, check, n->pos, mend, "%s, %s:%u: %s",
		n->what, n->host, n->port, text);
	free(text);
}

bool doctor_node_resolve(struct doctor_node *n)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
		.ai_flags = AI_ADDRCONFIG };
	struct addrinfo *found = NULL;
	int err;

	if (addr_is_set(&n->addr))
		return true;
	err = getaddrinfo(n->host, NULL, &hints, &found);
	if (err != 0) {
		doctor_node_say(n, DOCTOR_ERROR, "reach",
			"check the name and /etc/resolv.conf",
			"the name cannot be resolved: %s", gai_strerror(err));
		return false;
	}
	n->addr = addr_from_sockaddr(found->ai_addr);
	freeaddrinfo(found);
	return true;
}

char *doctor_node_options(
	const struct doctor_node *n, int fd, const char *transport)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	struct addr own = { 0 };
	char host[ADDR_TEXT], self[ADDR_TEXT], tag[17], lower[4];
	uint8_t noise[8];

	for (size_t i = 0; i < sizeof(lower); i++)
		lower[i] = transport[i] == '\0'
				   ? '\0'
				   : (char)(transport[i] - 'A' + 'a');
	if (getsockname(fd, (struct sockaddr *)&ss, &len) == 0)
		own = addr_from_sockaddr((struct sockaddr *)&ss);
	random_bytes(noise, sizeof(noise));
	hex_encode(noise, sizeof(noise), tag);
	addr_uri_host(&n->addr, host);
	addr_text(&own, self);
	return mem_printf("OPTIONS sip:%s:%u;transport=%s SIP/2.0\r\n"
			  "Via: SIP/2.0/%s %s;branch=z9hG4bK%s;rport\r\n"
			  "Max-Forwards: 70\r\n"
			  "From: <sip:doctor@%s>;tag=%s\r\n"
			  "To: <sip:%s:%u>\r\n"
			  "Call-ID: %s@%s\r\n"
			  "CSeq: 1 OPTIONS\r\n"
			  "Contact: <sip:doctor@%s;transport=%s>\r\n"
			  "Accept: application/sdp\r\n"
			  "Content-Length: 0\r\n\r\n",
		host, n->port, lower, transport, self, tag,
		n->d->conf->hostname, tag, host, n->port, tag,
		n->d->conf->hostname, self, lower);
}

static void check_date(const struct doctor_node *n, struct slice header)
{
	struct slice rest = header, line;
	struct tm tm = { 0 };
	char text[64];
	long apart;

	while (slice_line(&rest, &line)) {
		if (!slice_casestarts(line, "date:") ||
			!slice_copy(slice_trim(slice_from(line, 5)), text,
				sizeof(text)) ||
			strptime(text, "%a, %d %b %Y %H:%M:%S GMT", &tm) ==
				NULL)
			continue;
		apart = labs((long)(timegm(&tm) - time(NULL)));
		if (apart > CLOCKS)
			doctor_node_say(n, DOCTOR_WARNING, "clock",
				"set the clock of this machine and of the "
				"node by NTP",
				"its clock differs from ours by %ld s: it says "
				"%s",
				apart, text);
		return;
	}
}

char *doctor_node_answer(const struct doctor_node *n, struct slice answer)
{
	struct slice first = { .n = 0 };

	(void)slice_line(&answer, &first);
	if (!slice_starts(first, "SIP/2.0 "))
		return mem_dup("what it answers is not SIP");
	check_date(n, answer);
	return NULL;
}
