/* SPDX-License-Identifier: BSD-3-Clause */
#include "verify/policy/policy.h"

#include <errno.h>
#include <string.h>

#include "util/bytes.h"
#include "util/error.h"

/* Members that list what the event of their name may say. */
static const char *const choices[] = {
	"image-reference", "image-digest", "image-id", "product", "library", "host",   "boot",
	"class",           "class-file",   "runtime",  "engine",  "origin",  "config", "rootfs",
};
/* Members that have just what the events of their name say, in their order. */
static const char *const lists[] = { "argument", "environment", "mount", "file" };

#define EACH(i, table) (size_t i = 0; i < sizeof(table) / sizeof((table)[0]); i++)

struct policy {
	json_t *root; /* all members; the others point into it */
	bool relaunch, attached, reset;
	json_int_t age;               /* at most; negative: any */
	json_t *pcrs;                 /* NULL: any */
	json_t *host_aks, *host_pcrs; /* likewise */
};

static bool is_in(const char *const *names, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(names[i], name) == 0)
			return true;
	}
	return false;
}
#define IS_IN(table, name) is_in(table, sizeof(table) / sizeof((table)[0]), name)

static bool is_list_of_texts(const json_t *value)
{
	bool ok = json_is_array(value);

	for (size_t i = 0; i < json_array_size(value); i++)
		ok = ok && json_is_string(json_array_get(value, i));
	return ok;
}

/* {"sha256": {"0": "00...", ...}}: names of banks, numbers, as many digits as the bank has. */
static bool is_bank_of_pcrs(const json_t *bank, size_t digits)
{
	const char *number;
	json_t *value;
	bool ok = json_is_object(bank);

	json_object_foreach((json_t *)(uintptr_t)bank, number, value)
	{
		unsigned long pcr;
		uint8_t bytes[BANK_DIGEST_MOST];
		const char *text = json_string_value(value);

		ok = ok && number_parse(number, 10, PCRS - 1, &pcr) == 0 && text != NULL &&
		     hex_decode(text, json_string_length(value), bytes, digits / 2) == 0;
	}
	return ok;
}

static bool are_pcrs(const json_t *pcrs)
{
	const char *name;
	json_t *bank;
	bool ok = json_is_object(pcrs);

	json_object_foreach((json_t *)(uintptr_t)pcrs, name, bank)
	{
		const struct bank *known = bank_by_name(name);

		ok = ok && known != NULL && is_bank_of_pcrs(bank, 2U * known->size);
	}
	return ok;
}

static bool read_bool(const json_t *value, bool *ret)
{
	*ret = json_is_true(value);
	return json_is_boolean(value);
}

/* -ENOENT: there is no such member; -EINVAL: its value is none. */
static int read_member(struct policy *policy, const char *name, json_t *value)
{
	bool ok;

	if (IS_IN(choices, name) || strcmp(name, "argument") == 0 ||
	    strcmp(name, "environment") == 0) {
		ok = is_list_of_texts(value);
	} else if (IS_IN(lists, name)) {
		ok = json_is_array(value);
	} else if (strcmp(name, "relaunch") == 0) {
		ok = read_bool(value, &policy->relaunch);
	} else if (strcmp(name, "attached") == 0) {
		ok = read_bool(value, &policy->attached);
	} else if (strcmp(name, "reset") == 0) {
		ok = read_bool(value, &policy->reset);
	} else if (strcmp(name, "max-age") == 0) {
		policy->age = json_integer_value(value);
		ok = json_is_integer(value) && policy->age >= 0;
	} else if (strcmp(name, "pcrs") == 0) {
		policy->pcrs = value;
		ok = are_pcrs(value);
	} else if (strcmp(name, "host-ak") == 0) {
		policy->host_aks = value;
		ok = is_list_of_texts(value);
	} else if (strcmp(name, "host-pcrs") == 0) {
		policy->host_pcrs = value;
		ok = are_pcrs(value);
	} else {
		return -ENOENT;
	}
	return ok ? 0 : -EINVAL;
}

static int read_members(struct policy *policy, struct error *err)
{
	const char *name;
	json_t *value;

	if (!json_is_object(policy->root))
		return error_say(err, EINVAL, "the policy is no object");
	json_object_foreach(policy->root, name, value)
	{
		int r = read_member(policy, name, value);

		if (r == -ENOENT)
			return error_say(err, EINVAL,
					 "the policy has a member that is unknown: %.64s", name);
		if (r < 0)
			return error_say(err, EINVAL, "the policy's \"%s\" is malformed", name);
	}
	if (policy->host_pcrs != NULL && policy->host_aks == NULL)
		return error_say(err, EINVAL,
				 "the policy's \"host-pcrs\" says nothing without \"host-ak\"");
	return 0;
}

int policy_parse(const char *text, size_t len, struct policy **ret, struct error *err)
{
	cleanup_with(policy_freep) struct policy *policy = calloc(1, sizeof(*policy));
	json_error_t where;
	int r;

	if (policy == NULL)
		return error_set(err, ENOMEM, "read the policy");
	if (len > POLICY_TEXT_MOST)
		return error_say(err, EINVAL, "the policy is longer than %d bytes",
				 POLICY_TEXT_MOST);
	policy->age = -1;
	policy->root = text != NULL ? json_loadb(text, len, JSON_REJECT_DUPLICATES, &where)
				    : json_object();
	if (policy->root == NULL)
		return error_say(err, EINVAL, "the policy: line %d: %s", where.line, where.text);
	r = read_members(policy, err);
	if (r == 0)
		*ret = take_ptr(policy);
	return r;
}

