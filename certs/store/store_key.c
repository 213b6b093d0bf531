/* Private keys in the store, by label and id. */
#include "certs/store/store_int.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/obj.h"
#include "certs/store/pemfile.h"

enum { HEX = 2 * KEYSTORE_ID };

static const char suffix[] = ".key";
static const char gone[] = ".gone"; /* behind that: about to be removed */

const char *store_label(const struct conf_trustpoint *c)
{
	return c->key_label != NULL ? c->key_label : c->name;
}

static char *file_of(const char *label, const char *hex)
{
	return mem_printf("%s.%s%s", label, hex, suffix);
}

static int read_key(
	struct store *s, const char *file, struct keystore **out, char **why)
{
	char *text, *reason = NULL;
	size_t n;
	int err = store_read(s, s->keys, file, &text, &n, why);

	*out = NULL;
	if (err != 0)
		return err;
	err = keystore_unseal(out, slice_of(text, n), &s->master, &reason);
	if (err != 0)
		(void)store_said(why, err, "the key %s/keys/%s: %s", s->root,
			file, reason);
	mem_wipe(text, n);
	free(text);
	free(reason);
	return err;
}

int store_key(struct store *s, const char *label, const uint8_t id[KEYSTORE_ID],
	struct keystore **out, char **why)
{
	char hex[HEX + 1];
	char *file;
	int err;

	hex_encode(id, KEYSTORE_ID, hex);
	file = file_of(label, hex);
	err = read_key(s, file, out, why);
	free(file);
	return err;
}

/* The id in LABEL.current. */
static int current_of(
	struct store *s, const char *label, char hex[HEX + 1], char **why)
{
	char *file = mem_printf("%s.current", label), *text;
	size_t n;
	int err = store_read(s, s->keys, file, &text, &n, why);
	struct slice id;

	if (err == 0) {
		id = slice_trim(slice_of(text, n));
		if (id.n != HEX || !slice_copy(id, hex, HEX + 1))
			err = store_said(why, EBADMSG, "%s/keys/%s is damaged",
				s->root, file);
	}
	free(text);
	free(file);
	return err;
}

int store_key_current(
	struct store *s, const char *label, struct keystore **out, char **why)
{
	char hex[HEX + 1];
	char *file;
	int err = current_of(s, label, hex, why);

	*out = NULL;
	if (err != 0)
		return err;
	file = file_of(label, hex);
	err = read_key(s, file, out, why);
	free(file);
	return err;
}

int store_key_set_current(struct store *s, const char *label,
	const uint8_t id[KEYSTORE_ID], char **why)
{
	char *file = mem_printf("%s.current", label);
	char hex[HEX + 2];
	int err;

	hex_encode(id, KEYSTORE_ID, hex);
	hex[HEX] = '\n';
	err = store_write(s, s->keys, file, slice_of(hex, HEX + 1), why);
	free(file);
	return err;
}

static int write_key(
	struct store *s, const char *file, const struct keystore *k, char **why)
{
	char *text;
	int err = keystore_seal(k, &s->master, &text);

	if (err != 0)
		return store_said(why, err, "the key cannot be written: %s",
			strerrordesc_np(err));
	err = store_write(s, s->keys, file, slice_str(text), why);
	mem_wipe(text, strlen(text));
	free(text);
	return err;
}

int store_key_add(struct store *s, const char *label, const struct keystore *k,
	bool current, char **why)
{
	char hex[HEX + 1];
	char *file;
	int err;

	hex_encode(keystore_id(k), KEYSTORE_ID, hex);
	file = file_of(label, hex);
	err = write_key(s, file, k, why);
	free(file);
	if (err == 0 && current)
		err = store_key_set_current(s, label, keystore_id(k), why);
	return err;
}

/* LABEL and id of a file's name; false: it is no key's. */
static bool parse_name(const char *file, char **label, char hex[HEX + 1])
{
	size_t n = strlen(file), tail = 1 + HEX + strlen(suffix);

	if (n <= tail || strcmp(file + n - strlen(suffix), suffix) != 0 ||
		file[n - tail] != '.')
		return false;
	memcpy(hex, file + n - tail + 1, HEX);
	hex[HEX] = '\0';
	*label = mem_ndup(file, n - tail);
	return strspn(hex, "0123456789abcdef") == HEX;
}

typedef void name_fn(void *arg, struct store *s, const char *file,
	const char *label, const char *hex);

/* Each key's file; the list is made first, since `each` may change it. */
static void each_name(struct store *s, name_fn *each, void *arg)
{
	struct dirent **v = NULL;
	int n = scandirat(s->keys, ".", &v, NULL, alphasort);

	for (int i = 0; i < n; i++) {
		char hex[HEX + 1];
		char *label = NULL;

		if (parse_name(v[i]->d_name, &label, hex))
			each(arg, s, v[i]->d_name, label, hex);
		free(label);
		free(v[i]);
	}
	free(v);
}

/* What lay on the disk is not left to whoever gets its blocks. */
static void overwrite(int fd)
{
	static const char zeros[4096];
	struct stat st;

	if (fstat(fd, &st) != 0)
		return;
	for (off_t left = st.st_size; left > 0;) {
		size_t n = left < (off_t)sizeof(zeros) ? (size_t)left
						       : sizeof(zeros);

		if (write(fd, zeros, n) != (ssize_t)n)
			break;
		left -= (off_t)n;
	}
	(void)fsync(fd);
}

static void shred_gone(struct store *s, const char *file)
{
	int fd = openat(s->keys, file, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd >= 0) {
		overwrite(fd);
		(void)close(fd);
	}
	(void)unlinkat(s->keys, file, 0);
}

/* Under another name first: a key is there whole or not at all, also for who
 * comes when this was killed in the middle. */
