/*
 * Inside the configuration language: words, command tables, the state of one
 * parse. Only files of conf/ include this.
 */
#ifndef LINESIDE_CONF_CONF_INT_H
#define LINESIDE_CONF_CONF_INT_H

#include "base/obj.h"
#include "conf/conf.h"

enum {
	LINE_SIZE_MAX = 4096, /* bytes of one line */
	LEX_WORDS_MAX = 24, /* words of one line that are looked at */
	LINE_WORDS_MAX = 16, /* of them captured by a row */
	PATTERN_SIZE_MAX = 96, /* characters of a dial pattern */
	ERRORS_MAX = 1000, /* then the rest of the file is not read */
};

/* ---- lex.c: a line is cut into words, one at a time ---- */

struct word {
	struct slice text; /* unquoted; for a keyword: as the table has it */
	struct conf_pos pos;
	const char *token; /* what it matched in the row's syntax */
	bool keyword;
	uint64_t number; /* of a <min-max> argument */
};

struct lexer {
	struct slice line;
	unsigned number; /* of the line */
	size_t n; /* words; what comes after LEX_WORDS_MAX only fits a LINE */
	bool unclosed; /* the last word's quote is not closed */
	struct word word[LEX_WORDS_MAX];
	size_t used;
	char room[LINE_SIZE_MAX]; /* unquoted words */
};

/* NULL, or what makes the line unreadable, and where. */
const char *lex_line_bad(struct slice line, size_t *offset);
/* Cuts a line that is not bad; words point into it and into `x`. */
void lex_line(struct lexer *x, struct slice line, unsigned number);
/* The text from `w` to the end of the line, as written. */
/* A character that looks like another, as word processors write them: what
 * it is, and its column. NULL: none outside of quotes. */
const char *lex_odd(const struct lexer *x, unsigned *column);
struct slice lex_rest(const struct lexer *x, const struct word *w);
/* A word as it must be written to be read as `s`: quoted where needed. */
void lex_quote(FILE *out, const char *s);

/* ---- the tables ---- */

enum cmd_mode {
	M_GLOBAL,
	M_TRUSTPOINT,
	M_PKI_SERVER,
	M_CODEC_CLASS,
	M_CRYPTO_CLASS,
	M_ID_CLASS,
	M_LISTENER,
	M_VOIP,
	M_VOIP_SIP,
	M_TRUSTED,
	M_UA,
	M_DIAL_PEER,
	M_CTL_FILE,
	M_CTL_CLIENT,
	M_CREDENTIALS,
	M_PHONE_PROXY,
	M_CAPF,
	M_TVS,
	M_DSPFARM,
	M_MOH_GROUP,
	M_ANNOUNCEMENT,
	M_RECORDER,
	M_MEDIA_CLASS,
	M_XLATE_RULES,
	M_XLATE_PROFILE,
	M_E164_MAP,
	M_URI_CLASS,
	M_SERVER_GROUP,
	M_DPG,
	M_INTERFACE,
	M_TENANT,
	M_SIP_PROFILE,
	M_KEEPALIVE,
	M_TLS_PROFILE,
	M_ACCOUNTING,
	M_SKIP, /* a section that is not carried: its lines are passed over */
	M_COUNT
};

enum cmd_kind {
	K_NONE, /* says what is so anyway */
	K_UINT,
	K_STR,
	K_FLAG, /* a bool */
	K_CHOICE, /* which of {a|b|c}, counted from 0 */
	K_REF, /* a pointer to a section, by name or number */
	K_FN,
	K_ENTER, /* opens a section */
	K_EXIT,
	K_END,
	K_NOTICE, /* CUBE's; accepted with a warning */
	K_REFUSED, /* CUBE's; an error that says what to do instead */
};

struct line;
struct parse;
struct show;

/*
 * A row makes the parser, `no`, "?", show running-config and the manual.
 * In `syntax`, lower-case words are keywords, NAMES of kinds.c and <min-max>
 * are arguments, [x] is optional, {a|b} a choice.
 */
struct cmd {
	const char *syntax;
	enum cmd_kind kind;
	enum cmd_mode enter; /* K_ENTER: opens; K_REF: refers to */
	size_t offset, size; /* of the field: F() */
	unsigned def; /* K_UINT, K_FLAG, K_CHOICE: when nothing is said */
	unsigned off; /* K_UINT: after `no`, when NO_IS_OFF */
	unsigned flags;
	/* K_FN: sets, or with `no` or `def` resets; also after other kinds */
	void (*set)(struct line *l);
	void (*show)(const struct show *s, const struct cmd *row);
	const char *help; /* one line */
	const char
		*more; /* for the manual; for K_NOTICE, K_REFUSED: the hint */
};

