/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/fence.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/err.h"
#include "base/limits.h"

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0 /* it needs more address space than any limit, and calls that are denied */
#endif

#if SANITIZED
#elif defined(__x86_64__) && defined(__LP64__)
#define FENCE_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__) && defined(__LP64__)
#define FENCE_ARCH AUDIT_ARCH_AARCH64
#endif

/* "nobody" has this number on every distribution; asking the name service for it would be asking as root. */
enum { NOBODY = 65534, NOFILE = 128 };

/* --- the user --- */

static bool become_nobody(void)
{
	if (geteuid() != 0 && getuid() != 0)
		return true;
	return setgroups(0, NULL) == 0 && setresgid(NOBODY, NOBODY, NOBODY) == 0 &&
	       setresuid(NOBODY, NOBODY, NOBODY) == 0 && getuid() == NOBODY && geteuid() == NOBODY;
}

/* Of a root that may not change its user, as in a namespace that knows no other. */
static bool drop_capabilities(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[2] = { { 0, 0, 0 }, { 0, 0, 0 } };

	return syscall(SYS_capset, &head, none) == 0;
}

/* --- files: Landlock --- */

#ifndef SYS_landlock_create_ruleset /* the same numbers everywhere, Linux 5.13 */
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule       445
#define SYS_landlock_restrict_self  446
#endif

/* linux/landlock.h is younger than some systems that this is built on. */
enum { RULE_PATH_BENEATH = 1, ASK_VERSION = 1 };
#define READ_FILE UINT64_C(1 << 2)
#define READ_DIR  UINT64_C(1 << 3)

struct ruleset {
	uint64_t files;
};

struct beneath {
	uint64_t allowed;
	int32_t parent;
} __attribute__((packed));

static void allow_reading(int ruleset, const char *path)
{
	int fd = open(path, O_PATH | O_CLOEXEC);
	struct beneath beneath = { READ_FILE | READ_DIR, fd };

	if (fd < 0)
		return;
	if (syscall(SYS_landlock_add_rule, ruleset, RULE_PATH_BENEATH, &beneath, 0) != 0) {
		beneath.allowed = READ_FILE; /* a file can have no more */
		syscall(SYS_landlock_add_rule, ruleset, RULE_PATH_BENEATH, &beneath, 0);
	}
	close(fd);
}

/* What a resolver, a TLS library and a loader read. */
static bool close_files(void)
{
	static const char *const readable[] = { "/etc",       "/usr",      "/lib",         "/lib64",
						"/run",       "/var/run",  "/proc",        "/nix/store",
						"/gnu/store", "/dev/null", "/dev/urandom", "/dev/random" };
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0, ASK_VERSION);
	struct ruleset all = { version >= 3   ? (UINT64_C(1) << 15) - 1
			       : version == 2 ? (UINT64_C(1) << 14) - 1
					      : (UINT64_C(1) << 13) - 1 };
	bool ok;
	int fd;

	if (version < 1)
		return false;
	fd = (int)syscall(SYS_landlock_create_ruleset, &all, sizeof(all), 0);
	if (fd < 0)
		return false;
	for (size_t i = 0; i < sizeof(readable) / sizeof(readable[0]); i++)
		allow_reading(fd, readable[i]);
	ok = syscall(SYS_landlock_restrict_self, fd, 0) == 0;
	close(fd);
	return ok;
}

/* --- calls: seccomp --- */

#ifdef FENCE_ARCH
#define NUMBER      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr))
#define ARCH        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch))
#define FIRST       BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])) /* little-endian */
#define YES         BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
#define NO(why)     BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (why))
#define DENY(call)  BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_##call, 0, 1), NO(EPERM)
#define FAMILY(one) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, one, 0, 1), YES
#define X32         0x40000000

static void close_calls(void)
{
	static struct sock_filter filter[] = {
		ARCH,
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, FENCE_ARCH, 1, 0),
		NO(EPERM),
		NUMBER,
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, X32, 0, 1),
		NO(EPERM),
#ifdef __NR_fork
		DENY(fork),
		DENY(vfork),
#endif
		DENY(execve),
		DENY(execveat),
		DENY(ptrace),
		DENY(process_vm_readv),
		DENY(process_vm_writev),
		DENY(listen),
		DENY(accept),
		DENY(accept4),
		DENY(mount),
		DENY(umount2),
		DENY(pivot_root),
		DENY(chroot),
		DENY(unshare),
		DENY(setns),
		DENY(bpf),
		DENY(perf_event_open),
		DENY(userfaultfd),
		DENY(add_key),
		DENY(request_key),
		DENY(keyctl),
		DENY(init_module),
		DENY(finit_module),
		DENY(delete_module),
		DENY(kexec_load),
		DENY(open_by_handle_at),
		DENY(io_uring_setup),
		DENY(kill),
		DENY(tkill),
#ifdef __NR_clone3 /* its flags are in memory: the C library then uses the one below */
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_clone3, 0, 1),
		NO(ENOSYS),
#endif
		/* Threads, which look names up, and no processes. */
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_clone, 0, 4),
		FIRST,
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 1, 0),
		NO(EPERM),
		YES,
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_socket, 1, 0),
		YES,
		FIRST,
		FAMILY(AF_UNIX),
		FAMILY(AF_INET),
		FAMILY(AF_INET6),
		FAMILY(AF_NETLINK),
		NO(EAFNOSUPPORT),
	};
	const struct sock_fprog program = { sizeof(filter) / sizeof(filter[0]), filter };

	prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}
#else
static void close_calls(void)
{
}
#endif

/* --- all of it --- */

static void limit(int what, rlim_t most)
{
	struct rlimit now;

	if (getrlimit((__rlimit_resource_t)what, &now) != 0)
		return;
	if (now.rlim_max > most)
		now.rlim_max = most;
	now.rlim_cur = now.rlim_max;
	setrlimit((__rlimit_resource_t)what, &now);
}

static void close_others(void)
{
#ifdef SYS_close_range
	if (syscall(SYS_close_range, 3U, ~0U, 0) == 0)
		return;
#endif
	for (int fd = 3; fd < 1 << 16; fd++)
		close(fd);
}

bool fence_process(struct err *err)
{
	bool nobody, closed;

	close_others();
	limit(RLIMIT_CORE, 1); /* 1 and not 0, as in medium/helper.c */
	limit(RLIMIT_CPU, LIMIT_FETCH_MS / 1000);
	limit(RLIMIT_NOFILE, NOFILE);
	if (!SANITIZED)
		limit(RLIMIT_AS, LIMIT_FETCH_MEMORY);
	nobody = become_nobody();
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return err_set(err, ERR_SYSTEM, "cannot give rights away for good: %s", strerror(errno));
	closed = close_files();
	/* Who changed its user owns its /proc/self again only so, and is told of its parent's end. */
	prctl(PR_SET_DUMPABLE, 1);
	if (!nobody && !(drop_capabilities() && closed))
		return err_set(err, ERR_SYSTEM, "cannot give the rights of root away");
	close_calls();
	return true;
}

void fence_files(void)
{
	limit(RLIMIT_FSIZE, 0);
}
