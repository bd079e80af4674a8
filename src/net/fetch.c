/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/fetch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/limits.h"
#include "base/mem.h"
#include "net/fetch_wire.h"

enum { GRACE_MS = 5000, WORDS = 512 };

bool fetch_is_url(const char *text)
{
	return strncasecmp(text, "https://", 8) == 0 || strncasecmp(text, "http://", 7) == 0;
}

/* The one beside this program is that of the build tree: whoever could put it there could change this
 * program. */
static char *find_program(void)
{
	char exe[4096], *path, *slash;
	ssize_t len = readlink("/proc/self/exe", exe, sizeof(exe) - 1);

	if (len > 0) {
		exe[len] = '\0';
		slash = strrchr(exe, '/');
		path = mem_print("%.*s/anchorage-fetch", (int)(slash != NULL ? slash - exe : 0), exe);
		if (access(path, X_OK) == 0)
			return path;
		free(path);
	}
	return mem_print("%s/anchorage-fetch", PKGLIBEXECDIR);
}

/* --- the process --- */

struct fetcher {
	pid_t pid;
	int wire, words; /* our ends */
};

/* Of the environment only what names a proxy: not what makes libraries load code or write down keys. */
static char **proxies(void)
{
	static const char *const names[] = { "http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy",
					     "ALL_PROXY",  "no_proxy",    "NO_PROXY" };
	enum { COUNT = sizeof(names) / sizeof(names[0]) };
	char **all = mem_zero((COUNT + 1) * sizeof(*all));
	size_t count = 0;

	for (size_t i = 0; i < COUNT; i++) {
		const char *value = getenv(names[i]);

		if (value != NULL)
			all[count++] = mem_print("%s=%s", names[i], value);
	}
	return all;
}

static int spawn(const char *program, int wire, int words, pid_t *ret)
{
	char *name = mem_print("%s", program), *const argv[] = { name, NULL }, **environment = proxies();
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t all, none;
	int failed;

	sigfillset(&all);
	sigemptyset(&none);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, wire, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, wire, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions, words, STDERR_FILENO);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigdefault(&attributes, &all);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
	failed = posix_spawn(ret, program, &actions, &attributes, argv, environment);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	for (char **one = environment; *one != NULL; one++)
		free(*one);
	free(environment);
	free(name);
	return failed;
}

static bool start(const char *program, struct fetcher *ret, struct err *err)
{
	int wire[2] = { -1, -1 }, words[2] = { -1, -1 }, failed = 0;

	*ret = (struct fetcher){ -1, -1, -1 };
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, wire) != 0 || pipe2(words, O_CLOEXEC) != 0)
		failed = errno;
	for (int i = 0; i < 2; i++) {
		wire[i] = fd_above(wire[i]);
		words[i] = fd_above(words[i]);
	}
	if (failed == 0)
		failed = spawn(program, wire[1], words[1], &ret->pid);
	if (wire[1] >= 0)
		close(wire[1]);
	if (words[1] >= 0)
		close(words[1]);
	ret->wire = wire[0];
	ret->words = words[0];
	if (failed == 0)
		return true;
	ret->pid = -1;
	if (failed == ENOENT)
		return err_set(
			err, ERR_ABSENT,
			"'%s', which fetches from the network, is not there; install all of anchorage, or "
			"fetch the file by other means and name it",
			program);
	return err_set(err, ERR_SYSTEM, "'%s' could not be started: %s", program, strerror(failed));
}

