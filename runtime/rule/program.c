/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/rule/program.h"

#include <string.h>

/* struct bpf_cgroup_dev_ctx has the access in the upper half of its first word, the type in the
 * lower. */
#define READ_WRITE_CHAR \
	((uint32_t)(BPF_DEVCG_ACC_READ | BPF_DEVCG_ACC_WRITE) << 16 | BPF_DEVCG_DEV_CHAR)

#define CTX(member) offsetof(struct bpf_cgroup_dev_ctx, member)

/* The initial value of r1; no arithmetic of a device program makes it by chance. */
#define CONTEXT (UINT64_C(1) << 48)

/* The kernel's own register: programs that it has blinded compute constants in it. */
#define REG_AX MAX_BPF_REG

struct machine {
	uint64_t reg[REG_AX + 1];
	struct bpf_cgroup_dev_ctx context;
};

static struct bpf_insn insn(uint8_t code, unsigned int dst, int16_t off, int32_t imm)
{
	/* Our rules load only from the context. */
	unsigned int src = BPF_CLASS(code) == BPF_LDX ? BPF_REG_1 : 0;

	return (struct bpf_insn){
		.code = code, .dst_reg = dst & 0xf, .src_reg = src & 0xf, .off = off, .imm = imm
	};
}

/*
 * "rw" of one character device. What is not that falls through to the program behind; the context
 * in r1 is left alone, and no program may expect anything in the other registers.
 */
static void make_rule(const struct device_number *device, struct bpf_insn *rule)
{
	const uint8_t load = BPF_LDX | BPF_MEM | BPF_W, unequal = BPF_JMP | BPF_JNE | BPF_K;

	rule[0] = insn(load, BPF_REG_2, CTX(access_type), 0);
	rule[1] = insn(BPF_ALU64 | BPF_AND | BPF_K, BPF_REG_2, 0, (int32_t)~READ_WRITE_CHAR);
	rule[2] = insn(unequal, BPF_REG_2, 6, 0);
	rule[3] = insn(load, BPF_REG_2, CTX(major), 0);
	rule[4] = insn(unequal, BPF_REG_2, 4, (int32_t)device->major);
	rule[5] = insn(load, BPF_REG_2, CTX(minor), 0);
	rule[6] = insn(unequal, BPF_REG_2, 2, (int32_t)device->minor);
	rule[7] = insn(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 1);
	rule[8] = insn(BPF_JMP | BPF_EXIT, 0, 0, 0);
}

/* False: not from the context, or not within it. */
static bool load(struct machine *m, const struct bpf_insn *i)
{
	uint32_t word;

	if (BPF_MODE(i->code) != BPF_MEM || BPF_SIZE(i->code) != BPF_W ||
	    m->reg[i->src_reg] != CONTEXT || i->off < 0 || i->off % 4 != 0 ||
	    (size_t)i->off + sizeof(word) > sizeof(m->context))
		return false;
	memcpy(&word, (const uint8_t *)&m->context + i->off, sizeof(word));
	m->reg[i->dst_reg] = word;
	return true;
}

static uint64_t operand(const struct machine *m, const struct bpf_insn *i)
{
	return BPF_SRC(i->code) == BPF_X ? m->reg[i->src_reg] : (uint64_t)(int64_t)i->imm;
}

static bool compute(struct machine *m, const struct bpf_insn *i)
{
	bool wide = BPF_CLASS(i->code) == BPF_ALU64;
	uint64_t a = m->reg[i->dst_reg], b = operand(m, i);

	if (!wide)
		a = (uint32_t)a, b = (uint32_t)b;
	switch (BPF_OP(i->code)) {
	case BPF_MOV:
		a = b;
		break;
	case BPF_AND:
		a &= b;
		break;
	case BPF_OR:
		a |= b;
		break;
	case BPF_XOR:
		a ^= b;
		break;
	case BPF_ADD:
		a += b;
		break;
	case BPF_SUB:
		a -= b;
		break;
	case BPF_LSH:
		a <<= b & (wide ? 63 : 31);
		break;
	case BPF_RSH:
		a >>= b & (wide ? 63 : 31);
		break;
	default:
		return false;
	}
	m->reg[i->dst_reg] = wide ? a : (uint32_t)a;
	return true;
}

