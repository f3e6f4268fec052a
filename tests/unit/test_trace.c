/* SPDX-License-Identifier: BSD-3-Clause */
/* From what a client says to the line, or the capture, that somebody who watches gets to see. */
#include "tests/unit/unit.h"
#include "tests/unit/scratch.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "cuse/watch/pcapng.h"
#include "cuse/watch/trace_line.h"
#include "cuse/device/tap.h"
#include "tests/unit/memory_storage.h"
#include "tpm/conceal.h"
#include "tpm/names.h"
#include "tpm/record.h"
#include "tpm/space/context.h"
#include "tpm/tcg.h"
#include "tpm/tpm.h"
#include "util/bytes.h"
#include "util/cleanup.h"

#define HANDLES_SHIFT 25
#define RETURNS_HANDLE 0x10000000

/* TPMA_CC tells what our table says, but for FlushContext, whose handle is a parameter there. */
static void the_names_are_those_of_all_commands_of_the_tpm(void **state)
{
	static struct memory_storage memory;
	static struct command_table table;
	struct tpm_storage storage = memory_storage(&memory);
	struct tpm_executor executor;
	struct tpm *tpm = NULL;

	(void)state;
	assert_int_equal(tpm_start(TPM_VERSION_2, &storage, &tpm, NULL), 0);
	assert_int_equal(tpm_startup(tpm, NULL), 0);
	executor = tpm_executor_local(tpm);
	assert_int_equal(context_read_commands(&executor, &table), 0);
	assert_true(table.count > 80);
	for (size_t i = 0; i < table.count; i++) {
		uint32_t attributes = table.attributes[i], code = attributes & 0xffff;
		const struct tpm_command_name *name = tpm_command_name(TPM_VERSION_2, code);
		unsigned int handles = attributes >> HANDLES_SHIFT & 7;

		if (name == NULL)
			fail_msg("command 0x%x has no name", code);
		if (code != TPM2_CC_FlushContext && name->handles != handles)
			fail_msg("%s has %u handles", name->name, handles);
		if (name->returns_handle != ((attributes & RETURNS_HANDLE) != 0))
			fail_msg("%s: a handle, or none", name->name);
	}
	tpm_stop(tpm);
	memory_storage_done(&memory);
}

static void ordinals_have_names(void **state)
{
	(void)state;
	assert_string_equal(tpm_command_name(TPM_VERSION_1_2, 0xa)->name, "OIAP");
	assert_string_equal(tpm_command_name(TPM_VERSION_1_2, 0x4000000a)->name,
			    "TSC_PhysicalPresence");
	assert_null(tpm_command_name(TPM_VERSION_1_2, 0x17b));
	assert_null(tpm_command_name(TPM_VERSION_2, 0xa));
}

/* Puts bytes for HEX, whose size the header gets. */
static size_t bytes_of(const char *hex, uint8_t *bytes)
{
	size_t len = strlen(hex) / 2;

	assert_int_equal(hex_decode(hex, strlen(hex), bytes, len), 0);
	return len;
}

static void assert_concealed(enum tpm_version version, const char *before, const char *after)
{
	uint8_t bytes[256];
	char hex[513];
	size_t len = bytes_of(before, bytes);

	tpm_conceal_command(version, bytes, len);
	hex_encode(bytes, len, hex);
	assert_string_equal(hex, after);
}

static void assert_response_concealed(enum tpm_version version, uint32_t code, const char *before,
				      const char *after)
{
	uint8_t bytes[256];
	char hex[513];
	size_t len = bytes_of(before, bytes);

	tpm_conceal_response(version, code, bytes, len);
	hex_encode(bytes, len, hex);
	assert_string_equal(hex, after);
}

static void passwords_are_left_out(void **state)
{
	(void)state;
	/* Clear with the password "pw"; the nonce of two bytes stays. */
	assert_concealed(TPM_VERSION_2,
			 "80020000001d000001264000000a0000000d400000090002aabb0100027077",
			 "80020000001d000001264000000a0000000d400000090002aabb0100020000");
	/* A second session. */
	assert_concealed(TPM_VERSION_2,
			 "800200000000000001264000000a00000016"
			 "4000000900000100027077"
			 "02000000000001000255aa",
			 "800200000000000001264000000a00000016"
			 "4000000900000100020000"
			 "0200000000000100020000");
}