static void end(struct fetcher *it)
{
	if (it->pid > 0) {
		kill(it->pid, SIGKILL);
		while (waitpid(it->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	if (it->wire >= 0)
		close(it->wire);
	if (it->words >= 0)
		close(it->words);
}

/* --- asking and listening --- */

/* What cannot be sent is told by what comes back. */
static void ask(const struct fetcher *it, const struct fetch_wish *wish)
{
	struct buf message = { 0 };
	size_t begun = fetch_begin(&message, FETCH_ASK);
	struct bytes rest;
	bool ok = true;

	fetch_put(&message, FETCH_URL, bytes_of(wish->url));
	fetch_put(&message, FETCH_AUTHORITIES, wish->authorities);
	if (wish->plain)
		fetch_put(&message, FETCH_PLAIN, bytes_of(""));
	fetch_put_number(&message, FETCH_MOST, LIMIT_FETCH_SIZE);
	fetch_put_number(&message, FETCH_TOTAL_MS, LIMIT_FETCH_MS);
	fetch_put_number(&message, FETCH_CONNECT_MS, LIMIT_FETCH_CONNECT_MS);
	fetch_put_number(&message, FETCH_SLOW_BYTES, LIMIT_FETCH_SLOW_BYTES);
	fetch_put_number(&message, FETCH_SLOW_SECONDS, LIMIT_FETCH_SLOW_SECONDS);
	fetch_put_number(&message, FETCH_REDIRECTS, LIMIT_FETCH_REDIRECTS);
	fetch_finish(&message, begun);
	rest = buf_view(&message);
	while (ok && rest.len > 0) {
		ssize_t n = send(it->wire, rest.at, rest.len, MSG_NOSIGNAL);

		ok = n > 0 || (n < 0 && errno == EINTR);
		rest = n > 0 ? bytes_skip(rest, (size_t)n) : rest;
	}
	shutdown(it->wire, SHUT_WR);
	buf_done(&message);
}

static const struct {
	enum err_code code;
	const char *what, *then;
} failures[FETCH_FAILURES] = {
	[FETCH_OTHER] = { ERR_SYSTEM, "it could not be fetched", "" },
	[FETCH_BAD_URL] = { ERR_USAGE, "this is no URL", "" },
	[FETCH_NOT_SECURE] = { ERR_USAGE,
			       "it leads to something else than https, which anybody on the way may change",
			       "; --insecure-source allows http where a digest or signature is compared" },
	[FETCH_UNFOUND] = { ERR_SYSTEM, "the host is not known",
			    "; look at the name, the resolver and the proxy" },
	[FETCH_UNREACHED] = { ERR_SYSTEM, "no connection",
			      "; look at the network and at the variables https_proxy and no_proxy" },
	[FETCH_UNTRUSTED] = { ERR_DAMAGED, "the server's certificate does not verify",
			      "; if it is issued by an authority of your own, name its certificate with "
			      "--source-ca" },
	[FETCH_REFUSED] = { ERR_ABSENT, "the server does not give it", "; look at the URL" },
	[FETCH_TOO_LARGE] = { ERR_LIMIT, "it is too large", "; is it a list of certificates?" },
	[FETCH_TOO_SLOW] = { ERR_LIMIT, "it took too long", "; fetch it by other means, and name the file" },
	[FETCH_TOO_FAR] = { ERR_LIMIT, "it was sent on too often", "; name the URL where it ends" },
	[FETCH_CUT] = { ERR_DAMAGED, "the connection broke off", "; try again" },
};

/* Behind the reason libcurl names the files of the process in which it ran, which nobody can look at. */
static size_t words_of(struct bytes text)
{
	static const char files[] = ". CAfile:";
	const uint8_t *at = text.len > 0 ? memmem(text.at, text.len, files, strlen(files)) : NULL;
	size_t len = at != NULL ? (size_t)(at - text.at) : text.len;

	return len < WORDS ? len : WORDS;
}

static bool failed(const struct fetch_message *message, struct err *err)
{
	uint64_t code = fetch_number(message, FETCH_CODE);
	struct bytes text = message->field[FETCH_TEXT];

	if (code >= FETCH_FAILURES)
		code = FETCH_OTHER;
	return err_set(err, failures[code].code, "%s (%.*s)%s", failures[code].what, (int)words_of(text),
		       (const char *)text.at, failures[code].then);
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* One more piece of what it says. 0: it has ended; -1: it is overdue. */
static int listen_once(const struct fetcher *it, struct buf *heard, int64_t until)
{
	enum { STEP = 1 << 16 };

	for (;;) {
		struct pollfd fd = { .fd = it->wire, .events = POLLIN };
		int64_t left = until - now_ms();
		ssize_t n;

		if (left <= 0)
			return -1;
		if (poll(&fd, 1, (int)left) <= 0)
			continue;
		n = read(it->wire, buf_room(heard, STEP), STEP);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return 0;
		heard->len += (size_t)n;
		return 1;
	}
}

/* It said nothing that ends: what it printed may tell why. */
static bool died(const struct fetcher *it, struct err *err)
{
	char words[WORDS];
	ssize_t n;

	fcntl(it->words, F_SETFL, O_NONBLOCK);
	n = read(it->words, words, sizeof(words));
	while (n > 0 && words[n - 1] == '\n')
		n--;
	return err_set(err, ERR_SYSTEM, "the program that fetches ended without an answer%s%.*s",
		       n > 0 ? ": " : "", n > 0 ? (int)n : 0, words);
}

static bool end_of(const struct fetch_message *message, struct fetched *into, struct err *err)
{
	struct bytes url = message->field[FETCH_URL];

	if (fetch_number(message, FETCH_SIZE) != into->body.len)
		return err_set(err, ERR_LIED, "the program that fetches told of %llu bytes and gave %zu",
			       (unsigned long long)fetch_number(message, FETCH_SIZE), into->body.len);
	into->url = mem_string((const char *)url.at, url.len < LIMIT_FETCH_URL ? url.len : LIMIT_FETCH_URL);
	return true;
}

static bool hear(const struct fetcher *it, struct fetched *into, struct err *err)
{
	int64_t until = now_ms() + LIMIT_FETCH_MS + GRACE_MS;
	struct buf heard = { 0 };
	size_t at = 0;
	bool ok = false;

	for (;;) {
		struct fetch_message message;
		enum fetch_got got = fetch_next(buf_view(&heard), &at, &message);

		if (got == FETCH_SHORT) {
			int more;

			if (at > 0 && heard.at != NULL) {
				memmove(heard.at, heard.at + at, heard.len - at);
				heard.len -= at;
				at = 0;
			}
			more = listen_once(it, &heard, until);
			if (more > 0)
				continue;
			ok = more < 0 ? err_set(err, ERR_LIMIT,
						"it took too long; fetch it by other means, and "
						"name the file")
				      : died(it, err);
			break;
		}
		if (got == FETCH_GOT && message.type == FETCH_DATA &&
		    message.field[FETCH_BYTES].len <= LIMIT_FETCH_SIZE - into->body.len) {
			buf_bytes(&into->body, message.field[FETCH_BYTES]);
			continue;
		}
		if (got == FETCH_GOT && message.type == FETCH_END)
			ok = end_of(&message, into, err);
		else if (got == FETCH_GOT && message.type == FETCH_FAIL)
			ok = failed(&message, err);
		else
			ok = err_set(err, ERR_LIED, "the program that fetches gave no sensible answer");
		break;
	}
	buf_done(&heard);
	return ok;
}

bool fetch_file(const struct fetch_wish *wish, struct fetched *ret, struct err *err)
{
	char *program = wish->program != NULL ? mem_print("%s", wish->program) : find_program();
	struct fetched into = { .url = NULL };
	struct fetcher it = { -1, -1, -1 };
	bool ok = false;

	if (strlen(wish->url) > LIMIT_FETCH_URL)
		err_set(err, ERR_LIMIT, "a URL of more than %d bytes", LIMIT_FETCH_URL);
	else if (wish->authorities.len > LIMIT_FETCH_AUTHORITIES)
		err_set(err, ERR_LIMIT, "more certificates of authorities than %zu MiB",
			LIMIT_FETCH_AUTHORITIES >> 20);
	else if (start(program, &it, err)) {
		ask(&it, wish);
		ok = hear(&it, &into, err);
	}
	end(&it);
	if (ok)
		*ret = into;
	else
		fetched_done(&into);
	free(program);
	return ok || err_in(err, "%s", wish->url);
}

void fetched_done(struct fetched *fetched)
{
	buf_done(&fetched->body);
	free(fetched->url);
	*fetched = (struct fetched){ .url = NULL };
}
