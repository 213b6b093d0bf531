/*
 * The world around call logic in scenarios: a SIP port whose far ends are the
 * lines of a story, media without sockets, and a clock that is a command.
 */
#ifndef LINESIDE_TESTS_SCENARIO_FAKE_H
#define LINESIDE_TESTS_SCENARIO_FAKE_H

#include "b2bua/core/core.h"
#include "base/wire.h"

enum { NAME_SIZE = 32 };

/* A message that call logic sent, waiting for the story to look at it. */
struct sent {
	struct sent *next;
	char what[64]; /* "INVITE", "200 INVITE" */
	char *ruri, *headers, *body, *hex, *contact, *contacts, *from, *to,
		*call_id;
	uint32_t cseq;
	int max_forwards;
};

/* A far end, or a second dialog of one ("P1#2"). */
struct party {
	struct party *next;
	struct world *world;
	char name[NAME_SIZE];
	enum conf_side side;
	char listener[CONF_NAME_MAX + 1];
	enum conf_transport transport;
	struct addr addr;
	struct identity *identity;
	struct sip_flow *flow; /* NULL: UDP */
	struct sip_dlg *dlg; /* the latest */
	struct sent *sent; /* oldest first */
	struct sip_txn *txns; /* requests it sent us, newest first */
	struct client *clients; /* requests we sent it, newest first */
};

struct sip_txn {
	struct sip_txn *next;
	struct party *from;
	struct sip_dlg *dlg; /* NULL: outside */
	char method[NAME_SIZE];
	bool done; /* final answer given */
	int status; /* of the latest answer */
	bool acked; /* or told that no ACK came */
	bool late; /* it had no body */
	bool answered; /* but what follows brought one */
	char *body; /* of our latest answer that had one */
	unsigned unpracked; /* reliable answers without their PRACK */
};

struct client { /* a request of ours */
	struct client *next;
	struct party *to;
	struct sip_dlg *dlg; /* NULL: outside */
	sip_response_fn *fn;
	void *arg; /* of fn, or the cookie */
	char method[NAME_SIZE];
	char *headers, *body; /* of the request */
	int status; /* of the latest answer; 0: none yet */
	bool done, cancelled;
	bool acked; /* INVITE: its 2xx is; REFER: its NOTIFY has come */
	uint32_t cseq;
	uint32_t rseq; /* last told by who plays the far end */
};

struct sip_dlg {
	struct sip_dlg *next;
	struct party *peer;
	const struct sip_dlg_user *user;
	void *arg;
	char call_id[64], local_tag[32], remote_tag[32];
	uint32_t cseq;
	char *from, *to; /* of ours; else NULL */
	struct sip_flow *flow;
	bool uac, closed;
	bool known; /* the far end has heard of it */
	bool up; /* an INVITE in it had a 2xx */
	unsigned byes_in, byes_out;
	unsigned byes_again; /* challenged */
};

struct sip_timer {
	struct sip_timer *next;
	uint64_t at;
	sip_timer_fn *fn;
	void *arg;
	struct sip_timer **owner;
};

struct world {
	struct sip_port port; /* first: the port is the world */
	struct core *core;
	struct conf *conf;
	struct party *parties;
	struct sip_dlg *dlgs;
	struct sip_timer *timers;
	uint64_t now;
	unsigned ndlg;
	bool no_route; /* dlg_uac and request refuse */
	uint32_t ways; /* changes of where names lead */
	struct { /* what the one name leads to */
		char host[NAME_SIZE];
		size_t n;
		struct addr addr[SIP_RESOLVED_MAX];
	} name;
	struct text trace; /* what was said, for story_fail() */
};

extern const struct sip_port_ops fake_port_ops;
extern const struct media_ops fake_media_ops;

_Noreturn void story_fail(const char *fmt, ...) PRINTF(1, 2);

struct party *world_party(struct world *w, const char *name);
/* One more line of what was said. */
void world_trace(struct world *w, const char *fmt, ...) PRINTF(2, 3);
/* Until the next timer has fired; false: there is none. */
bool world_tick(struct world *w);
void world_clock(struct world *w, uint64_t ms);
void world_free(struct world *w);
/* A further dialog of the same Call-ID. */
struct sip_dlg *fake_dlg_beside(const struct sip_dlg *of, struct party *peer);
struct sent *party_queue(struct party *p, const char *what);
void sent_free(struct sent *s);

/* The newest media call: NULL when there is none. */
struct mcall {
	struct mcall *next;
	struct addr local[2];
	struct mleg_set set[2];
	bool is_set[2], inherited[2];
	bool waits; /* set, and nobody told media to apply it */
	unsigned sets;
	bool flows; /* packets come */
	struct xcode *xcode; /* referenced */
	struct sound *playing[2]; /* referenced; NULL: nothing */
	bool once[2]; /* and that once */
	struct mcall_keys keys[2];
	struct text pressed[2]; /* keys that came from there: "5/250 #/100" */
	struct mcall *copied_to, *copied_from; /* recording */
	media_event_fn *event;
	void *owner;
};
extern struct mcall *fake_mcalls;
/* Gives the core the sounds of a configuration; no file is read. */
void fake_sounds(struct core *core, const struct conf *c);
/* What a leg hears: "music", "ringback", "refusal", "nothing". */
const char *fake_heard(const struct mcall *mc, int side);
extern unsigned fake_media_open; /* how many are open */
extern bool fake_media_full; /* no ports left */
extern unsigned fake_media_load; /* percent */
extern uint16_t fake_media_port; /* given out next */

#endif