static void shred(struct store *s, const char *file)
{
	char *aside = mem_printf("%s%s", file, gone);

	if (renameat(s->keys, file, s->keys, aside) == 0 && fsync(s->keys) == 0)
		shred_gone(s, aside);
	free(aside);
}

static bool ends_in(const char *s, const char *end)
{
	size_t n = strlen(s), tail = strlen(end);

	return n > tail && strcmp(s + n - tail, end) == 0;
}

/* What was killed in the middle has left: of a removal, and of a new key that
 * nobody knows. The store is locked: nobody is in the middle now. */
static void shred_left(struct store *s)
{
	struct dirent **v = NULL;
	int n = scandirat(s->keys, ".", &v, NULL, NULL);

	for (int i = 0; i < n; i++) {
		if (ends_in(v[i]->d_name, gone) ||
			ends_in(v[i]->d_name, ".key.new"))
			shred_gone(s, v[i]->d_name);
		free(v[i]);
	}
	free(v);
}

struct removal {
	const char *label;
	size_t n;
};

static void remove_one(void *arg, struct store *s, const char *file,
	const char *label, const char *hex)
{
	struct removal *r = arg;

	(void)hex;
	if (strcmp(label, r->label) != 0)
		return;
	shred(s, file);
	r->n++;
}

int store_key_remove(struct store *s, const char *label, char **why)
{
	struct removal r = { .label = label };
	char *file = mem_printf("%s.current", label);

	/* Nothing names a key that is gone. */
	if (unlinkat(s->keys, file, 0) != 0 || fsync(s->keys) != 0)
		errno = 0;
	free(file);
	each_name(s, remove_one, &r);
	shred_left(s);
	if (r.n == 0)
		return store_said(why, ENOENT, "there is no key %s", label);
	return fsync(s->keys) == 0 ? 0 : errno;
}

/* ---- what is still needed ---- */

struct needed {
	char (*hex)[HEX + 1];
	size_t n;
};

static void need_id(struct needed *w, const uint8_t id[KEYSTORE_ID])
{
	w->hex = mem_resize(w->hex, w->n + 1, sizeof(*w->hex));
	hex_encode(id, KEYSTORE_ID, w->hex[w->n++]);
}

static void need_of(struct needed *w, struct store *s, const char *name)
{
	struct store_pending p;
	gnutls_x509_crt_t *v = NULL;
	uint8_t id[KEYSTORE_ID];
	size_t n = 0, size = sizeof(id);
	char *why = NULL;

	if (store_certs(s, name, STORE_OWN, &v, &n, &why) == 0 && n > 0 &&
		gnutls_x509_crt_get_key_id(
			v[0], GNUTLS_KEYID_USE_SHA256, id, &size) == 0)
		need_id(w, id);
	pemfile_certs_free(v, n);
	if (store_pending(s, name, &p, &why) == 0) {
		need_id(w, p.key_id);
		store_pending_free(&p);
	}
	free(why);
}

static void prune_one(void *arg, struct store *s, const char *file,
	const char *label, const char *hex)
{
	const struct needed *w = arg;
	char current[HEX + 1] = "";
	char *why = NULL;

	if (current_of(s, label, current, &why) == 0 &&
		strcmp(current, hex) != 0) {
		for (size_t i = 0; i < w->n; i++)
			if (strcmp(w->hex[i], hex) == 0)
				goto out;
		shred(s, file);
	}
out:
	free(why);
}

void store_key_prune(struct store *s)
{
	static const char *const ends[] = { ".own.pem", ".pending" };
	struct needed w = { .n = 0 };
	struct dirent **v = NULL;
	int n = scandirat(s->trustpoints, ".", &v, NULL, NULL);

	for (int i = 0; i < n; i++) {
		size_t len = strlen(v[i]->d_name);

		for (size_t k = 0; k < ARRAY_SIZE(ends); k++) {
			size_t tail = strlen(ends[k]);
			char *name;

			if (len <= tail ||
				strcmp(v[i]->d_name + len - tail, ends[k]) != 0)
				continue;
			name = mem_ndup(v[i]->d_name, len - tail);
			need_of(&w, s, name);
			free(name);
		}
		free(v[i]);
	}
	free(v);
	if (n >= 0)
		each_name(s, prune_one, &w);
	shred_left(s);
	free(w.hex);
}

/* ---- all of them ---- */

struct reseal {
	size_t n;
	int err;
	char **why;
};

static void reseal_one(void *arg, struct store *s, const char *file,
	const char *label, const char *hex)
{
	struct reseal *r = arg;
	struct keystore *k;

	(void)label;
	(void)hex;
	if (r->err != 0)
		return;
	r->err = read_key(s, file, &k, r->why);
	if (r->err == 0)
		r->err = write_key(s, file, k, r->why);
	r->n += r->err == 0;
	obj_unref(k);
}

int store_key_reseal(struct store *s, size_t *n, char **why)
{
	struct reseal r = { .why = why };

	each_name(s, reseal_one, &r);
	*n = r.n;
	return r.err;
}

struct listing {
	store_key_fn *each;
	void *arg;
};

static void list_one(void *arg, struct store *s, const char *file,
	const char *label, const char *hex)
{
	struct listing *l = arg;
	char current[HEX + 1] = "";
	struct keystore *k;
	char *why = NULL;

	(void)!current_of(s, label, current, &why);
	(void)!read_key(s, file, &k, &why);
	l->each(l->arg, label, k, strcmp(current, hex) == 0, why);
	obj_unref(k);
	free(why);
}

void store_each_key(struct store *s, store_key_fn *each, void *arg)
{
	struct listing l = { .each = each, .arg = arg };

	each_name(s, list_one, &l);
}
