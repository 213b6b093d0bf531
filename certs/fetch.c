/* HTTP(S) exchanges on libcurl: everything about them is bounded. */
#include "certs/fetch.h"

#include <curl/curl.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/obj.h"
#include "base/thread.h"
#include "base/wire.h"

enum {
	REDIRECTS_MAX = 3,
	RETRY_AFTER_MAX = 30 * 86400,
	FD_PATH = 32,
};

/* Text that libcurl wants as a file: a file that has no name. */
struct memfile {
	int fd;
	char path[FD_PATH];
};

struct exchange {
	const struct fetch_params *p;
	struct fetch_result *out;
	CURL *curl;
	struct curl_slist *headers;
	struct memfile anchors, identity;
	size_t room; /* of out->body */
	bool too_large;
	char error[CURL_ERROR_SIZE];
};

static atomic_bool stopped;

void fetch_stop_all(void)
{
	atomic_store(&stopped, true);
}

/* libcurl asks about once a second, more often while bytes flow. */
static int on_progress(void *arg, curl_off_t down_all, curl_off_t down,
	curl_off_t up_all, curl_off_t up)
{
	(void)arg;
	(void)down_all;
	(void)down;
	(void)up_all;
	(void)up;
	return atomic_load(&stopped) ? 1 : 0;
}

static void init_once(void)
{
	need(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
}

static int memfile_open(struct memfile *m, struct slice s)
{
	m->fd = memfd_create("pem", MFD_CLOEXEC);
	if (m->fd < 0)
		return errno;
	while (s.n > 0) {
		ssize_t n = write(m->fd, s.p, s.n);

		if (n < 0)
			return errno;
		s = slice_from(s, (size_t)n);
	}
	snprintf(m->path, sizeof(m->path), "/proc/self/fd/%d", m->fd);
	return 0;
}

static void memfile_close(struct memfile *m)
{
	if (m->fd >= 0)
		close(m->fd);
}

static void add_anchors(struct text *pem, const struct trustpoint *t)
{
	gnutls_x509_trust_list_iter_t iter = NULL;
	gnutls_x509_crt_t crt;
	gnutls_datum_t one;

	while (gnutls_x509_trust_list_iter_get_ca(
		       trustpoint_anchors(t), &iter, &crt) == 0) {
		if (gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_PEM, &one) ==
			0) {
			text_add(pem, slice_of(one.data, one.size));
			gnutls_free(one.data);
		}
		gnutls_x509_crt_deinit(crt);
	}
}

static size_t on_body(char *data, size_t one, size_t n, void *arg)
{
	struct exchange *x = arg;
	struct fetch_result *out = x->out;

	(void)one; /* always 1 */
	if (n > x->p->size_max - out->n) {
		x->too_large = true;
		return CURL_WRITEFUNC_ERROR;
	}
	if (out->n + n > x->room) {
		x->room = (out->n + n) * 2;
		out->body = mem_resize(out->body, x->room, 1);
	}
	if (n > 0)
		memcpy(out->body + out->n, data, n);
	out->n += n;
	return n;
}

static bool is_https(const char *url)
{
	return slice_casestarts(slice_str(url), "https://");
}

static int set_trust(struct exchange *x)
{
	const struct fetch_params *p = x->p;
	struct text pem = { 0 };
	int err;

	if (p->unverified) {
		curl_easy_setopt(x->curl, CURLOPT_SSL_VERIFYPEER, 0L);
		curl_easy_setopt(x->curl, CURLOPT_SSL_VERIFYHOST, 0L);
		return 0;
	}
	text_add(&pem, p->anchors);
	if (p->trust != NULL)
		add_anchors(&pem, p->trust);
	if (pem.n == 0) {
		snprintf(x->error, sizeof(x->error),
			"no authority is known that could vouch for the "
			"server: name a trustpoint with a CA bundle");
		text_free(&pem);
		return EACCES;
	}
	err = memfile_open(&x->anchors, text_slice(&pem));
	text_free(&pem);
	if (err != 0)
		return err;
	curl_easy_setopt(x->curl, CURLOPT_CAINFO, x->anchors.path);
	curl_easy_setopt(x->curl, CURLOPT_CAPATH, NULL);
	return 0;
}

static int set_tls(struct exchange *x)
{
	int err;

	if (!is_https(x->p->url))
		return 0;
	curl_easy_setopt(
		x->curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	err = set_trust(x);
	if (err != 0 || x->p->identity.n == 0)
		return err;
	err = memfile_open(&x->identity, x->p->identity);
	if (err != 0)
		return err;
	curl_easy_setopt(x->curl, CURLOPT_SSLCERT, x->identity.path);
	curl_easy_setopt(x->curl, CURLOPT_SSLKEY,
		x->p->key_url != NULL ? x->p->key_url : x->identity.path);
	/* libcurl gives GnuTLS the password of a key that is a URL as PIN. */
	if (x->p->key_url != NULL && x->p->key_pin != NULL)
		curl_easy_setopt(x->curl, CURLOPT_KEYPASSWD, x->p->key_pin);
	return 0;
}

static void add_header(struct exchange *x, const char *name, const char *value)
{
	char *line = mem_printf(value != NULL ? "%s: %s" : "%s:", name, value);

	x->headers = curl_slist_append(x->headers, line);
	need(x->headers != NULL);
	free(line);
}

static void set_request(struct exchange *x)
{
	const struct fetch_params *p = x->p;
	CURL *c = x->curl;
	bool post = strcmp(p->method, "POST") == 0;

	need(post || strcmp(p->method, "GET") == 0);
	if (post) {
		curl_easy_setopt(c, CURLOPT_POST, 1L);
		curl_easy_setopt(
			c, CURLOPT_POSTFIELDS, p->body.n > 0 ? p->body.p : "");
		curl_easy_setopt(
			c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)p->body.n);
		add_header(x, "Content-Type", p->content_type);
		add_header(x, "Expect", NULL); /* never wait for a 100 */
	}
	if (p->accept != NULL)
		add_header(x, "Accept", p->accept);
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, x->headers);
	/* A request that changes something is not repeated elsewhere. */
	curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, post ? 0L : 1L);
	if (p->user != NULL) {
		curl_easy_setopt(c, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
		curl_easy_setopt(c, CURLOPT_USERNAME, p->user);
		curl_easy_setopt(c, CURLOPT_PASSWORD,
			p->password != NULL ? p->password : "");
	}
}