enum {
	C_HIDDEN = 1, /* another spelling: read, never shown */
	C_SECTION = 2, /* K_NOTICE, K_REFUSED: the lines below belong to it */
	C_NO_IS_OFF = 4,
	C_ALWAYS = 8, /* K_NONE: show running-config prints it */
	C_NO_ONLY = 16, /* only the `no` form is accepted */
	C_ONCE = 64, /* people write it twice, to have two: they are told */
};

/* clang-format off */
#define F(type, member) \
	.offset = offsetof(struct type, member), \
	.size = sizeof(((struct type *)0)->member)
/* A pointer, whose size is known. */
#define F_PTR(type, member) .offset = offsetof(struct type, member)
/* clang-format on */

struct mode {
	const char *title; /* how it is entered, for hints and the manual */
	const char *help;
	const struct cmd *const *tables; /* each ends with syntax NULL */
	size_t size; /* of a section; 0: the rows are about struct conf */
	size_t list; /* where struct conf keeps them */
	size_t id; /* offset of the section's name or tag */
	void (*free)(void *section);
	/* There is one, whose name is not written; NULL: any number */
	const char *only;
	enum cmd_mode parent;
	bool by_tag;
};
extern const struct mode modes[M_COUNT];

extern const struct cmd common_cmds[], system_cmds[], pki_cmds[], http_cmds[],
	pki_server_cmds[], trustpoint_cmds[], revoke_cmds[], voice_class_cmds[],
	codec_class_cmds[], crypto_class_cmds[], id_class_cmds[],
	listener_global_cmds[], voip_global_cmds[], ua_global_cmds[],
	listener_cmds[], voip_cmds[], voip_sip_cmds[], ua_cmds[],
	dial_peer_global_cmds[], dial_peer_cmds[], phone_proxy_global_cmds[],
	ctl_file_cmds[], phone_proxy_cmds[], phone_policy_cmds[],
	capf_global_cmds[], capf_cmds[], tvs_cmds[], dspfarm_global_cmds[],
	dspfarm_cmds[], sound_global_cmds[], moh_cmds[], announcement_cmds[],
	peer_sound_cmds[], voip_sound_cmds[], number_global_cmds[],
	xlate_rules_cmds[], xlate_profile_cmds[], e164_map_cmds[],
	route_global_cmds[], uri_class_cmds[], server_group_cmds[], dpg_cmds[],
	limit_global_cmds[], voip_limit_cmds[], profile_global_cmds[],
	sip_profile_cmds[], peer_profile_cmds[], voip_profile_cmds[],
	tenant_profile_cmds[], bind_global_cmds[], interface_cmds[],
	peer_bind_cmds[], voip_bind_cmds[], voip_proxy_cmds[], ua_proxy_cmds[],
	tenant_proxy_cmds[], peer_proxy_cmds[], tenant_cmds[], foreign_cmds[],
	keepalive_global_cmds[], keepalive_cmds[], peer_keepalive_cmds[];
extern const struct cmd ua_remote_cmds[];
extern const struct cmd voip_session_cmds[], tenant_session_cmds[],
	peer_session_cmds[];
extern const struct cmd name_cmds[], ua_retry_cmds[];
extern const struct cmd peer_caller_cmds[], tenant_caller_cmds[],
	sip_caller_cmds[], ua_caller_cmds[];
extern const struct cmd tls_global_cmds[], tls_profile_cmds[], ua_tls_cmds[],
	listener_tls_cmds[], tenant_tls_cmds[];
extern const struct cmd voip_trusted_cmds[], sip_trusted_cmds[], trusted_cmds[];
extern const struct cmd recording_global_cmds[], recorder_cmds[],
	media_class_cmds[], peer_recording_cmds[];
extern const struct cmd accounting_global_cmds[], accounting_cmds[];
extern const struct cmd peer_trunk_cmds[], ua_trunk_cmds[], tenant_trunk_cmds[];
extern const struct cmd peer_qos_cmds[], listener_qos_cmds[];
extern const struct cmd ctl_global_cmds[], ctl_common_cmds[], ctl_client_cmds[],
	credentials_cmds[];

/* What CUBE has besides in a `registrar` line. */
#define REGISTRAR_IOS                                                          \
	"[auth-realm WORD] [scheme {sip|sips}] [expires <60-86400>] "          \
	"[random-contact] [refresh-ratio <1-100>] [scheme {sip|sips}] "        \
	"[tcp [tls]] [auth-realm WORD]"