static void parameters_stay_where_they_are_harmless(void **state)
{
	(void)state;
	/* PCR_Extend's digest; HierarchyChangeAuth's new password. */
	assert_concealed(TPM_VERSION_2,
			 "80020000000000000182000000100000000b4000000900000100027077"
			 "00000001000411223344",
			 "80020000000000000182000000100000000b4000000900000100020000"
			 "00000001000411223344");
	assert_concealed(TPM_VERSION_2,
			 "8002000000000000012940000001000000094000000900000100000003616263",
			 "8002000000000000012940000001000000094000000900000100000000000000");
}

static void what_does_not_parse_is_left_out(void **state)
{
	(void)state;
	assert_concealed(TPM_VERSION_2, "800100000010200001231122334455", /* no such command */
			 "800100000010200001230000000000");
	assert_concealed(TPM_VERSION_2, "80010000", "00000000");
	/* A password that is longer than the area, an area that is longer than the command. */
	assert_concealed(TPM_VERSION_2,
			 "800200000000000001264000000a0000000b4000000900000100037077",
			 "800200000000000001264000000a0000000b0000000000000000000000");
	assert_concealed(TPM_VERSION_2,
			 "800200000000000001264000000affffffff400000090000010002707755",
			 "800200000000000001264000000affffffff400000090000010002000000");
	/* A handle that is not all there. */
	assert_concealed(TPM_VERSION_2, "80010000000d00000129112233", "80010000000d00000129112233");
}

static void responses_are_told_by_their_command(void **state)
{
	(void)state;
	/* GetRandom, PCR_Read, Unseal with a session, CreatePrimary's handle, an error. */
	assert_response_concealed(TPM_VERSION_2, 0x17b, "80010000000e0000000000021234",
				  "80010000000e0000000000000000");
	assert_response_concealed(TPM_VERSION_2, 0x17e, "80010000000e0000000000021234",
				  "80010000000e0000000000021234");
	assert_response_concealed(TPM_VERSION_2, 0x15e,
				  "80020000001900000000000000040002123400000100027788",
				  "80020000001900000000000000040000000000000100020000");
	assert_response_concealed(TPM_VERSION_2, 0x131,
				  "80020000001900000000800000010000000255660000010000",
				  "80020000001900000000800000010000000255660000010000");
	assert_response_concealed(TPM_VERSION_2, 0x17e, "80010000000c000001011234",
				  "80010000000c000001010000");
	assert_response_concealed(TPM_VERSION_2, 0x20000123, "80010000000c000000001234",
				  "80010000000c000000000000");
}

static void sessions_of_a_tpm_12_are_left_out(void **state)
{
	char before[2 * (14 + 20 + 45) + 1], after[sizeof(before)];

	(void)state;
	/* Quote: a key's handle, 20 bytes that are shown, and 45 of a session. */
	memset(before, '1', sizeof(before) - 1);
	memcpy(before, "00c20000004f0000001640000000", 28);
	before[sizeof(before) - 1] = '\0';
	memcpy(after, before, sizeof(before));
	memset(after + 2 * 34, '0', 2 * 45);
	assert_concealed(TPM_VERSION_1_2, before, after);
	/* LoadKey2's response: its handle, and nothing else. */
	assert_response_concealed(TPM_VERSION_1_2, 0x41, "00c40000001000000000050000001122",
				  "00c40000001000000000050000000000");
}

static uint8_t command[64], response[64];

static struct record make_record(const char *command_hex, const char *response_hex)
{
	return (struct record){
		.time_ns = 1764144550123456789,
		.took_ns = 1234567,
		.open = 7,
		.version = TPM_VERSION_2,
		.command = command,
		.command_len = bytes_of(command_hex, command),
		.response = response,
		.response_len = bytes_of(response_hex, response),
	};
}

static size_t encode(const struct record *record, uint8_t *bytes)
{
	size_t size = record_encode(record, bytes);

	memcpy(bytes + RECORD_HEADER_SIZE, record->command, record->command_len);
	memcpy(bytes + RECORD_HEADER_SIZE + record->command_len, record->response,
	       record->response_len);
	return size;
}

