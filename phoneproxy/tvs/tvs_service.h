/*
 * A trust verification service of ours: phones ask it about certificates that
 * their lists do not name, and it answers from trustpoints. On the thread of
 * its loop.
 */
#ifndef LINESIDE_PHONEPROXY_TVS_SERVICE_H
#define LINESIDE_PHONEPROXY_TVS_SERVICE_H

#include "phoneproxy/serve/tls_port.h"
#include "phoneproxy/tvs/tvs_answer.h"

/* What it knows: counted, made by any thread. */
struct tvs_list;
struct tvs_list *tvs_list_new(void) MUST_USE;
/* The trustpoint's own certificate and its authorities have this role. */
void tvs_list_add(struct tvs_list *l, const struct trustpoint *t, uint8_t role);
size_t tvs_list_get(const struct tvs_list *l, const struct tvs_known **out);

struct tvs_service_params {
	struct hs_pool *hs; /* borrowed */
	struct trustpoint *own; /* trustpoint-label; referenced */
	struct tvs_list *list; /* referenced */
	uint32_t ttl;
	/* Told of each answer: for a phone's timeline. NULL: nobody is. */
	void (*tell)(void *arg, const struct addr *peer,
		const struct tvs_answer *what);
	void *arg;
};

struct tvs_service;

/* Takes the descriptor, a listening socket. */
struct tvs_service *tvs_service_new(
	struct loop *l, int fd, const struct tvs_service_params *p) MUST_USE;
void tvs_service_set(
	struct tvs_service *s, int fd, const struct tvs_service_params *p);
void tvs_service_close(struct tvs_service *s); /* NULL is fine */

struct tvs_count {
	struct doorway_count door;
	uint64_t answers, invalid, malformed;
	size_t known;
};
void tvs_service_count(const struct tvs_service *s, struct tvs_count *out);

#endif
