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
#define TPM2_CC_ChangeEPS 0x00000124
#define TPM2_CC_ChangePPS 0x00000125
#define TPM2_CC_Clear 0x00000126
#define TPM2_CC_HierarchyChangeAuth 0x00000129
#define TPM2_CC_NV_DefineSpace 0x0000012a
#define TPM2_CC_PCR_Allocate 0x0000012b
#define TPM2_CC_CreatePrimary 0x00000131
#define TPM2_CC_NV_Write 0x00000137
#define TPM2_CC_NV_WriteLock 0x00000138
#define TPM2_CC_IncrementalSelfTest 0x00000142
#define TPM2_CC_SelfTest 0x00000143
#define TPM2_CC_Startup 0x00000144
#define TPM2_CC_Shutdown 0x00000145
#define TPM2_CC_Create 0x00000153
#define TPM2_CC_Load 0x00000157
#define TPM2_CC_ContextLoad 0x00000161
#define TPM2_CC_ContextSave 0x00000162
#define TPM2_CC_FlushContext 0x00000165
#define TPM2_CC_LoadExternal 0x00000167
#define TPM2_CC_NV_ReadPublic 0x00000169
#define TPM2_CC_NV_Read 0x0000014e
#define TPM2_CC_ActivateCredential 0x00000147
#define TPM2_CC_PolicySecret 0x00000151
#define TPM2_CC_Quote 0x00000158
#define TPM2_CC_ReadPublic 0x00000173
#define TPM2_CC_ReadClock 0x00000181
#define TPM2_CC_StartAuthSession 0x00000176
#define TPM2_CC_GetCapability 0x0000017a
#define TPM2_CC_GetRandom 0x0000017b
#define TPM2_CC_PCR_Read 0x0000017e
#define TPM2_CC_PCR_Extend 0x00000182
#define TPM2_CC_PolicyGetDigest 0x00000189
#define TPM2_CC_TestParms 0x0000018a
#define TPM2_CC_CreateLoaded 0x00000191

/* Part 2, 6.6 TPM_RC. */
#define TPM2_RC_SUCCESS 0x000
#define TPM2_RC_INITIALIZE 0x100
#define TPM2_RC_FAILURE 0x101
#define TPM2_RC_COMMAND_CODE 0x143
#define TPM2_RC_AUTH_CONTEXT 0x145
#define TPM2_RC_NV_SPACE 0x14b
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
#define TPM2_CAP_HANDLES 1
#define TPM2_CAP_COMMANDS 2
#define TPM2_CAP_PCRS 5
#define TPM2_CAP_TPM_PROPERTIES 6

/* Part 2, 6.13 TPM_PT: the fixed properties. */
#define TPM2_PT_FAMILY_INDICATOR 0x100
#define TPM2_SPEC_FAMILY 0x322e3000 /* its value: the text "2.0" */
#define TPM2_PT_LEVEL 0x101
#define TPM2_PT_REVISION 0x102
#define TPM2_PT_MANUFACTURER 0x105
#define TPM2_PT_FIRMWARE_VERSION_1 0x10b
#define TPM2_PT_HR_TRANSIENT_MIN 0x10e
#define TPM2_PT_HR_LOADED_MIN 0x110

/* Part 2, 6.3 TPM_ALG_ID, and 6.4 TPM_ECC_CURVE. */
#define TPM2_ALG_RSA 0x0001
#define TPM2_ALG_SHA1 0x0004
#define TPM2_ALG_AES 0x0006
#define TPM2_ALG_SHA256 0x000b
#define TPM2_ALG_SHA384 0x000c
#define TPM2_ALG_SHA512 0x000d
#define TPM2_ALG_NULL 0x0010
#define TPM2_ALG_SM3_256 0x0012
#define TPM2_ALG_RSASSA 0x0014
#define TPM2_ALG_RSAPSS 0x0016
#define TPM2_ALG_ECDSA 0x0018
#define TPM2_ALG_ECC 0x0023
#define TPM2_ALG_SHA3_256 0x0027
#define TPM2_ALG_SHA3_384 0x0028
#define TPM2_ALG_SHA3_512 0x0029
#define TPM2_ALG_CFB 0x0043
#define TPM2_ECC_NIST_P256 0x0003
#define TPM2_ECC_NIST_P384 0x0004
#define TPM2_ECC_NIST_P521 0x0005

/* Part 2, 8.3 TPMA_OBJECT. */
#define TPM2_OBJECT_FIXEDTPM 0x00000002
#define TPM2_OBJECT_FIXEDPARENT 0x00000010
#define TPM2_OBJECT_SENSITIVEDATAORIGIN 0x00000020
#define TPM2_OBJECT_USERWITHAUTH 0x00000040
#define TPM2_OBJECT_ADMINWITHPOLICY 0x00000080
#define TPM2_OBJECT_NODA 0x00000400
#define TPM2_OBJECT_ENCRYPTEDDUPLICATION 0x00000800
#define TPM2_OBJECT_RESTRICTED 0x00010000
#define TPM2_OBJECT_DECRYPT 0x00020000
#define TPM2_OBJECT_SIGN 0x00040000
#define TPM2_OBJECT_X509SIGN 0x00080000

/* Part 2, 13.4 TPMA_NV. */
#define TPM2_NV_PPWRITE 0x00000001
#define TPM2_NV_WRITEDEFINE 0x00002000
#define TPM2_NV_PPREAD 0x00010000
#define TPM2_NV_OWNERREAD 0x00020000
#define TPM2_NV_AUTHREAD 0x00040000
#define TPM2_NV_NO_DA 0x02000000
#define TPM2_NV_PLATFORMCREATE 0x40000000

/* TPM 1.2 Part 2, 17: ordinals. */
#define TPM12_ORD_OIAP 0x0000000a
#define TPM12_ORD_TakeOwnership 0x0000000d
#define TPM12_ORD_PcrRead 0x00000015
#define TPM12_ORD_KeyControlOwner 0x00000023
#define TPM12_ORD_CreateWrapKey 0x0000001f
#define TPM12_ORD_SelfTestFull 0x00000050
#define TPM12_ORD_ContinueSelfTest 0x00000053
#define TPM12_ORD_GetCapability 0x00000065
#define TPM12_ORD_PhysicalEnable 0x0000006f
#define TPM12_ORD_PhysicalSetDeactivated 0x00000072
#define TPM12_ORD_CreateEndorsementKeyPair 0x00000078
#define TPM12_ORD_MakeIdentity 0x00000079
#define TPM12_ORD_ReadPubek 0x0000007c
#define TPM12_ORD_SaveState 0x00000098
#define TPM12_ORD_Startup 0x00000099
#define TPM12_ORD_NV_DefineSpace 0x000000cc
#define TPM12_ORD_NV_WriteValue 0x000000cd
#define TPM12_ORD_NV_ReadValue 0x000000cf
#define TPM12_ORD_Delegate_Manage 0x000000d2
#define TPM12_ORD_Delegate_LoadOwnerDelegation 0x000000d8
#define TPM12_ORD_CreateCounter 0x000000dc
#define TPM12_ORD_TSC_PhysicalPresence 0x4000000a
#define TPM12_ST_CLEAR 0x0001

/* TPM 1.2 Part 2, 16: return codes. */
#define TPM12_BAD_PARAMETER 0x003
#define TPM12_NOSPACE 0x011
#define TPM12_NO_ENDORSEMENT 0x023
#define TPM12_INVALID_POSTINIT 0x026

#endif
