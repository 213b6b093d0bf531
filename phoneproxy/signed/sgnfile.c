/* Signed files: the shared header and what is behind it. */
#include "phoneproxy/signed/sgnfile.h"

enum fault sgnfile_read(struct sgnfile *out, struct slice file)
{
	enum fault fault = tlvhead_read(&out->head, file);

	out->payload = slice_of(NULL, 0);
	if (fault != FAULT_NONE)
		return fault;
	if (out->head.version[0] != 1)
		return FAULT_VERSION;
	out->payload = slice_from(file, out->head.size);
	return FAULT_NONE;
}

enum fault sgnfile_verify(
	const struct sgnfile *f, struct slice file, struct slice cert)
{
	return tlvhead_verify_by(&f->head, file, cert);
}

enum fault sgnfile_write(struct text *out, const char *name, enum digest d,
	uint32_t timestamp, const struct signer *signer, struct slice payload)
{
	struct tlvhead_new head = {
		.version = { 1, 0 },
		.digest = d,
		.file_name = name,
		.timestamp = timestamp,
	};

	return tlvhead_sign(out, &head, signer, payload);
}