static void a_record_is_read_as_it_was_written(void **state)
{
	struct record record = make_record("80010000000c0000017b0008", "80010000000c000000000000"),
		      again;
	uint8_t bytes[RECORD_SIZE_MAX];
	size_t size;

	(void)state;
	record.managed = true;
	record.dropped = 5;
	record.error = -EIO;
	size = encode(&record, bytes);
	assert_int_equal(record_parse(bytes, size, &again), 0);
	assert_true(again.time_ns == record.time_ns && again.took_ns == record.took_ns);
	assert_int_equal(again.open, 7);
	assert_int_equal(again.dropped, 5);
	assert_int_equal(again.error, -EIO);
	assert_true(again.managed && !again.concealed);
	assert_int_equal(again.command_len, 12);
	assert_memory_equal(again.response, response, again.response_len);
}

static void what_is_no_record_is_refused(void **state)
{
	struct record record = make_record("80010000000c0000017b0008", ""), again;
	uint8_t bytes[RECORD_SIZE_MAX];
	size_t size = encode(&record, bytes);

	(void)state;
	assert_int_equal(record_parse(bytes, size - 1, &again), -EPROTO);
	for (size_t i = 0; i < 8; i++) {
		bytes[i] ^= 0x80;
		assert_int_equal(record_parse(bytes, size, &again), -EPROTO);
		bytes[i] ^= 0x80;
	}
	for (size_t at = 44; at <= 48; at += 4) { /* the lengths of command and response */
		put_be32(bytes + at, TPM_COMMAND_MAX);
		assert_int_equal(record_size(bytes, &size), 0);
		put_be32(bytes + at, TPM_COMMAND_MAX + 1);
		assert_int_equal(record_size(bytes, &size), -EPROTO);
		put_be32(bytes + at, 0);
	}
}

static const char *const nodes[2] = { "tpm0", "tpmrm0" };

static void a_line_has_names_handles_sizes_and_the_result(void **state)
{
	struct record record = make_record("80010000001200000176"
					   "4000000740000001",
					   "80010000000e00000000"
					   "03000000");
	char line[TRACE_LINE_SIZE];

	(void)state;
	record.managed = true;
	trace_line(&record, nodes, line);
	assert_string_equal(line, "2025-11-26T08:09:10.123456Z tpmrm0 #7 "
				  "TPM2_StartAuthSession(40000007, 40000001) 18 bytes: "
				  "TPM_RC_SUCCESS(03000000) 14 bytes, 1.234 ms");
	record = make_record("80020000000e00000126"
			     "4000000a",
			     "80010000000a0000098e");
	trace_line(&record, nodes, line);
	assert_string_equal(line,
			    "2025-11-26T08:09:10.123456Z tpm0 #7 TPM2_Clear(4000000a) 14 bytes:"
			    " TPM_RC_AUTH_FAIL session 1 10 bytes, 1.234 ms");
	record = make_record("800100000006", "");
	trace_line(&record, nodes, line);
	assert_string_equal(line, "2025-11-26T08:09:10.123456Z tpm0 #7 command 0x0 6 bytes: "
				  "no response, 1.234 ms");
}

/* --- the tap --- */

static const struct tap_command get_random = {
	.open = 3,
	.bytes = (const uint8_t *)"\x80\x01\0\0\0\x0c\0\0\x01\x7b\0\x08",
	.len = 12,
};

static const uint8_t random_response[] = { 0x80, 0x01, 0, 0, 0, 14, 0, 0, 0, 0, 0, 2, 0x12, 0x34 };

static bool say(struct tap *tap)
{
	if (!tap_command(tap, &get_random))
		return false;
	tap_response(tap, 0, random_response, sizeof(random_response));
	return true;
}

/* What has come at FD; -EAGAIN: nothing. */
static int hear(int fd, uint8_t *bytes, struct record *record)
{
	ssize_t n = recv(fd, bytes, RECORD_HEADER_SIZE, MSG_DONTWAIT | MSG_PEEK);
	size_t size = 0;

	if (n < 0)
		return -errno;
	assert_int_equal(n, RECORD_HEADER_SIZE);
	assert_int_equal(record_size(bytes, &size), 0);
	assert_int_equal(recv(fd, bytes, size, MSG_DONTWAIT), size);
	assert_int_equal(record_parse(bytes, size, record), 0);
	return 0;
}

