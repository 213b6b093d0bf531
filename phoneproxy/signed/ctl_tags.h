/* The tags of a trust list's records. */
#ifndef LINESIDE_PHONEPROXY_CTL_TAGS_H
#define LINESIDE_PHONEPROXY_CTL_TAGS_H

enum {
	REC_LENGTH = 1, /* counts from its own tag to the record's end */
	REC_DNS = 2,
	REC_SUBJECT = 3,
	REC_ROLE = 4,
	REC_ISSUER = 5,
	REC_SERIAL = 6,
	REC_KEY = 7,
	REC_SIGNATURE = 8,
	REC_CERT = 9,
	REC_IP4 = 10,
	REC_HEAD = 5, /* bytes of the length item */
};

#endif
