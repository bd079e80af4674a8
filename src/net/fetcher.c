/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * anchorage-fetch: fetches one file for anchorage, which is on the other end of its
 * standard input and output (net/fetch_wire.h). The only user of libcurl, and no
 * program for people. It gives its rights away before it reads a byte.
 */
#include <curl/curl.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/limits.h"
#include "net/fence.h"
#include "net/fetch_wire.h"

#ifdef MFD_NOEXEC_SEAL
enum { MEMORY_FILE = MFD_CLOEXEC | MFD_NOEXEC_SEAL };
#else
enum { MEMORY_FILE = MFD_CLOEXEC };
#endif

struct fetching {
	struct fetch_message ask;
	CURL *curl;
	uint64_t size; /* of the body, up to now */
	bool too_large, lost;
	char complaint[CURL_ERROR_SIZE];
};

static bool tell(struct buf *message)
{
	bool ok = fd_write(STDOUT_FILENO, buf_view(message));

	buf_done(message);
	return ok;
}

static int fail(enum fetch_failure code, const char *text)
{
	struct buf message = { 0 };
	size_t begun = fetch_begin(&message, FETCH_FAIL);

	fetch_put_number(&message, FETCH_CODE, code);
	fetch_put(&message, FETCH_TEXT, bytes_of(text));
	fetch_finish(&message, begun);
	tell(&message);
	return 1;
}

/* The one message that is asked. */
static bool read_ask(struct buf *room, struct fetch_message *ret)
{
	enum { STEP = 1 << 16 };
	size_t at = 0;

	for (;;) {
		enum fetch_got got = fetch_next(buf_view(room), &at, ret);
		ssize_t n;

		if (got != FETCH_SHORT)
			return got == FETCH_GOT && ret->type == FETCH_ASK;
		n = read(STDIN_FILENO, buf_room(room, STEP), STEP);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		room->len += (size_t)n;
	}
}

/* NOLINTNEXTLINE(readability-non-const-parameter): libcurl says what it is */
static size_t take(char *at, size_t one, size_t count, void *data)
{
	struct fetching *it = data;
	struct bytes bytes = { (const uint8_t *)at, one * count };
	struct buf message = { 0 };
	long status = 0;
	size_t begun;

	curl_easy_getinfo(it->curl, CURLINFO_RESPONSE_CODE, &status);
	if (status != 200)
		return bytes.len; /* a page that says why not */
	it->size += bytes.len;
	if (it->size > fetch_number(&it->ask, FETCH_MOST)) {
		it->too_large = true;
		return 0;
	}
	begun = fetch_begin(&message, FETCH_DATA);
	fetch_put(&message, FETCH_BYTES, bytes);
	fetch_finish(&message, begun);
	it->lost = !tell(&message);
	return it->lost ? 0 : bytes.len;
}

/* libcurl built with GnuTLS reads authorities from a file only, and again for each server. */
static bool set_authorities(struct fetching *it)
{
	char path[64];
	int fd = memfd_create("authorities", MEMORY_FILE);

	if (fd < 0 && errno == EINVAL)
		fd = memfd_create("authorities", MFD_CLOEXEC);
	if (fd < 0 || !fd_write(fd, it->ask.field[FETCH_AUTHORITIES]))
		return false;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return access(path, R_OK) == 0 && curl_easy_setopt(it->curl, CURLOPT_CAINFO, path) == CURLE_OK &&
	       curl_easy_setopt(it->curl, CURLOPT_CAPATH, NULL) == CURLE_OK &&
	       curl_easy_setopt(it->curl, CURLOPT_PROXY_CAINFO, path) == CURLE_OK &&
	       curl_easy_setopt(it->curl, CURLOPT_PROXY_CAPATH, NULL) == CURLE_OK;
}

static bool set_protocols(const struct fetching *it)
{
	bool plain = fetch_has(&it->ask, FETCH_PLAIN);
#if LIBCURL_VERSION_NUM >= 0x075500
	const char *which = plain ? "https,http" : "https";

	return curl_easy_setopt(it->curl, CURLOPT_PROTOCOLS_STR, which) == CURLE_OK &&
	       curl_easy_setopt(it->curl, CURLOPT_REDIR_PROTOCOLS_STR, which) == CURLE_OK;
#else
	long which = plain ? CURLPROTO_HTTPS | CURLPROTO_HTTP : CURLPROTO_HTTPS;

	return curl_easy_setopt(it->curl, CURLOPT_PROTOCOLS, which) == CURLE_OK &&
	       curl_easy_setopt(it->curl, CURLOPT_REDIR_PROTOCOLS, which) == CURLE_OK;
#endif
}

static bool set_number(const struct fetching *it, CURLoption option, enum fetch_field field)
{
	return curl_easy_setopt(it->curl, option, (long)fetch_number(&it->ask, field)) == CURLE_OK;
}