static void a_listener_gets_what_is_said_once_it_has_started(void **state)
{
	cleanup_with(tap_freep) struct tap *tap = NULL;
	uint8_t bytes[RECORD_SIZE_MAX];
	struct record record;
	int fds[2];

	(void)state;
	assert_false(tap_command(NULL, &get_random));
	assert_int_equal(tap_new(TPM_VERSION_2, &tap), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	assert_false(say(tap));
	assert_int_equal(tap_add(tap, fds[0], false), 0);
	assert_false(say(tap));
	tap_start(tap, fds[0]);
	assert_true(say(tap));
	assert_int_equal(hear(fds[1], bytes, &record), 0);
	assert_int_equal(record.open, 3);
	assert_true(record.concealed);
	assert_memory_equal(record.command, get_random.bytes, 12);
	assert_memory_equal(record.response, "\x80\x01\0\0\0\x0e\0\0\0\0\0\0\0\0", 14);
	assert_int_equal(tap_remove(tap, fds[0]), 0);
	assert_false(say(tap));
	assert_int_equal(hear(fds[1], bytes, &record), -EAGAIN);
	(void)close(fds[0]), (void)close(fds[1]);
}

static void secrets_are_for_those_who_have_asked_for_them(void **state)
{
	cleanup_with(tap_freep) struct tap *tap = NULL;
	uint8_t bytes[RECORD_SIZE_MAX];
	struct record record;
	int fds[2], others[2];

	(void)state;
	assert_int_equal(tap_new(TPM_VERSION_2, &tap), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, others), 0);
	assert_int_equal(tap_add(tap, others[0], false), 0);
	assert_int_equal(tap_add(tap, fds[0], true), 0);
	tap_start(tap, fds[0]);
	assert_true(say(tap));
	assert_int_equal(hear(fds[1], bytes, &record), 0);
	assert_int_equal(hear(others[1], bytes, &record), -EAGAIN); /* it has not started */
	tap_start(tap, others[0]);
	assert_true(say(tap));
	assert_int_equal(hear(fds[1], bytes, &record), 0);
	assert_false(record.concealed);
	assert_memory_equal(record.response, random_response, sizeof(random_response));
	assert_int_equal(hear(others[1], bytes, &record), 0);
	assert_true(record.concealed);
	assert_int_equal(record.response[12], 0);
	for (int i = 0; i < 2; i++)
		(void)close(fds[i]), (void)close(others[i]);
}

