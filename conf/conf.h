/*
 * The configuration language: text in, immutable model or every error out.
 * Tables of commands (conf/cmds_*.c) make the parser, the `no` form, "?",
 * `show running-config` and the reference manual.
 */
#ifndef LINESIDE_CONF_CONF_H
#define LINESIDE_CONF_CONF_H

#include <stdio.h>

#include "base/slice.h"
#include "conf/model.h"

struct conf_err {
	bool warning; /* said, but nothing is refused */
	bool note; /* a warning that asks for nothing */
	unsigned line, column; /* 1-based; 0: the file as a whole */
	char *message; /* what is wrong */
	char *hint; /* how to mend it, "did you mean …"; NULL: none */
	bool mended; /* what was meant is plain, and was read instead */
	bool follows; /* perhaps only because of others: told behind them */
	bool unreadable; /* the command is known, its password is another box's */
};

struct conf_errs {
	struct conf_err *v;
	size_t n, errors; /* all; those that are not warnings */
};

void conf_errs_add(struct conf_errs *e, bool warning, struct conf_pos pos,
	const char *hint, const char *fmt, ...) PRINTF(5, 6);
/* "file:line:column: message, hint" per line, sorted by place; behind those
 * what perhaps follows from them. */
void conf_errs_print(const struct conf_errs *e, const char *file, FILE *out);
void conf_errs_free(struct conf_errs *e);

enum { CONF_SIZE_MAX = 16 << 20 }; /* bytes of text; larger is refused */

/*
 * Parses and checks `text`; errors and warnings are added to `errs` (which
 * starts as { 0 }). NULL when there was an error; otherwise one reference.
 * Touches no file but reads none either: files that the text names are
 * opened when the configuration is prepared. Any bytes may be given.
 */
struct conf *conf_parse(
	struct slice text, const char *file, struct conf_errs *errs) MUST_USE;
/* Reads the file (or "-": stdin), parses it and reads the files of number
 * patterns that it names; a read error is in errs. */
struct conf *conf_load(const char *file, struct conf_errs *errs) MUST_USE;

/*
 * Another product's configuration (CUBE's) as it is: lines that are not
 * carried are left out and added to `left_out`, with their place. Listeners
 * come from its interfaces and binds. `ours`: lines of our own language that
 * stand before, or NULL. NULL: what is left contradicts itself,
 * `errs` says how.
 */
struct conf *conf_import(struct slice text, const char *ours, const char *file,
	struct conf_errs *left_out, struct conf_errs *errs) MUST_USE;

/*
 * Passwords. Called once for every one that the configuration has or might
 * have (text NULL: none), but for secrets of type 8; `whose` is for messages.
 */
typedef void conf_secret_fn(void *arg, const struct conf *c,
	const struct conf_secret *s, const char *whose);
void conf_each_secret(const struct conf *c, conf_secret_fn *fn, void *arg);
/* What `password-policy cme` has against it, in words; NULL: nothing, or it is
 * not configured. The second says so in errs. The password is in neither. */
const char *conf_password_fault(
	const struct conf *c, const char *clear) MUST_USE;
void conf_password_judge(const struct conf *c, const char *clear,
	struct conf_pos pos, const char *whose, struct conf_errs *errs);

/* show running-config: parses back to the same model, but for passwords that
 * stand in it in clear: those are printed as `<hidden>`, which is refused. */
void conf_print(const struct conf *c, FILE *out);
/* With such passwords as `6 WORD`, the word from `seal` (free()d; NULL: hidden
 * all the same). `seal` NULL: as conf_print(). */
typedef char *conf_seal_fn(void *arg, const char *clear);
void conf_print_sealed(
	const struct conf *c, FILE *out, conf_seal_fn *seal, void *arg);
/* With such passwords as `0 WORD`: for a file that its owner alone may read. */
void conf_print_clear(const struct conf *c, FILE *out);
/* The reference manual (docs/reference.md), from the tables. */
void conf_manual(FILE *out);
/*
 * "?": possible continuations of `line` in the mode that the lines before it
 * (`context`, whole text) lead to; one "  word  help" per line.
 */
