/*
 * Lines that Sofia would print by way of the C library, printed before it gets
 * to them: a header that has its text is sent as it is. They are a tenth of
 * what sending a message takes.
 */
#include "b2bua/sofia/nta_int.h"
#include "base/print.h"

/* Of these lines; what has no room there is left to Sofia. */
enum { PRINT_ROOM = 512 };

struct room {
	char *p;
	size_t left;
};

/* `n`: what the line wants, as print_into() says. */
static void take(struct room *room, msg_header_t *h, size_t n)
{
	if (n >= room->left)
		return;
	h->sh_data = room->p;
	h->sh_len = (usize_t)n;
	room->p += n;
	room->left -= n;
}

static void request_line(struct room *room, sip_request_t *rq)
{
	char url[PRINT_ROOM];
	issize_t n = url_e(url, sizeof(url), rq->rq_url);

	if (n < 0 || (size_t)n >= sizeof(url))
		return;
	take(room, (msg_header_t *)rq,
		print_into(room->p, room->left, "%s %.*s %s\r\n",
			rq->rq_method_name, (int)n, url, rq->rq_version));
}

static void status_line(struct room *room, sip_status_t *st)
{
	take(room, (msg_header_t *)st,
		print_into(room->p, room->left, "%s %d %s\r\n", st->st_version,
			st->st_status, st->st_phrase));
}

static void cseq_line(struct room *room, sip_cseq_t *cs)
{
	take(room, (msg_header_t *)cs,
		print_into(room->p, room->left, "CSeq: %u %s\r\n", cs->cs_seq,
			cs->cs_method_name));
}

static void length_line(struct room *room, msg_t *msg, const sip_t *sip)
{
	const sip_payload_t *body = sip->sip_payload;
	sip_content_length_t *l = sip->sip_content_length;

	if (l == NULL) {
		l = sip_content_length_create(msg_home(msg), 0);
		need(l != NULL);
		(void)msg_header_insert(
			msg, msg_object(msg), (msg_header_t *)l);
	}
	l->l_length = body != NULL ? (unsigned)body->pl_len : 0;
	take(room, (msg_header_t *)l,
		print_into(room->p, room->left, "Content-Length: %u\r\n",
			l->l_length));
}

void nta_print_ahead(msg_t *msg)
{
	sip_t *sip = sip_object(msg);
	struct room room = { su_alloc(msg_home(msg), PRINT_ROOM), PRINT_ROOM };

	need(room.p != NULL);
	if (sip->sip_request != NULL)
		request_line(&room, sip->sip_request);
	if (sip->sip_status != NULL)
		status_line(&room, sip->sip_status);
	if (sip->sip_cseq != NULL)
		cseq_line(&room, sip->sip_cseq);
	if (sip->sip_max_forwards != NULL)
		take(&room, (msg_header_t *)sip->sip_max_forwards,
			print_into(room.p, room.left, "Max-Forwards: %lu\r\n",
				sip->sip_max_forwards->mf_count));
	length_line(&room, msg, sip);
}