static void nobody_waits_for_a_listener_that_does_not_read(void **state)
{
	cleanup_with(tap_freep) struct tap *tap = NULL;
	uint8_t bytes[RECORD_SIZE_MAX];
	struct record record = { 0 };
	unsigned int said = 10000, heard = 0;
	int fds[2];

	(void)state;
	assert_int_equal(tap_new(TPM_VERSION_2, &tap), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	assert_int_equal(tap_add(tap, fds[0], false), 0);
	tap_start(tap, fds[0]);
	for (unsigned int i = 0; i < said; i++)
		assert_true(say(tap));
	for (; hear(fds[1], bytes, &record) == 0; heard++)
		assert_int_equal(record.dropped, 0);
	assert_in_range(heard, 10, said - 1);
	assert_true(say(tap));
	assert_int_equal(hear(fds[1], bytes, &record), 0);
	assert_int_equal(record.dropped, said - heard);
	assert_true(say(tap));
	assert_int_equal(hear(fds[1], bytes, &record), 0);
	assert_int_equal(record.dropped, 0);
	assert_int_equal(tap_remove(tap, fds[0]), said - heard);
	(void)close(fds[0]), (void)close(fds[1]);
}

static void four_may_listen_and_no_more(void **state)
{
	cleanup_with(tap_freep) struct tap *tap = NULL;

	(void)state;
	assert_int_equal(tap_new(TPM_VERSION_2, &tap), 0);
	assert_int_equal(TAP_LISTENERS_MAX, 4);
	for (int fd = 100; fd < 104; fd++)
		assert_int_equal(tap_add(tap, fd, false), 0);
	assert_int_equal(tap_add(tap, 104, false), -EBUSY);
	assert_int_equal(tap_remove(tap, 102), 0);
	assert_int_equal(tap_add(tap, 104, false), 0);
}

/* --- the capture --- */

static void write_capture(const char *path)
{
	static struct pcapng pcapng;
	FILE *out = fopen(path, "w");
	struct record record = make_record("80010000001200000176"
					   "4000000740000001",
					   "80010000000e00000000"
					   "03000000");

	assert_non_null(out);
	pcapng_begin(&pcapng, out, "tpm0");
	pcapng_add(&pcapng, &record, "tpm0");
	record = make_record("80020000000e00000126"
			     "4000000a",
			     "80010000000a0000098e");
	record.open = 8;
	pcapng_add(&pcapng, &record, "tpmrm0");
	record.open = 7 + PCAPNG_CONNECTIONS;
	pcapng_add(&pcapng, &record, "tpmrm0");
	assert_int_equal(ferror(out), 0);
	assert_int_equal(fclose(out), 0);
}

/* As the format wants it: each block says its length at both ends. */
static void a_capture_is_a_chain_of_blocks(void **state)
{
	const char *path = scratch_path("trace.pcapng");
	cleanup_free uint8_t *bytes = NULL;
	size_t len = 0, at = 0, blocks = 0;

	(void)state;
	write_capture(path);
	scratch_read(path, &bytes, &len);
	for (; at < len; blocks++) {
		uint32_t size = get_be32(bytes + at + 4);

		assert_int_equal(size % 4, 0);
		assert_in_range(size, 16, len - at);
		assert_int_equal(get_be32(bytes + at + size - 4), size);
		at += size;
	}
	assert_int_equal(blocks, 2 + 6);
}

static void wireshark_finds_commands_and_responses_in_it(void **state)
{
	static const char expected[] = "32775\t0x00000176\t\t1\t1\t\n"
				       "2321\t\t0x00000000\t1\t1\t\n"
				       "32776\t0x00000126\t\t1\t1\t\n"
				       "2321\t\t0x0000098e\t1\t1\t\n"
				       "32775\t0x00000126\t\t1\t1\t\n"
				       "2321\t\t0x0000098e\t1\t1\t\n";
	char call[512], text[1024];
	FILE *tshark;
	size_t n;

	(void)state;
	if (system("command -v tshark >/dev/null 2>&1") != 0)
		skip();
	write_capture(scratch_path("trace.pcapng"));
	(void)snprintf(
		call, sizeof(call),
		"tshark -r %s -o tcp.check_checksum:TRUE -o ip.check_checksum:TRUE -T fields "
		"-e tcp.srcport -e tpm.req.cc -e tpm.resp.rc -e ip.checksum.status "
		"-e tcp.checksum.status -e tcp.analysis.flags 2>/dev/null",
		scratch_path("trace.pcapng"));
	tshark = popen(call, "r");
	assert_non_null(tshark);
	n = fread(text, 1, sizeof(text) - 1, tshark);
	text[n] = '\0';
	assert_int_equal(pclose(tshark), 0);
	assert_string_equal(text, expected);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_names_are_those_of_all_commands_of_the_tpm),
		cmocka_unit_test(ordinals_have_names),
		cmocka_unit_test(passwords_are_left_out),
		cmocka_unit_test(parameters_stay_where_they_are_harmless),
		cmocka_unit_test(what_does_not_parse_is_left_out),
		cmocka_unit_test(responses_are_told_by_their_command),
		cmocka_unit_test(sessions_of_a_tpm_12_are_left_out),
		cmocka_unit_test(a_record_is_read_as_it_was_written),
		cmocka_unit_test(what_is_no_record_is_refused),
		cmocka_unit_test(a_line_has_names_handles_sizes_and_the_result),
		cmocka_unit_test(a_listener_gets_what_is_said_once_it_has_started),
		cmocka_unit_test(secrets_are_for_those_who_have_asked_for_them),
		cmocka_unit_test(nobody_waits_for_a_listener_that_does_not_read),
		cmocka_unit_test(four_may_listen_and_no_more),
		cmocka_unit_test_setup_teardown(a_capture_is_a_chain_of_blocks, scratch_set_up,
						scratch_tear_down),
		cmocka_unit_test_setup_teardown(wireshark_finds_commands_and_responses_in_it,
						scratch_set_up, scratch_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