void conf_help(struct slice context, struct slice line, FILE *out);

/* Look-ups; NULL when there is none. */
const struct conf_trustpoint *conf_find_trustpoint(
	const struct conf *c, const char *name);
const struct conf_listener *conf_find_listener(
	const struct conf *c, const char *name);
const struct conf_dial_peer *conf_find_dial_peer(
	const struct conf *c, unsigned tag);

/* What is its own, and what it believes in, lies in the state directory. */
bool conf_trustpoint_stored(const struct conf_trustpoint *t);
/* It has, or may come to have, a certificate and key; authorities. */
bool conf_trustpoint_has_own(const struct conf_trustpoint *t);
bool conf_trustpoint_has_anchors(const struct conf_trustpoint *t);
/* What its fetches are sent from, as certs/fetch.h wants it; NULL: anything.
 * free() it. */
char *conf_trustpoint_source(const struct conf_trustpoint *t) MUST_USE;

/* Whose authorities and rules judge a TLS listener's clients; NULL: those of
 * its own trustpoint. */
const struct conf_trustpoint *conf_listener_vtp(
	const struct conf *c, const struct conf_listener *l);

/* For TLS towards a tenant's registrar; NULL: none. */
const struct conf_trustpoint *conf_tenant_trustpoint(
	const struct conf *c, const struct conf_tenant *t);
/* The names that a TLS server's certificate is to have one of, blanks between;
 * NULL: its host's. */
const char *conf_peer_names(const struct conf_dial_peer *p);

/* So many calls at once have ports, two pairs each, and are allowed. */
unsigned conf_calls_possible(const struct conf *c);

/* A media profile names it: it leads to a recorder. */
bool conf_peer_is_recorder(
	const struct conf *c, const struct conf_dial_peer *d);

/* In force for a dial-peer: its own, else its tenant's. */
const struct conf_crypto_class *conf_peer_cryptos(
	const struct conf_dial_peer *p);
/* The same, else of `voice service voip`: never INHERIT. */
enum conf_srtp conf_peer_srtp(
	const struct conf *c, const struct conf_dial_peer *p);

/* The same of fax. `p` may be NULL. */
enum conf_fax conf_peer_fax(
	const struct conf *c, const struct conf_dial_peer *p);
/* The same of how SRTP is offered. */
enum conf_srtp_offer conf_peer_srtp_offer(
	const struct conf *c, const struct conf_dial_peer *p);
/* The same of RTCP beside RTP. */
enum conf_rtcp_mux conf_peer_rtcp_mux(
	const struct conf *c, const struct conf_dial_peer *p);

/* What is said of a phone ("SEP001122334455"; NULL: of those that nothing is
 * said of) goes before what is said for all. */
enum conf_device_mode conf_pp_mode(
	const struct conf_phone_proxy *x, const char *phone);
enum conf_encrypted conf_pp_encrypted(const struct conf *c,
	const struct conf_phone_proxy *x, const char *phone);

/*
 * IOS dial patterns: digits, *, #, '.', [1-4] and [^…], %, +, ?, (…), T, ',',
 * a leading '+', '$', '^'. conf_pattern_check: 0, or EINVAL with the offset.
 * conf_pattern_match: -1, or how many characters of the number were matched
 * explicitly (not by T), for the longest-match order.
 */
int conf_pattern_check(const char *pattern, size_t *offset) MUST_USE;
int conf_pattern_match(const char *pattern, struct slice number);

/*
 * Number translation by one set of rules, into `out`. 0: *rule translated it.
 * ENOENT: none matches. EACCES: *rule rejects the number. ENOBUFS, E2BIG: it
 * cannot be used (too long, or *rule costs too much).
 */
int conf_xlate(const struct conf_xlate_rules *x, struct slice number, char *out,
	size_t size, unsigned *rule) MUST_USE;
/* As conf_pattern_match(), the best pattern of a map; -1 too when it is shut
 * down. */