void policy_free(struct policy *policy)
{
	if (policy != NULL)
		json_decref(policy->root);
	free(policy);
}

bool policy_allows_reset(const struct policy *policy)
{
	return policy->reset;
}

static int refuse_event(const char *name, const json_t *value, struct error *err)
{
	const char *text = json_string_value(value);

	if (value == NULL)
		return error_say(err, EPERM, "the policy wants %s, which was not measured", name);
	return error_say(err, EPERM, "the policy does not allow this %s%s%.96s", name,
			 text != NULL ? ": " : "", text != NULL ? text : "");
}

static int check_choice(const json_t *allowed, const char *name, const json_t *launch,
			struct error *err)
{
	const json_t *value = json_object_get(launch, name);

	for (size_t i = 0; i < json_array_size(allowed); i++) {
		if (value != NULL && json_equal(json_array_get(allowed, i), value))
			return 0;
	}
	return refuse_event(name, value, err);
}

/* If there was a launch, no event at all counts as an empty list. */
static int check_list(const json_t *wanted, const char *name, const json_t *launch,
		      struct error *err)
{
	const json_t *value = json_object_get(launch, name);

	if (value != NULL ? json_equal(wanted, value)
			  : launch != NULL && json_array_size(wanted) == 0)
		return 0;
	return refuse_event(name, value, err);
}

static int check_launch(const struct policy *policy, const json_t *launch, struct error *err)
{
	int r = 0;

	if (json_object_get(launch, "relaunch") != NULL && !policy->relaunch)
		return error_say(err, EPERM,
				 "the TPM was started again: \"relaunch\" is not allowed");
	if (json_object_get(launch, "attached") != NULL && !policy->attached)
		return error_say(
			err, EPERM,
			"the TPM came to a running container: \"attached\" is not allowed");
	for
		EACH(i, choices)
		{
			const json_t *allowed = json_object_get(policy->root, choices[i]);

			if (r == 0 && allowed != NULL)
				r = check_choice(allowed, choices[i], launch, err);
		}
	for
		EACH(i, lists)
		{
			const json_t *wanted = json_object_get(policy->root, lists[i]);

			if (r == 0 && wanted != NULL)
				r = check_list(wanted, lists[i], launch, err);
		}
	return r;
}

static const struct pcr_value *find_value(const struct pcr_values *pcrs, const char *bank,
					  unsigned long pcr)
{
	for (size_t i = 0; i < pcrs->count; i++) {
		const struct pcr_value *value = &pcrs->values[i];

		if (value->pcr == pcr && strcmp(value->bank->name, bank) == 0)
			return value;
	}
	return NULL;
}

/* WHOSE begins the sentence: "register", of the TPM itself, or the host's. */
static int check_pcr(const struct pcr_values *pcrs, const char *whose, const char *bank,
		     const char *number, const char *wanted, struct error *err)
{
	const struct pcr_value *value;
	uint8_t bytes[BANK_DIGEST_MOST];
	unsigned long pcr = PCRS;

	(void)number_parse(number, 10, PCRS - 1, &pcr);
	value = find_value(pcrs, bank, pcr);
	if (value == NULL)
		return error_say(err, EPERM, "the policy wants %s %s of %s, which was not quoted",
				 whose, number, bank);
	if (hex_decode(wanted, strlen(wanted), bytes, value->bank->size) < 0 ||
	    memcmp(bytes, value->bytes, value->bank->size) != 0)
		return error_say(err, EPERM, "%s %s of %s is not what the policy wants", whose,
				 number, bank);
	return 0;
}

static int check_pcrs(json_t *wanted, const struct pcr_values *pcrs, const char *whose,
		      struct error *err)
{
	const char *name, *number;
	json_t *bank, *value;

	json_object_foreach(wanted, name, bank)
	{
		json_object_foreach(bank, number, value)
		{
			int r = check_pcr(pcrs, whose, name, number, json_string_value(value), err);

			if (r < 0)
				return r;
		}
	}
	return 0;
}

static int check_host(const struct policy *policy, const struct policy_facts *facts,
		      struct error *err)
{
	bool allowed = false;

	if (policy->host_aks == NULL)
		return 0;
	if (facts->host_ak == NULL)
		return error_say(err, EPERM, "the policy wants the host's TPM to vouch");
	for (size_t i = 0; i < json_array_size(policy->host_aks); i++) {
		const json_t *name = json_array_get(policy->host_aks, i);

		allowed = allowed || strcmp(json_string_value(name), facts->host_ak) == 0;
	}
	if (!allowed)
		return error_say(err, EPERM, "the policy does not allow this host-ak: %s",
				 facts->host_ak);
	return check_pcrs(policy->host_pcrs, facts->host_pcrs, "the host's register", err);
}

int policy_apply(const struct policy *policy, const struct policy_facts *facts, struct error *err)
{
	int r;

	if (policy->age >= 0 && (facts->age < 0 || facts->age > policy->age))
		return error_say(err, EPERM, "the policy wants an answer within %lld seconds",
				 (long long)policy->age);
	r = check_launch(policy, facts->launch, err);
	if (r == 0)
		r = check_pcrs(policy->pcrs, facts->pcrs, "register", err);
	return r == 0 ? check_host(policy, facts, err) : r;
}