/* clang-format off */
#define FOR_EACH_ROW(row, m) \
	for (const struct cmd *const *t_ = modes[m].tables; *t_ != NULL; t_++) \
		for (const struct cmd *row = *t_; row->syntax != NULL; row++)
/* clang-format on */

/* ---- syntax.c, kinds.c: what a row's syntax means ---- */

typedef void syntax_fn(void *arg, const char *token); /* "" at the end */
/* Every token that may come at `p`, a place in a syntax. */
void syntax_follow(const char *p, syntax_fn *fn, void *arg);
const char *syntax_after(const char *token);
struct slice syntax_token(const char *token);
/* The row's syntax with arguments put in; stops before a bracket. */
void syntax_fill(FILE *out, const char *p, const char *value);

struct arg_bad {
	char text[160]; /* "is not …": follows the word */
	size_t offset; /* of the place in the word */
};

struct arg_kind {
	const char *name, *help;
	bool (*ok)(struct slice word, struct arg_bad *bad); /* NULL: any */
	const char *(*list)(size_t i); /* the words it may be; NULL: open */
};
/* NULL: the token is a keyword. */
const struct arg_kind *arg_kind_of(const char *token);
bool arg_is_line(const char *token);
bool arg_ok(const char *token, struct word *w, struct arg_bad *bad);
const char *arg_help(const char *token); /* NULL for keywords not known */

struct target { /* ipv4:A[:P], ipv6:[A][:P], dns:NAME[:P] */
	struct slice host;
	struct addr addr; /* unset for a name */
	uint16_t port; /* 0: none given */
};
bool target_parse(struct slice s, struct target *out, struct arg_bad *bad);
void target_show(
	FILE *out, const char *host, const struct addr *addr, uint16_t port);
bool pattern_ok(struct slice pattern, size_t *offset, const char **why);

/* ---- match.c: words against the rows of a mode ---- */

struct match {
	const struct cmd *row; /* NULL: no match */
	bool exact; /* nothing was abbreviated */
	bool no, def;
	size_t n; /* captured words */
	struct word cap[LINE_WORDS_MAX];
	/* when there is no match: */
	size_t words; /* that were understood */
	const struct cmd *near; /* K_ENTER row that was begun; NULL */
	struct conf_pos pos;
	char message[320], hint[320];
	size_t fix_at; /* the word that has a plain typo */
	char fix[64]; /* what it was meant to be; "": not known */
};
struct match_room; /* for one match after the other; free() it */
struct match_room *match_room_new(void) MUST_USE;
/* Matches the words of `x`, `no` and `default` included. */
void match_line(struct match *m, struct match_room *room, enum cmd_mode mode,
	const struct lexer *x);
void match_help(enum cmd_mode mode, const struct lexer *x, FILE *out);

/* did you mean: the candidate with the fewest edits */
struct near {
	struct slice word, best;
	size_t edits;
};
void near_try(struct near *n, struct slice candidate);
bool near_found(const struct near *n);

/* ---- parse.c: the state of one parse ---- */

struct ref { /* a name, to be resolved when all is read; the last counts */
	void *obj; /* section it stands in */
	void *slot; /* pointer to set */
	enum cmd_mode mode; /* of what it names */
	char *name; /* NULL: none after all */
	size_t order; /* of the lines */
	struct conf_pos pos;
};

struct place { /* which row was set where, for later complaints */
	const void *obj;
	const struct cmd *row;
	struct conf_pos pos;
	size_t order; /* of the lines */
	bool gone;
};

struct parse {
	struct conf *conf;
	struct conf_errs *errs;
	struct match_room *room;
	enum cmd_mode mode, around; /* around: in which M_SKIP stands */
	void *obj; /* section that lines are about */
	void *last[M_COUNT]; /* section opened last, where search begins */
	struct ref *refs;
	size_t nrefs, refs_room, nrefs_ever;
	struct place *places;
	size_t nplaces, places_room, nplaces_ever;
	struct {
		enum cmd_mode mode;
		void *obj;
	} * scratch; /* sections with a wrong head: read, then dropped */
	size_t nscratch;
	/* Another system's configuration is read: what is not of this
	 * language is noted, with the lines that are indented below it. */
	bool import, leaving_out;
	size_t left_indent;
	size_t section_column; /* where the section's head begins */
	unsigned *heads; /* lines that begin a section, or none is around */
	size_t nheads, heads_room;
	char banner[8]; /* what ends the text that is being skipped; "" */
	unsigned again; /* sections that were opened again */
};

