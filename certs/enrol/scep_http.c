/* What goes to a SCEP server by HTTP, and comes back. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "certs/enrol/scep_int.h"

enum { ANSWER_MAX = 1 << 18 };

static void add_encoded(struct text *t, struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
			(c >= 'a' && c <= 'z') || c == '-' || c == '_' ||
			c == '.')
			text_addc(t, c);
		else
			text_printf(t, "%%%02X", (unsigned char)c);
	}
}

/* Behind a host alone, IOS asks for the program of its own CA. */
static const char *usual_path(const char *base)
{
	const char *host = strstr(base, "://");
	size_t n = host != NULL ? strcspn(host + 3, "/?") : 0;

	if (host == NULL ||
		(host[3 + n] != '\0' && strcmp(host + 3 + n, "/") != 0))
		return "";
	return host[3 + n] == '/' ? "cgi-bin/pkiclient.exe"
				  : "/cgi-bin/pkiclient.exe";
}

static char *url_of(
	const char *base, const char *operation, const char *message)
{
	struct text t = { 0 };

	text_printf(&t, "%s%s%coperation=%s", base, usual_path(base),
		strchr(base, '?') != NULL ? '&' : '?', operation);
	if (message != NULL) {
		text_add(&t, SLICE_LIT("&message="));
		add_encoded(&t, slice_str(message));
	}
	return text_take(&t);
}

/* What a server says beside a status that is no success, shortened. */
static void quote(char *out, size_t size, const struct fetch_result *r)
{
	struct text t = { 0 };
	struct slice s = slice_head(slice_of(r->body, r->n), 160);

	if (slice_starts(slice_str(r->content_type), "text/plain"))
		text_escape(&t, slice_trim(s));
	snprintf(
		out, size, "%s%s", t.n > 0 ? ": " : "", t.p != NULL ? t.p : "");
	text_free(&t);
}

/* `post`: what is posted; of no bytes: nothing is, it is a GET. */
static int ask(struct fetch_result *r, const struct scep_ask *a,
	const char *url, struct slice post)
{
	struct fetch_params p = { .url = url,
		.method = post.n > 0 ? "POST" : "GET",
		.content_type = post.n > 0 ? "application/x-pki-message" : NULL,
		.body = post,
		.timeout_ms = a->timeout_ms,
		.size_max = ANSWER_MAX,
		.source = a->source,
		.unverified = true };

	return fetch(r, &p);
}

int scep_get(struct fetch_result *r, const struct scep_ask *a,
	const char *operation, const char *message, char why[CA_WHY])
{
	char *url = url_of(a->url, operation, message), said[400];
	int err = ask(r, a, url, slice_of(NULL, 0));

	if (err != 0) {
		ca_say(why, err, "%s", r->error);
	} else if (r->status != 200) {
		quote(said, sizeof(said), r);
		err = ca_say(why, EPROTO, "%s answered %s with status %d%s",
			a->url, operation, r->status, said);
	}
	free(url);
	return err;
}

static int send_post(const struct scep_exchange *x, struct slice message,
	struct fetch_result *r)
{
	char *url = url_of(x->a->url, "PKIOperation", NULL);
	int err = ask(r, x->a, url, message);

	free(url);
	return err;
}

static int send_get(const struct scep_exchange *x, struct slice message,
	struct fetch_result *r)
{
	struct text t = { 0 };
	char *url;
	int err;

	base64_encode(&t, message, true);
	url = url_of(x->a->url, "PKIOperation", t.p);
	err = ask(r, x->a, url, slice_of(NULL, 0));
	free(url);
	text_free(&t);
	return err;
}

int scep_send(const struct scep_exchange *x, struct slice message,
	struct fetch_result *r)
{
	char said[400];
	int err = x->caps.post ? send_post(x, message, r)
			       : send_get(x, message, r);

	if (err != 0)
		return ca_say(x->out->text, err, "%s", r->error);
	x->out->retry_after_s = r->retry_after_s;
	if (r->status == 200)
		return 0;
	quote(said, sizeof(said), r);
	return ca_say(x->out->text, EPROTO, "%s answered with status %d%s",
		x->a->url, r->status, said);
}