static bool set_all(struct fetching *it, const char *url)
{
	CURL *curl = it->curl;

	return set_protocols(it) && curl_easy_setopt(curl, CURLOPT_URL, url) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, it->complaint) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_USERAGENT, "anchorage/" VERSION) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK &&
	       set_number(it, CURLOPT_MAXREDIRS, FETCH_REDIRECTS) &&
	       set_number(it, CURLOPT_TIMEOUT_MS, FETCH_TOTAL_MS) &&
	       set_number(it, CURLOPT_CONNECTTIMEOUT_MS, FETCH_CONNECT_MS) &&
	       set_number(it, CURLOPT_LOW_SPEED_LIMIT, FETCH_SLOW_BYTES) &&
	       set_number(it, CURLOPT_LOW_SPEED_TIME, FETCH_SLOW_SECONDS) &&
	       curl_easy_setopt(curl, CURLOPT_MAXFILESIZE_LARGE,
				(curl_off_t)fetch_number(&it->ask, FETCH_MOST)) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_WRITEDATA, it) == CURLE_OK && set_authorities(it);
}

static enum fetch_failure failure_of(CURLcode code)
{
	static const struct {
		CURLcode curl;
		enum fetch_failure ours;
	} rows[] = {
		{ CURLE_URL_MALFORMAT, FETCH_BAD_URL },
		{ CURLE_UNSUPPORTED_PROTOCOL, FETCH_NOT_SECURE },
		{ CURLE_COULDNT_RESOLVE_HOST, FETCH_UNFOUND },
		{ CURLE_COULDNT_RESOLVE_PROXY, FETCH_UNFOUND },
		{ CURLE_COULDNT_CONNECT, FETCH_UNREACHED },
		{ CURLE_SSL_CONNECT_ERROR, FETCH_UNREACHED },
		{ CURLE_PEER_FAILED_VERIFICATION, FETCH_UNTRUSTED },
		{ CURLE_FILESIZE_EXCEEDED, FETCH_TOO_LARGE },
		{ CURLE_OPERATION_TIMEDOUT, FETCH_TOO_SLOW },
		{ CURLE_TOO_MANY_REDIRECTS, FETCH_TOO_FAR },
		{ CURLE_PARTIAL_FILE, FETCH_CUT },
		{ CURLE_RECV_ERROR, FETCH_CUT },
		{ CURLE_GOT_NOTHING, FETCH_CUT },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].curl == code)
			return rows[i].ours;
	return FETCH_OTHER;
}

static int fetched(struct fetching *it, CURLcode code)
{
	struct buf message = { 0 };
	char text[32], *url = NULL;
	long status = 0;
	size_t begun;

	if (it->lost)
		return 1;
	if (it->too_large)
		return fail(FETCH_TOO_LARGE, "it is larger than is read");
	if (code != CURLE_OK)
		return fail(failure_of(code),
			    it->complaint[0] != '\0' ? it->complaint : curl_easy_strerror(code));
	curl_easy_getinfo(it->curl, CURLINFO_RESPONSE_CODE, &status);
	if (status != 200) {
		snprintf(text, sizeof(text), "status %ld", status);
		return fail(FETCH_REFUSED, text);
	}
	curl_easy_getinfo(it->curl, CURLINFO_EFFECTIVE_URL, &url);
	begun = fetch_begin(&message, FETCH_END);
	fetch_put_number(&message, FETCH_STATUS, (uint64_t)status);
	fetch_put_number(&message, FETCH_SIZE, it->size);
	fetch_put(&message, FETCH_URL, bytes_of(url != NULL ? url : ""));
	fetch_finish(&message, begun);
	return tell(&message) ? 0 : 1;
}

static int fetch(struct fetching *it)
{
	struct buf url = { 0 };
	int status;

	buf_bytes(&url, it->ask.field[FETCH_URL]);
	buf_byte(&url, '\0');
	it->curl = curl_easy_init();
	if (it->curl == NULL || !set_all(it, (const char *)url.at)) {
		status = fail(FETCH_OTHER, "libcurl or a file in memory could not be set up");
	} else {
		fence_files();
		status = fetched(it, curl_easy_perform(it->curl));
	}
	curl_easy_cleanup(it->curl);
	buf_done(&url);
	return status;
}

int main(void)
{
	pid_t parent = getppid();
	struct fetching it = { .size = 0 };
	struct buf room = { 0 };
	struct err err = { 0 };
	int status;

	signal(SIGPIPE, SIG_IGN);
	if (!fence_process(&err))
		return fail(FETCH_OTHER, err.text);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		return 1;
	if (!read_ask(&room, &it.ask) || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return fail(FETCH_OTHER, "it is a part of anchorage, and no program for people");
	status = fetch(&it);
	curl_global_cleanup();
	buf_done(&room);
	return status;
}
