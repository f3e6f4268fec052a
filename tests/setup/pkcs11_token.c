/* SPDX-License-Identifier: BSD-3-Clause */
/* The test's provider: the token's module, a session with it, what is in it. */
#include "tests/setup/pkcs11_provider.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <string.h>

#define SLOTS_MAX 16

struct token {
	void *library;
	CK_FUNCTION_LIST *p11;
	bool initialized;
	CK_SESSION_HANDLE session;
};

static int load_module(struct token *token, const char *path)
{
	CK_RV (*get_functions)(CK_FUNCTION_LIST **);

	token->library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (token->library == NULL)
		return TOKEN_NO_MODULE;
	*(void **)&get_functions = dlsym(token->library, "C_GetFunctionList");
	if (get_functions == NULL || get_functions(&token->p11) != CKR_OK ||
	    token->p11->C_Initialize(NULL) != CKR_OK)
		return TOKEN_NO_MODULE;
	token->initialized = true;
	return 0;
}

/* Labels fill their field up with spaces. */
static bool has_label(const CK_TOKEN_INFO *info, const char *label)
{
	size_t len = strlen(label);

	if (len > sizeof(info->label) || memcmp(info->label, label, len) != 0)
		return false;
	while (len < sizeof(info->label) && info->label[len] == ' ')
		len++;
	return len == sizeof(info->label);
}

static int open_session(struct token *token, const char *label)
{
	CK_SLOT_ID slots[SLOTS_MAX];
	CK_ULONG count = SLOTS_MAX;
	CK_TOKEN_INFO info;

	if (token->p11->C_GetSlotList(CK_TRUE, slots, &count) != CKR_OK)
		return TOKEN_FAILED;
	for (CK_ULONG i = 0; i < count; i++) {
		if (token->p11->C_GetTokenInfo(slots[i], &info) != CKR_OK ||
		    !has_label(&info, label))
			continue;
		if (token->p11->C_OpenSession(slots[i], CKF_SERIAL_SESSION, NULL, NULL,
					      &token->session) != CKR_OK)
			return TOKEN_FAILED;
		return 0;
	}
	return TOKEN_MISSING;
}

int token_open(const char *module, const char *label, struct token **ret)
{
	cleanup_with(token_closep) struct token *token = calloc(1, sizeof(*token));
	int r;

	if (token == NULL)
		return TOKEN_FAILED;
	r = load_module(token, module);
	if (r == 0)
		r = open_session(token, label);
	if (r == 0)
		*ret = take_ptr(token);
	return r;
}

void token_close(struct token *token)
{
	if (token == NULL)
		return;
	if (token->initialized)
		(void)token->p11->C_Finalize(NULL); /* ends the session, too */
	if (token->library != NULL)
		(void)dlclose(token->library);
	free(token);
}

int token_login(struct token *token, const char *pin, size_t len)
{
	CK_RV rv = token->p11->C_Login(token->session, CKU_USER, (CK_BYTE *)(uintptr_t)pin, len);

	if (rv == CKR_PIN_INCORRECT || rv == CKR_PIN_LEN_RANGE || rv == CKR_PIN_INVALID)
		return TOKEN_WRONG_PIN;
	return rv == CKR_OK ? 0 : TOKEN_FAILED;
}

int token_find(struct token *token, CK_OBJECT_CLASS class, CK_ATTRIBUTE_TYPE name,
	       const void *value, size_t len, CK_OBJECT_HANDLE *ret)
{
	CK_ATTRIBUTE wanted[] = {
		{ CKA_CLASS, &class, sizeof(class) },
		{ name, (void *)(uintptr_t)value, len },
	};
	CK_ULONG count = 0;
	CK_RV rv;

	if (token->p11->C_FindObjectsInit(token->session, wanted, 2) != CKR_OK)
		return TOKEN_FAILED;
	rv = token->p11->C_FindObjects(token->session, ret, 1, &count);
	(void)token->p11->C_FindObjectsFinal(token->session);
	if (rv != CKR_OK)
		return TOKEN_FAILED;
	return count == 1 ? 0 : TOKEN_NO_KEY;
}

int token_read(struct token *token, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE name, void *value,
	       size_t *len)
{
	CK_ATTRIBUTE attribute = { name, value, *len };

	if (token->p11->C_GetAttributeValue(token->session, object, &attribute, 1) != CKR_OK)
		return TOKEN_FAILED;
	*len = attribute.ulValueLen;
	return 0;
}

int token_sign(struct token *token, CK_OBJECT_HANDLE key, CK_MECHANISM_TYPE mechanism,
	       const uint8_t *data, size_t data_len, uint8_t *signature, size_t *len)
{
	CK_MECHANISM how = { mechanism, NULL, 0 };
	CK_ULONG room = *len;

	if (token->p11->C_SignInit(token->session, &how, key) != CKR_OK ||
	    token->p11->C_Sign(token->session, (CK_BYTE *)(uintptr_t)data, data_len, signature,
			       &room) != CKR_OK)
		return TOKEN_FAILED;
	*len = room;
	return 0;
}