static bool jump(const struct machine *m, const struct bpf_insn *i, bool *taken)
{
	uint64_t a = m->reg[i->dst_reg], b = operand(m, i);

	if (BPF_CLASS(i->code) == BPF_JMP32)
		a = (uint32_t)a, b = (uint32_t)b;
	switch (BPF_OP(i->code)) {
	case BPF_JA:
		*taken = true;
		return BPF_CLASS(i->code) == BPF_JMP;
	case BPF_JEQ:
		*taken = a == b;
		return true;
	case BPF_JNE:
		*taken = a != b;
		return true;
	case BPF_JSET:
		*taken = (a & b) != 0;
		return true;
	case BPF_JGT:
		*taken = a > b;
		return true;
	case BPF_JGE:
		*taken = a >= b;
		return true;
	case BPF_JLT:
		*taken = a < b;
		return true;
	case BPF_JLE:
		*taken = a <= b;
		return true;
	default:
		return false;
	}
}

static bool registers_exist(const struct bpf_insn *i)
{
	return i->dst_reg <= REG_AX && i->src_reg <= REG_AX;
}

/* Does instruction *PC and moves it on; false when it cannot be followed. */
static bool step(struct machine *m, const struct bpf_insn *program, size_t *pc)
{
	const struct bpf_insn *i = &program[*pc];
	bool taken = false, known = false;

	if (!registers_exist(i))
		return false;
	switch (BPF_CLASS(i->code)) {
	case BPF_LDX:
		known = load(m, i);
		break;
	case BPF_ALU:
	case BPF_ALU64:
		known = compute(m, i);
		break;
	case BPF_JMP:
	case BPF_JMP32:
		known = jump(m, i, &taken);
		break;
	default:
		break;
	}
	/* The kernel lets no device program jump back. */
	if (!known || (taken && i->off < 0))
		return false;
	*pc += 1 + (taken ? (size_t)i->off : 0);
	return true;
}

bool device_program_allows(const struct bpf_insn *program, size_t len,
			   const struct device_number *device)
{
	struct machine m = { .context = { .access_type = READ_WRITE_CHAR,
					  .major = device->major,
					  .minor = device->minor } };

	m.reg[BPF_REG_1] = CONTEXT;
	for (size_t pc = 0; pc < len;) {
		if (program[pc].code == (BPF_JMP | BPF_EXIT))
			return m.reg[BPF_REG_0] == 1;
		if (!step(&m, program, &pc))
			return false;
	}
	return false;
}

bool device_program_is_blinded(const struct bpf_insn *program, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (program[i].dst_reg == REG_AX || program[i].src_reg == REG_AX)
			return true;
	}
	return false;
}

bool device_program_is_portable(const struct bpf_insn *program, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (program[i].code != (BPF_LD | BPF_IMM | BPF_DW))
			continue;
		if (program[i].src_reg != 0)
			return false;
		i++; /* its second half */
	}
	return true;
}

/* The kernel marks the zero extensions it inserts itself, and refuses the mark when it comes back.
 */
static struct bpf_insn without_mark(struct bpf_insn i)
{
	if (i.code == (BPF_ALU | BPF_MOV | BPF_X) && i.off == 0)
		i.imm = 0;
	return i;
}

void device_program_prepend(const struct bpf_insn *program, size_t len,
			    const struct device_number *devices, size_t count, struct bpf_insn *ret)
{
	for (size_t i = 0; i < count; i++, ret += DEVICE_RULE_LEN)
		make_rule(&devices[i], ret);
	for (size_t i = 0; i < len; i++)
		ret[i] = without_mark(program[i]);
}

static bool begins_with_rule(const struct bpf_insn *program, size_t len,
			     const struct device_number *devices, size_t count)
{
	struct bpf_insn rule[DEVICE_RULE_LEN];

	/* A rule is in front of something: alone it would end without a verdict. */
	if (len <= DEVICE_RULE_LEN)
		return false;
	for (size_t i = 0; i < count; i++) {
		make_rule(&devices[i], rule);
		if (memcmp(program, rule, sizeof(rule)) == 0)
			return true;
	}
	return false;
}

size_t device_program_strip(const struct bpf_insn *program, size_t len,
			    const struct device_number *devices, size_t count, struct bpf_insn *ret)
{
	size_t kept = 0;

	/* Rules of other vTPMs, put in front later, may stand between ours. */
	while (len > DEVICE_RULE_LEN) {
		struct device_number its = { (uint32_t)program[4].imm, (uint32_t)program[6].imm };

		if (!begins_with_rule(program, len, &its, 1))
			break;
		if (!begins_with_rule(program, len, devices, count)) {
			memcpy(ret + kept, program, DEVICE_RULE_LEN * sizeof(*program));
			kept += DEVICE_RULE_LEN;
		}
		program += DEVICE_RULE_LEN;
		len -= DEVICE_RULE_LEN;
	}
	for (size_t i = 0; i < len; i++)
		ret[kept + i] = without_mark(program[i]);
	return kept + len;
}
