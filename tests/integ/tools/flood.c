/*
 * Random packets at ports of 127.0.0.0/8, evenly, from a port of its own.
 *
 *   flood SECONDS PACKETS_PER_SECOND ADDRESS:PORT...
 *
 * Of four packets one is noise, one looks like RTP, one like RTCP, one like
 * STUN; 0 to 1,500 bytes. Prints how many the system took.
 */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { PORTS = 4096, SIZE = 1500, AT_ONCE = 32 };

static struct sockaddr_in to[PORTS];
static unsigned n_to;
static uint64_t state = 88172645463325252u;

static uint64_t chance(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static size_t make(uint8_t *p)
{
	size_t n = chance() % (SIZE + 1);

	for (size_t i = 0; i < n; i += 8) {
		uint64_t r = chance();

		memcpy(p + i, &r, 8);
	}
	if (n >= 20)
		switch (chance() % 4) {
		case 1: /* PCMU, of a few sources and places */
			memcpy(p, "\x80\0", 2);
			memcpy(p + 8, "\0\1\0", 3);
			break;
		case 2: /* a receiver report */
			memcpy(p, "\x81\xc9", 2);
			break;
		case 3: /* a binding request */
			memcpy(p, "\0\1\0\0\x21\x12\xa4\x42", 8);
			break;
		default:
			break;
		}
	return n;
}

static void add(char *text)
{
	char *colon = strrchr(text, ':');

	if (colon == NULL || n_to == PORTS)
		exit(2);
	*colon = '\0';
	to[n_to].sin_family = AF_INET;
	to[n_to].sin_port = htons((uint16_t)atoi(colon + 1));
	if (inet_pton(AF_INET, text, &to[n_to].sin_addr) != 1)
		exit(2);
	n_to++;
}

int main(int argc, char **argv)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	uint64_t begin = now_ns(), end, rate, done = 0, taken = 0;
	uint8_t p[SIZE + 8];

	if (argc < 4 || fd < 0)
		return 2;
	end = begin + (uint64_t)(atof(argv[1]) * 1e9);
	rate = strtoull(argv[2], NULL, 10);
	for (int i = 3; i < argc; i++)
		add(argv[i]);
	for (uint64_t now = begin; now < end; now = now_ns()) {
		uint64_t due = (now - begin) * rate / 1000000000u;

		if (done >= due)
			usleep(200);
		for (unsigned i = 0; done < due && i < AT_ONCE; i++, done++) {
			size_t n = make(p);

			taken += sendto(fd, p, n, 0,
					 (struct sockaddr *)&to[done % n_to],
					 sizeof(to[0])) == (ssize_t)n;
		}
	}
	printf("%llu\n", (unsigned long long)taken);
	return 0;
}