int conf_map_match(const struct conf_e164_map *m, struct slice number);
/* The dial-peer sends to hosts, whichever way they are named. */
bool conf_peer_to_host(const struct conf_dial_peer *p);
/* The interface that a dial-peer (or NULL: none) is bound to by itself, its
 * tenant, or voice service voip; NULL: none. */
const struct conf_interface *conf_peer_control(
	const struct conf *c, const struct conf_dial_peer *p);
const struct conf_interface *conf_peer_media(
	const struct conf *c, const struct conf_dial_peer *p);
bool conf_interface_has(
	const struct conf_interface *i, const struct addr *host);
/* The profile for what is sent, or received, on a leg of that dial-peer (or
 * NULL: none); NULL: none. */
const struct conf_sip_profile *conf_peer_profile(
	const struct conf *c, const struct conf_dial_peer *p, bool inbound);
/* Where `session target sip-server` leads; NULL: nowhere. */
const struct conf_host *conf_peer_server(
	const struct conf *c, const struct conf_dial_peer *p);
/* Are session timers asked for on legs of that dial-peer (or NULL: none)? */
bool conf_peer_refresh(const struct conf *c, const struct conf_dial_peer *p);
/* The outbound-proxy of requests by a dial-peer (or NULL: to sip-ua's
 * registrar): its own, its tenant's, `voice service voip`'s; NULL: none. Never
 * one to phones. */
const struct conf_proxy *conf_peer_proxy(
	const struct conf *c, const struct conf_dial_peer *p);
/* Where such requests for the host `to` are sent first. Borrows of `c`, `to`. */
struct conf_hop {
	const struct conf_host *to;
	const char *names; /* of a TLS server's certificate; NULL: to->host */
	const struct conf_proxy *proxy; /* NULL: it is the target itself */
};
struct conf_hop conf_peer_hop(const struct conf *c,
	const struct conf_dial_peer *p, const struct conf_host *to);
/* The trustpoint that `crypto signaling remote-addr` has for the smallest
 * network of that address; NULL: none has it. */
const struct conf_trustpoint *conf_remote_trustpoint(
	const struct conf *c, const struct addr *peer);
/* What a challenge of that realm to a request by this dial-peer (or NULL:
 * none) is answered with; NULL: it is not for us. */
const struct conf_auth *conf_peer_auth(const struct conf *c,
	const struct conf_dial_peer *p, struct slice realm);
/* How callers are named to the far end of that dial-peer (or NULL: none): its
 * own words, its tenant's, `voice service voip`'s. Borrows of `c`. */
struct conf_caller conf_peer_caller(
	const struct conf *c, const struct conf_dial_peer *p);
bool conf_peer_has_auths(const struct conf *c, const struct conf_dial_peer *p);
/* Code points, 0 to 63; NULL: nothing is configured. */
unsigned conf_dscp_media(const struct conf_dial_peer *p);
unsigned conf_dscp_signaling(const struct conf_listener *l);
/* How its targets are asked whether they live; NULL: they are not. */
const struct conf_keepalive *conf_peer_keepalive(
	const struct conf_dial_peer *p);
/* The entry of `ip address trusted list` that has this address; or NULL. */
const struct conf_net *conf_trusted_net(
	const struct conf *c, const struct addr *host);
bool conf_net_has(const struct conf_net *net, const struct addr *host);
enum { CONF_NET_TEXT = 2 * ADDR_TEXT + 8 };
/* As the configuration has it: "ipv4 192.0.2.0 255.255.255.0". Returns text. */
const char *conf_net_text(const struct conf_net *net, char text[CONF_NET_TEXT]);
/* By tag or name; NULL when there is none. */
const struct conf_xlate_rules *conf_find_xlate_rules(
	const struct conf *c, unsigned tag);

/*
 * Phone identity rules: tests one name of a certificate. 0 and, when the rule
 * has a line template, the line it may register in `line` (empty: any).
 * ENOENT: no rule matches.
 */
int conf_identity_match(const struct conf_id_class *c, enum conf_id_field field,
	struct slice name, char *line, size_t size) MUST_USE;

#endif
