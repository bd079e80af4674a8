/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/clock.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/timex.h>
#include <time.h>

enum { DAY = 86400 };

int64_t clock_now(void)
{
	return (int64_t)time(NULL);
}

bool clock_unsynchronised(void)
{
	struct timex state = { 0 };

	return adjtimex(&state) >= 0 && (state.status & STA_UNSYNC) != 0;
}

static bool leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* Days from 1970-01-01; years are counted from March, so that the leap day comes last. */
static int64_t days_from(int year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t of_era = y - era * 400;
	int64_t of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

bool clock_from(int year, int month, int day, int hour, int minute, int second, int64_t *ret)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	if (year < 0 || year > 9999 || month < 1 || month > 12 || day < 1)
		return false;
	if (day > days[month - 1] + (month == 2 && leap(year)))
		return false;
	if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59)
		return false;
	*ret = days_from(year, month, day) * DAY + (int64_t)hour * 3600 + (int64_t)minute * 60 + second;
	return true;
}

static bool all_digits(const char *text)
{
	const char *p = text;

	while (isdigit((unsigned char)*p))
		p++;
	return p > text && *p == '\0';
}

static bool read_seconds(const char *text, int64_t *ret)
{
	long long n;

	errno = 0;
	n = strtoll(text, NULL, 10);
	if (errno != 0 || n == CLOCK_NONE || !all_digits(text + (text[0] == '-')))
		return false;
	*ret = n;
	return true;
}

/* Exactly `count` digits, then `then` (a final NUL: any), behind which *text is moved. */
static bool take_digits(const char **text, int count, char then, int *ret)
{
	int value = 0;

	for (; count > 0; count--, (*text)++) {
		if (!isdigit((unsigned char)**text))
			return false;
		value = value * 10 + (**text - '0');
	}
	if (then != '\0' && *(*text)++ != then)
		return false;
	*ret = value;
	return true;
}

/* What may follow the seconds of RFC 3339: a fraction, which is dropped, and the offset. */
static bool read_offset(const char *rest, int *ret_minutes)
{
	int hour, minute, sign = rest[0] == '-' ? -1 : 1;

	*ret_minutes = 0;
	if (strcmp(rest, "Z") == 0 || strcmp(rest, "z") == 0)
		return true;
	if (*rest != '+' && *rest != '-')
		return false;
	rest++;
	if (!take_digits(&rest, 2, ':', &hour) || !take_digits(&rest, 2, '\0', &minute) || *rest != '\0')
		return false;
	*ret_minutes = sign * (hour * 60 + minute);
	return hour < 24 && minute < 60;
}

static bool read_time(const char *rest, int *ret_hour, int *ret_minute, int *ret_second, int *ret_offset)
{
	if (!take_digits(&rest, 2, ':', ret_hour) || !take_digits(&rest, 2, ':', ret_minute) ||
	    !take_digits(&rest, 2, '\0', ret_second))
		return false;
	if (*rest == '.') {
		if (!isdigit((unsigned char)*++rest))
			return false;
		rest += strspn(rest, "0123456789");
	}
	return read_offset(rest, ret_offset);
}

bool clock_read(const char *text, int64_t *ret)
{
	int year, month, day, hour = 0, minute = 0, second = 0, offset = 0;
	int64_t at;

	if (text[0] == '@')
		return read_seconds(text + 1, ret);
	if (all_digits(text))
		return read_seconds(text, ret);
	if (!take_digits(&text, 4, '-', &year) || !take_digits(&text, 2, '-', &month) ||
	    !take_digits(&text, 2, '\0', &day))
		return false;
	if (*text != '\0' &&
	    (strchr("Tt ", *text) == NULL || !read_time(text + 1, &hour, &minute, &second, &offset)))
		return false;
	if (!clock_from(year, month, day, hour, minute, second, &at))
		return false;
	*ret = at - (int64_t)offset * 60;
	return true;
}

/* The lowest `count` digits of a number that is not negative; returns what is behind them. */
static char *digits(char *to, int64_t number, int count, char behind)
{
	for (int i = count; i-- > 0; number /= 10)
		to[i] = (char)('0' + number % 10);
	to[count] = behind;
	return to + count + 1;
}

void clock_text(int64_t at, char ret[CLOCK_TEXT])
{
	int64_t days = at / DAY - (at % DAY < 0), of_day = (at % DAY + DAY) % DAY;
	int64_t z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t of_era = z - era * 146097;
	int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t m = (5 * of_year + 2) / 153, month = m < 10 ? m + 3 : m - 9;
	int64_t year = year_of_era + era * 400 + (month <= 2);

	if (at == CLOCK_NONE) {
		snprintf(ret, CLOCK_TEXT, "-");
	} else if (year < 0 || year > 9999) {
		snprintf(ret, CLOCK_TEXT, "@%lld", (long long)at);
	} else {
		ret = digits(ret, year, 4, '-');
		ret = digits(ret, month, 2, '-');
		ret = digits(ret, of_year - (153 * m + 2) / 5 + 1, 2, 'T');
		ret = digits(ret, of_day / 3600, 2, ':');
		ret = digits(ret, of_day / 60 % 60, 2, ':');
		ret = digits(ret, of_day % 60, 2, 'Z');
		*ret = '\0';
	}
}

void clock_date(int64_t at, char ret[CLOCK_TEXT])
{
	clock_text(at, ret);
	if (ret[0] != '@' && strlen(ret) > 10)
		ret[10] = '\0';
}
