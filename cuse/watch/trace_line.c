/* SPDX-License-Identifier: BSD-3-Clause */
#include "cuse/watch/trace_line.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tpm/codes.h"
#include "tpm/names.h"
#include "util/bytes.h"
#include "util/clock.h"

struct text {
	char *at;
	size_t left;
};

static void append(struct text *text, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void append(struct text *text, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(text->at, text->left, format, args);
	va_end(args);
	if (n < 0)
		return;
	if ((size_t)n >= text->left)
		n = (int)text->left - 1;
	text->at += n;
	text->left -= (size_t)n;
}

/* "2026-11-26T08:09:10.123456Z" */
static void append_time(struct text *text, uint64_t ns)
{
	char utc[UTC_TEXT_SIZE];

	utc_text((int64_t)(ns / 1000000000), utc);
	utc[strlen(utc) - 1] = '\0'; /* its Z */
	append(text, "%s.%06uZ", utc, (unsigned int)(ns % 1000000000 / 1000));
}

/* "(80000000, 40000007)": COUNT handles, or as many as the bytes behind the header hold. */
static void append_handles(struct text *text, const uint8_t *bytes, size_t len, size_t count)
{
	const char *before = "(";

	for (size_t i = 0; i < count && TPM_HEADER_SIZE + 4 * (i + 1) <= len; i++) {
		append(text, "%s%08x", before, get_be32(bytes + TPM_HEADER_SIZE + 4 * i));
		before = ", ";
	}
	if (before[0] == ',')
		append(text, ")");
}

static void append_name(struct text *text, enum tpm_version version, uint32_t code,
			const struct tpm_command_name *name)
{
	const char *prefix = version == TPM_VERSION_2 ? "TPM2_" : "TPM_";

	if (name == NULL)
		append(text, "command 0x%x", code);
	else
		append(text, "%s%s", strncmp(name->name, "TSC_", 4) == 0 ? "" : prefix, name->name);
}

static void append_result(struct text *text, const struct record *record,
			  const struct tpm_command_name *name)
{
	char result[TPM_CODE_TEXT_SIZE];
	uint32_t code;

	if (record->response_len < TPM_HEADER_SIZE) {
		append(text, "no response");
		return;
	}
	code = get_be32(record->response + 6);
	tpm_code_text(record->version, code, result);
	append(text, "%s", result);
	if (code == 0 && name != NULL && name->returns_handle)
		append_handles(text, record->response, record->response_len, 1);
	append(text, " %zu bytes", record->response_len);
}

void trace_line(const struct record *record, const char *const nodes[static 2],
		char line[static TRACE_LINE_SIZE])
{
	uint32_t code = record->command_len >= TPM_HEADER_SIZE ? get_be32(record->command + 6) : 0;
	const struct tpm_command_name *name = tpm_command_name(record->version, code);
	struct text text = { line, TRACE_LINE_SIZE };

	append_time(&text, record->time_ns);
	append(&text, " %s #%llu ", nodes[record->managed], (unsigned long long)record->open);
	append_name(&text, record->version, code, name);
	if (name != NULL)
		append_handles(&text, record->command, record->command_len, name->handles);
	append(&text, " %zu bytes: ", record->command_len);
	append_result(&text, record, name);
	append(&text, ", %llu.%03u ms", (unsigned long long)(record->took_ns / 1000000),
	       (unsigned int)(record->took_ns % 1000000 / 1000));
}
