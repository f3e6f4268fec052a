/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Numbers of the TCG's specifications: TPM 2.0 Library Part 2 (Structures), TPM 1.2 Part 2.
 */
#ifndef VTPM_TPM_TCG_H
#define VTPM_TPM_TCG_H

/* Part 2, 6.9 TPM_ST, and the tags of TPM 1.2 commands and responses. */
#define TPM2_ST_NO_SESSIONS 0x8001
#define TPM2_ST_SESSIONS 0x8002
#define TPM12_TAG_RQU_COMMAND 0x00c1
#define TPM12_TAG_RSP_COMMAND 0x00c4

/* Part 2, 6.5.2 TPM_CC: what this project sends itself or must know. */
#define TPM2_CC_NV_UndefineSpaceSpecial 0x0000011f
#define TPM2_CC_EvictControl 0x00000120
#define TPM2_CC_HierarchyControl 0x00000121
#define TPM2_CC_NV_UndefineSpace 0x00000122
#define TPM2_CC_ChangeEPS 0x00000124
#define TPM2_CC_ChangePPS 0x00000125
#define TPM2_CC_Clear 0x00000126
#define TPM2_CC_HierarchyChangeAuth 0x00000129
#define TPM2_CC_NV_DefineSpace 0x0000012a
#define TPM2_CC_PCR_Allocate 0x0000012b
#define TPM2_CC_CreatePrimary 0x00000131
#define TPM2_CC_NV_GlobalWriteLock 0x00000132
#define TPM2_CC_NV_Write 0x00000137
#define TPM2_CC_NV_WriteLock 0x00000138
#define TPM2_CC_IncrementalSelfTest 0x00000142
#define TPM2_CC_SelfTest 0x00000143
#define TPM2_CC_Startup 0x00000144
#define TPM2_CC_Shutdown 0x00000145
#define TPM2_CC_Create 0x00000153
#define TPM2_CC_Load 0x00000157
#define TPM2_CC_RSA_Decrypt 0x00000159
#define TPM2_CC_ContextLoad 0x00000161
#define TPM2_CC_ContextSave 0x00000162
#define TPM2_CC_FlushContext 0x00000165
#define TPM2_CC_LoadExternal 0x00000167
#define TPM2_CC_NV_ReadPublic 0x00000169
#define TPM2_CC_NV_Read 0x0000014e
#define TPM2_CC_ReadPublic 0x00000173
#define TPM2_CC_StartAuthSession 0x00000176
#define TPM2_CC_GetCapability 0x0000017a
#define TPM2_CC_GetRandom 0x0000017b
#define TPM2_CC_GetTestResult 0x0000017c
#define TPM2_CC_PCR_Read 0x0000017e
#define TPM2_CC_PCR_Extend 0x00000182
#define TPM2_CC_CreateLoaded 0x00000191

/* Part 2, 6.6 TPM_RC. */
#define TPM2_RC_SUCCESS 0x000
#define TPM2_RC_INITIALIZE 0x100
#define TPM2_RC_FAILURE 0x101
#define TPM2_RC_COMMAND_CODE 0x143
#define TPM2_RC_AUTH_CONTEXT 0x145
#define TPM2_RC_HANDLE_P1 0x1cb /* TPM_RC_HANDLE of parameter 1 */
#define TPM2_RC_CONTEXT_GAP 0x901
#define TPM2_RC_OBJECT_MEMORY 0x902
#define TPM2_RC_SESSION_MEMORY 0x903
#define TPM2_RC_MEMORY 0x904
#define TPM2_RC_SESSION_HANDLES 0x905
#define TPM2_RC_OBJECT_HANDLES 0x906
#define TPM2_RC_YIELDED 0x908
#define TPM2_RC_CANCELED 0x909
#define TPM2_RC_TESTING 0x90a
#define TPM2_RC_REFERENCE_H0 0x910
#define TPM2_RC_REFERENCE_S0 0x918
#define TPM2_RC_RETRY 0x922

/* Part 2, 6.10 TPM_SU. */
#define TPM2_SU_CLEAR 0x0000
#define TPM2_SU_STATE 0x0001

/* Part 2, 7.4 TPM_RH, and 7.2 TPM_HT in the most significant byte of a handle. */
#define TPM2_RH_OWNER 0x40000001
#define TPM2_RH_NULL 0x40000007
#define TPM2_RS_PW 0x40000009
#define TPM2_RH_LOCKOUT 0x4000000a
#define TPM2_RH_ENDORSEMENT 0x4000000b
#define TPM2_RH_PLATFORM 0x4000000c
#define TPM2_HT_PCR 0x00
#define TPM2_HT_NV_INDEX 0x01
#define TPM2_HT_HMAC_SESSION 0x02
#define TPM2_HT_POLICY_SESSION 0x03
#define TPM2_HT_PERMANENT 0x40
#define TPM2_HT_TRANSIENT 0x80
#define TPM2_HT_PERSISTENT 0x81

/* Part 2, 6.12 TPM_CAP. */
#define TPM2_CAP_ALGS 0
#define TPM2_CAP_HANDLES 1
#define TPM2_CAP_COMMANDS 2
#define TPM2_CAP_PCRS 5
#define TPM2_CAP_TPM_PROPERTIES 6

/* Part 2, 6.13 TPM_PT. */
#define TPM2_PT_HR_TRANSIENT_MIN 0x10e
#define TPM2_PT_HR_LOADED_MIN 0x110

/* TPM 1.2 Part 2, 17: ordinals. */
#define TPM12_ORD_TakeOwnership 0x0000000d
#define TPM12_ORD_CreateWrapKey 0x0000001f
#define TPM12_ORD_SelfTestFull 0x00000050
#define TPM12_ORD_ContinueSelfTest 0x00000053
#define TPM12_ORD_GetCapability 0x00000065
#define TPM12_ORD_CreateEndorsementKeyPair 0x00000078
#define TPM12_ORD_MakeIdentity 0x00000079
#define TPM12_ORD_SaveState 0x00000098
#define TPM12_ORD_Startup 0x00000099
#define TPM12_ST_CLEAR 0x0001

/* TPM 1.2 Part 2, 16: return codes. */
#define TPM12_FAIL 0x009
#define TPM12_INVALID_POSTINIT 0x026

#endif
