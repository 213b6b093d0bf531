/*
 * need(): an assertion that stays on in every build, for our own mistakes
 * only. Nothing that a peer, a phone or the operator sends may reach one.
 */
#ifndef LINESIDE_BASE_NEED_H
#define LINESIDE_BASE_NEED_H

#define MUST_USE __attribute__((warn_unused_result))
#define PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

_Noreturn void need_failed(const char *what, const char *file, int line);

#define need(x) ((x) ? (void)0 : need_failed(#x, __FILE__, __LINE__))

#endif
