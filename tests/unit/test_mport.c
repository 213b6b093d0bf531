#include "test.h"

#include <errno.h>
#include <netinet/ip.h>
#include <unistd.h>

#include "media/mport.h"

static struct addr at(const char *host, uint16_t port)
{
	struct addr a;

	assert_int_equal(addr_parse(&a, slice_str(host), port), 0);
	return a;
}

static int option(int fd, int level, int name)
{
	int value = -1;
	socklen_t len = sizeof(value);

	assert_int_equal(getsockopt(fd, level, name, &value, &len), 0);
	return value;
}

static void marks_packets(void **state)
{
	struct addr v4 = at("127.0.0.1", 0), v6 = at("::1", 0);
	int fd = -1;

	(void)state;
	assert_int_equal(mport_open(&fd, &v4), 0);
	assert_int_equal(option(fd, IPPROTO_IP, IP_TOS), IPTOS_DSCP_EF);
	assert_true(option(fd, SOL_SOCKET, SO_RCVBUF) >= 128 * 1024);
	close(fd);
	assert_int_equal(mport_open(&fd, &v6), 0);
	assert_int_equal(option(fd, IPPROTO_IPV6, IPV6_TCLASS), IPTOS_DSCP_EF);
	assert_int_equal(option(fd, IPPROTO_IPV6, IPV6_V6ONLY), 1);
	close(fd);
}

static void tells_why_not(void **state)
{
	struct addr a = at("127.0.0.1", 0), foreign = at("192.0.2.1", 0);
	socklen_t len = sizeof(a);
	int fd = -1, second = -1;

	(void)state;
	assert_int_equal(mport_open(&fd, &a), 0);
	assert_int_equal(getsockname(fd, &a.sa, &len), 0);
	assert_int_equal(mport_open(&second, &a), EADDRINUSE);
	assert_int_equal(second, -1);
	assert_int_equal(mport_open(&second, &foreign), EADDRNOTAVAIL);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(marks_packets),
		T(tells_why_not),
	};

	return RUN_TESTS(tests);
}
