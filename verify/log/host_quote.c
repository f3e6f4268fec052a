/* SPDX-License-Identifier: BSD-3-Clause */
#include "verify/log/host_quote.h"

#include <errno.h>
#include <string.h>

#include "util/bytes.h"
#include "verify/log/event.h"

int host_quote_append(struct host_quote_parts *parts, const uint8_t *bytes, size_t len)
{
	if (len > sizeof(parts->bytes) - parts->len)
		return -E2BIG;
	memcpy(parts->bytes + parts->len, bytes, len);
	parts->len += len;
	return 0;
}

int host_quote_add(struct host_quote_parts *parts, enum host_quote_type type, const void *data,
		   size_t len)
{
	uint8_t *p = parts->bytes + parts->len;

	if (len > sizeof(parts->bytes) || CEL_TLV_HEADER + len > sizeof(parts->bytes) - parts->len)
		return -E2BIG;
	p[0] = (uint8_t)type;
	put_be32(p + 1, (uint32_t)len);
	memcpy(p + CEL_TLV_HEADER, data, len);
	parts->len += CEL_TLV_HEADER + len;
	return 0;
}

/* Moves on behind the part of TYPE at *AT; false: it is none, or not whole. */
static bool take(const uint8_t *bytes, size_t len, size_t *at, enum host_quote_type type,
		 struct host_quote_part *ret)
{
	if (len - *at < CEL_TLV_HEADER || bytes[*at] != type)
		return false;
	ret->len = get_be32(bytes + *at + 1);
	ret->data = bytes + *at + CEL_TLV_HEADER;
	if (ret->len > len - *at - CEL_TLV_HEADER)
		return false;
	*at += CEL_TLV_HEADER + ret->len;
	return true;
}

int host_quote_parse(const uint8_t *bytes, size_t len, struct host_quote *ret)
{
	size_t at = 0;

	memset(ret, 0, sizeof(*ret));
	while (ret->ek_count < HOST_QUOTE_EKS_MOST &&
	       take(bytes, len, &at, HOST_QUOTE_EK, &ret->eks[ret->ek_count]))
		ret->ek_count++;
	for (enum host_quote_type type = HOST_QUOTE_AK; type < HOST_QUOTE_TYPES; type++) {
		if (!take(bytes, len, &at, type, &ret->parts[type]))
			return -EINVAL;
	}
	return ret->ek_count > 0 && at == len ? 0 : -EINVAL;
}