struct line {
	struct parse *p;
	const struct cmd *row;
	void *obj;
	bool no, def; /* `no …`; restore the default */
	size_t n;
	const struct word *cap;
	struct conf_pos pos;
};

struct conf *conf_new(const char *file);
void parse_begin(struct parse *p, const char *file, struct conf_errs *errs);
void parse_text(struct parse *p, struct slice text);
void parse_end(struct parse *p); /* keeps p->conf */

/* ---- apply.c: a line is carried out ---- */

void apply_row(struct line *l);
/* A new section, or struct conf, as if nothing had been written in it. */
void apply_defaults(struct parse *p, enum cmd_mode m, void *obj);

/* ---- line.c: what rows ask of their line ---- */

/* The i-th argument; the argument right after a keyword; NULL: not there. */
const struct word *line_arg(const struct line *l, size_t i);
const struct word *line_after(const struct line *l, const char *keyword);
bool line_has(const struct line *l, const char *keyword);
void line_error(struct line *l, const struct word *w, const char *hint,
	const char *fmt, ...) PRINTF(4, 5);
void set_str(char **field, struct slice value);
void set_ref(struct line *l, void *slot, enum cmd_mode mode,
	const struct word *name); /* NULL: none */
/* cmds_trusted.c: bits of 255.255.255.0, or of /24 for either family. */
bool net_bits(struct slice mask, int family, unsigned *bits);
bool net_same(const struct conf_net *a, const struct conf_net *b);
/* The address after `ipv4` or `ipv6`; none when the line has neither. */
struct addr line_addr(const struct line *l, uint16_t port);
enum conf_transport line_transport(const struct line *l);
enum conf_rel1xx line_rel1xx(const struct line *l);
enum conf_srtp line_srtp(const struct line *l);
enum conf_srtp_offer line_srtp_offer(const struct line *l);
enum conf_rtcp_mux line_rtcp_mux(const struct line *l);
enum conf_fax line_fax(const struct line *l);
/* A phone's name, in capitals; false: it is none, and that was said. */
bool line_phone(
	struct line *l, const struct word *w, char out[CONF_PHONE_NAME]);

/* ---- places.c, follow.c, check_*.c: what is said when all is read ---- */

/* `gone`: the row was taken back here. The latest place counts. */
void parse_note_place(struct parse *p, const void *obj, const struct cmd *row,
	struct conf_pos pos, bool gone);
/* A section goes: nothing may point into it. */
void parse_forget(struct parse *p, const void *obj);
void parse_sort_places(struct parse *p); /* before the next two */
/* Where obj's row was set; else `otherwise`. `key`: how its syntax begins. */
bool parse_was_set(const struct parse *p, const void *obj, const char *key);
struct conf_pos parse_where(const struct parse *p, const void *obj,
	const char *key, struct conf_pos otherwise);
void check_conf(struct parse *p);
/* Of errs, `read` were said while lines were read, those up to `resolved` of
 * names that do not exist; the others may follow from the first. */
void parse_follow(struct parse *p, size_t read, size_t resolved);
/* Warns of rows with C_ONCE that a section has twice. */
void parse_replaced(struct parse *p);
/* A note that the section stands above already. */
void parse_say_again(struct parse *p, enum cmd_mode m, const void *section,
	struct conf_pos pos);
/* Takes the i-th out. */
void conf_errs_drop(struct conf_errs *e, size_t i);
void resolve_refs(struct parse *p); /* names to pointers */
/* About the line of obj that begins with `key`, else the section. */
void complain(struct parse *p, bool warning, const void *obj, const char *key,
	const char *hint, const char *fmt, ...) PRINTF(6, 7);
void check_trustpoints(struct parse *p);
void check_access(struct parse *p); /* listeners, identities */
void check_pki_servers(struct parse *p);
void check_passwords(struct parse *p); /* those in clear, by the policy */
void check_capf(struct parse *p); /* and TVS */
void check_accounting(struct parse *p);
void check_trusted(struct parse *p);
void check_calls(struct parse *p); /* dial-peers, registrar, media */
void check_dspfarms(struct parse *p);
/* Of imported profiles that name no codec: the usual ones. */
void dspfarm_import_codecs(struct conf *c);
void check_sounds(struct parse *p);
void check_recording(struct parse *p); /* recorders, media classes */
void check_phone_proxies(struct parse *p);
void check_ctl(struct parse *p); /* trust lists, credentials */
void auths_free(struct conf_auths *a);
bool auths_register(const struct conf_auths *a); /* credentials among them */
void caller_free(struct conf_caller *c);
void outbound_free(struct conf_proxy *x); /* what is in it */
void check_trunks(struct parse *p); /* registrations of our own */
void check_routes(struct parse *p); /* what dial-peers refer to */