static void set_bounds(struct exchange *x)
{
	const struct fetch_params *p = x->p;
	const char *scheme = is_https(p->url) ? "https" : "http";
	CURL *c = x->curl;

	curl_easy_setopt(c, CURLOPT_URL, p->url);
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(c, CURLOPT_REDIR_PROTOCOLS_STR, scheme);
	curl_easy_setopt(c, CURLOPT_MAXREDIRS, (long)REDIRECTS_MAX);
	curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)p->timeout_ms);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, (long)p->timeout_ms);
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)p->size_max);
	curl_easy_setopt(c, CURLOPT_PROXY, ""); /* no environment variable */
	curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(c, CURLOPT_ERRORBUFFER, x->error);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, x);
	curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, on_progress);
	/* A name server that hangs is not waited for at the end. */
	curl_easy_setopt(c, CURLOPT_QUICK_EXIT, 1L);
	if (p->source != NULL)
		curl_easy_setopt(c, CURLOPT_INTERFACE, p->source);
}

static int connect_errno(const struct exchange *x)
{
	long os = 0;

	curl_easy_getinfo(x->curl, CURLINFO_OS_ERRNO, &os);
	return os == ENETUNREACH || os == EHOSTUNREACH ? EHOSTUNREACH
						       : ECONNREFUSED;
}

static int errno_of(const struct exchange *x, CURLcode code)
{
	if (x->too_large)
		return EFBIG;
	switch ((int)code) {
	case CURLE_OPERATION_TIMEDOUT:
		return ETIMEDOUT;
	case CURLE_COULDNT_CONNECT:
		return connect_errno(x);
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_INTERFACE_FAILED:
		return EHOSTUNREACH;
	case CURLE_FILESIZE_EXCEEDED:
		return EFBIG;
	case CURLE_ABORTED_BY_CALLBACK:
		return ECANCELED;
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_ISSUER_ERROR:
		return EACCES;
	default:
		return EPROTO;
	}
}

static char *content_type_of(const struct exchange *x)
{
	char *type = NULL;
	struct slice s, head;

	curl_easy_getinfo(x->curl, CURLINFO_CONTENT_TYPE, &type);
	s = slice_str(type);
	head = slice_trim(slice_head(s, slice_find(s, ';')));
	type = slice_dup(head);
	for (char *c = type; *c != '\0'; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	return type;
}

static void take_answer(struct exchange *x)
{
	curl_off_t retry = 0;
	long status = 0;

	curl_easy_getinfo(x->curl, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(x->curl, CURLINFO_RETRY_AFTER, &retry);
	if (retry < 0)
		retry = 0;
	x->out->status = (int)status;
	x->out->retry_after_s =
		(unsigned)(retry < RETRY_AFTER_MAX ? retry : RETRY_AFTER_MAX);
	x->out->content_type = content_type_of(x);
}

static void say(struct exchange *x, CURLcode code, int err)
{
	const char *why = x->error[0] != '\0' ? x->error
			  : code != CURLE_OK  ? curl_easy_strerror(code)
					      : strerrordesc_np(err);

	if (x->too_large)
		why = "the answer is larger than is accepted";
	snprintf(x->out->error, sizeof(x->out->error), "%.120s: %.120s",
		x->p->url, why);
}

static int run(struct exchange *x)
{
	CURLcode code = CURLE_OK;
	int err;

	if (atomic_load(&stopped)) {
		snprintf(x->error, sizeof(x->error), "the process ends");
		err = ECANCELED;
	} else if (!is_https(x->p->url) &&
		   !slice_casestarts(slice_str(x->p->url), "http://")) {
		snprintf(x->error, sizeof(x->error),
			"only http:// and https:// are fetched");
		err = EPROTO;
	} else {
		set_bounds(x);
		set_request(x);
		err = set_tls(x);
	}
	if (err == 0) {
		code = curl_easy_perform(x->curl);
		err = code == CURLE_OK ? 0 : errno_of(x, code);
	}
	if (err == 0)
		take_answer(x);
	else
		say(x, code, err);
	return err;
}

int fetch(struct fetch_result *out, const struct fetch_params *p)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct exchange x = {
		.p = p,
		.out = out,
		.anchors = { .fd = -1 },
		.identity = { .fd = -1 },
	};
	int err;

	need(!on_thread(THR_SIP) || on_thread(THR_HELPER));
	need(pthread_once(&once, init_once) == 0);
	*out = (struct fetch_result){ .status = 0 };
	x.curl = curl_easy_init();
	need(x.curl != NULL);
	err = run(&x);
	curl_easy_cleanup(x.curl);
	curl_slist_free_all(x.headers);
	memfile_close(&x.identity);
	memfile_close(&x.anchors);
	if (err != 0) {
		free(out->body);
		out->body = NULL;
		out->n = 0;
	}
	if (out->content_type == NULL)
		out->content_type = mem_dup("");
	return err;
}

void fetch_free(struct fetch_result *r)
{
	free(r->content_type);
	free(r->body);
	*r = (struct fetch_result){ .status = 0 };
}