void sip_rule_free(struct conf_sip_rule *r);
void limits_defaults(struct conf *c);
void limits_free(struct conf *c);
void names_free(struct conf *c);
void accounting_free(struct conf *c);
void check_binds(struct parse *p); /* interfaces that are named */
void inherit_tenants(struct conf *c);
void inherit_tls(struct conf *c); /* after it */
void check_remotes(struct parse *p); /* crypto signaling remote-addr */
void check_tls_profiles(struct parse *p); /* names that are expected */
void show_listener_trustpoint(const struct show *s, const struct cmd *row);
void show_peer_trustpoint(const struct show *s, const struct cmd *row);

/* Patterns of files that maps name; false: errors were added. */
bool e164_load_files(struct conf *c, struct conf_errs *errs);
/* `l->no` or a default without arguments: nothing. From a target's word. */
void set_host(struct line *l, struct conf_host *h, const struct word *target);

/* A dial-peer's `phone-proxy`. */
void set_peer_proxy(struct line *l);
void show_peer_proxy(const struct show *s, const struct cmd *row);

/* ---- section lists: every section begins with next, pos ---- */

void *section_first(const struct conf *c, enum cmd_mode m);
void *section_next(const void *section);
struct conf_pos section_pos(const void *section);
/* "EDGE" or "100", in `room` when it is a number. */
const char *section_id(enum cmd_mode m, const void *section, char room[16]);
/* `from`: a section to begin at when it comes before; NULL is fine. */
void *section_find(
	const struct conf *c, enum cmd_mode m, struct slice id, void *from);
/* New section, defaults set, in its place in the list unless `loose`. */
void *section_new(struct parse *p, enum cmd_mode m, struct slice id,
	struct conf_pos pos, bool loose);
void section_remove(struct parse *p, enum cmd_mode m, void *section);

void *ptr_get(const void *at); /* a pointer of any type */
void ptr_set(void *at, const void *value);
unsigned field_uint(const void *obj, const struct cmd *row);
void field_set(void *obj, const struct cmd *row, unsigned v);

/* ---- secret.c: passwords ---- */

/* For rows "… [0|6|7] WORD" with F(type, field) of a struct conf_secret. */
void set_secret(struct line *l);
void show_secret(const struct show *s, const struct cmd *row);
void secret_free(struct conf_secret *s); /* what is in it */
/* The word of a line "… [0|6|7] WORD" into *s, which is empty; and what it is
 * shown as, "6 …" or hidden: free() it. */
void secret_take(struct line *l, struct conf_secret *s, const struct word *w);
char *secret_shown(const struct show *s, const struct conf_secret *v) MUST_USE;
/* type7.c: in clear, wipe and free() it; NULL: the word is no such password. */
char *secret_type7(struct slice word) MUST_USE;

/* ---- show.c ---- */

struct show {
	const struct conf *conf;
	const void *obj;
	FILE *out;
	unsigned indent;
	conf_seal_fn *seal; /* NULL: passwords are hidden */
	void *arg;
	bool clear; /* they are printed */
};
void show_line(const struct show *s, const char *fmt, ...) PRINTF(2, 3);
/* The .show of rows that another row's shows as well. */
void show_with_above(const struct show *s, const struct cmd *row);
void show_quoted(const struct show *s, const char *head, const char *value);
/* "ipv4 192.0.2.1": as line_addr() reads it; in `out`. */
enum { ADDR_WORDS = ADDR_TEXT + 8 };
const char *addr_words(const struct addr *a, char out[ADDR_WORDS]);
const char *show_transport(enum conf_transport t);
const char *show_rel1xx(enum conf_rel1xx r);
const char *show_srtp(enum conf_srtp s); /* a whole line */
const char *show_srtp_offer(enum conf_srtp_offer o);
/* The whole line; "" for one that inherits. */
const char *show_rtcp_mux(enum conf_rtcp_mux m);
const char *show_fax(enum conf_fax f);
void show_rows(const struct show *s, enum cmd_mode m); /* the rows' lines */

const char *codec_name(size_t i); /* i-th, or NULL */
const char *suite_name(size_t i);
const struct conf_codec *codec_find(struct slice name);
/* The class behind a dial-peer's `codec NAME`: tag 0, one per codec. */
const struct conf_codec_class *codec_single(
	struct conf *c, const struct conf_codec *codec);

#endif
