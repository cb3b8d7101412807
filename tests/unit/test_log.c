/* SPDX-License-Identifier: MIT */
#include "base/log.h"

#include <fcntl.h>
#include <unistd.h>
#include <wchar.h>

#include "base/diag.h"
#include "base/error.h"
#include "tap.h"

static char written[4096];

static void keep(void *context, const char *line, size_t length)
{
    (*(int *)context)++;
    memcpy(written, line, length);
    written[length] = '\0';
}

static void escapes(void)
{
    char out[32];
    is_string(log_escape(out, sizeof out, "plain", 5), "plain", "plain text stays");
    is_string(log_escape(out, sizeof out, "a\r\nb", 4), "a\\x0d\\x0ab",
              "CR and LF are escaped (case 65)");
    is_string(log_escape(out, sizeof out, "\"\\", 2), "\\\"\\\\",
              "quote and backslash get a backslash");
    is_string(log_escape(out, sizeof out, "\0\x7f\xff", 3), "\\x00\\x7f\\xff",
              "octets that do not print");
    is_string(log_escape(out, 8, "0123456789", 10), "01234..", "a long value is cut and says so");
    is_string(log_escape(out, 8, "0123\n", 5), "0123..", "an escape is never cut in half");
    is_string(log_escape(out, 4, "", 0), "", "nothing");
}

static void lines(void)
{
    int count = 0;
    struct log log = {.level = LOG_LEVEL_WARN, .write = keep, .context = &count};
    log_line(&log, LOG_LEVEL_INFO, "unseen");
    is_number(count, 0, "a line above the level is dropped");
    log_line(&log, LOG_LEVEL_WARN, "seen %d", 7);
    is_string(written, "fcgi-bearer: warn: seen 7\n", "one line with its level");
    log_line(&log, LOG_LEVEL_ERROR, "one\ntwo\x1b[0m\xff");
    is_string(written, "fcgi-bearer: error: one?two?[0m?\n",
              "an event is one printable line whatever it holds");
    log_line(&log, LOG_LEVEL_ERROR, "del\x7f");
    is_string(written, "fcgi-bearer: error: del?\n", "nor does DEL get through");
    count = 0;
    log_line(&log, LOG_LEVEL_ERROR, "no character: %lc", (wint_t)0xd800);
    is_number(count, 0, "an event that cannot be written is no event");
    char big[3000];
    memset(big, 'x', sizeof big - 1);
    big[sizeof big - 1] = '\0';
    log_line(&log, LOG_LEVEL_ERROR, "%s", big);
    ok(strlen(written) < 2100 && written[strlen(written) - 1] == '\n',
       "a long line is cut and still ends");
    is_string(log_level_name((enum log_level)99), "error",
              "a level that is not there counts as the gravest");
    log_line(NULL, LOG_LEVEL_ERROR, "nowhere");
    ok(true, "no log is fine");
    enum log_level level = LOG_LEVEL_ERROR;
    ok(log_level_parse("debug", &level) == 0 && level == LOG_LEVEL_DEBUG, "a level by name");
    ok(log_level_parse("Debug", &level) == -1 && log_level_parse("", &level) == -1,
       "and only by its name");
}

static void json(void)
{
    int count = 0;
    struct log log = {.level = LOG_LEVEL_WARN, .json = true, .write = keep, .context = &count};
    log_line(&log, LOG_LEVEL_INFO, "unseen");
    is_number(count, 0, "JSON: a line above the level is dropped");
    log_line(&log, LOG_LEVEL_WARN, "it's \"%s\"\n", "\xc3\xa4\xff");
    const char *level = strstr(written, "\"level\"");
    is_string(level != NULL ? level : written,
              "\"level\":\"warn\",\"msg\":\"it's \\\"\\u00e4\\ufffd\\\"\\u000a\"}\n",
              "a message is one member, on one line");
    is_number(strspn(written, "{\"time:0123456789-TZ,"), 32, "behind the time");
    const struct log_field fields[] = {{"n", NULL, 0, 7, false, 0},
                                       {"big", "x", 1, 0, false, 100000},
                                       {"bare", "y", 1, 0, true, 8}};
    log_fields(&log, LOG_LEVEL_WARN, "event", fields, 3);
    level = strstr(written, "\"level\"");
    is_string(level != NULL ? level : written,
              "\"level\":\"warn\",\"msg\":\"event\",\"n\":7,\"bare\":\"y\"}\n",
              "an event; a field that has no room is left out whole");
    log_fields(NULL, LOG_LEVEL_WARN, "nowhere", fields, 3);
    log.json = false;
    log_fields(&log, LOG_LEVEL_INFO, "unseen", fields, 3);
    log_fields(&log, LOG_LEVEL_WARN, "event", fields, 3);
    is_string(written, "fcgi-bearer: warn: event n=7 bare=y\n", "the same as text");
}

/* What log_line() writes to a standard error that is the file, opened so. */
static const char *on_stderr(FILE *file, int flags)
{
    static char got[100];
    const struct log log = {.level = LOG_LEVEL_WARN};
    char name[64];
    snprintf(name, sizeof name, "/proc/self/fd/%d", fileno(file));
    int kept = dup(STDERR_FILENO);
    int given = open(name, flags | O_CLOEXEC);
    dup2(given, STDERR_FILENO);
    log_line(&log, LOG_LEVEL_WARN, "hello");
    dup2(kept, STDERR_FILENO);
    close(given);
    close(kept);
    rewind(file);
    got[fread(got, 1, sizeof got - 1, file)] = '\0';
    return got;
}

static void standard_error(void)
{
    FILE *file = tmpfile();
    if (file == NULL) {
        ok(false, "a temporary file");
        return;
    }
    is_string(on_stderr(file, O_RDONLY), "",
              "a line that cannot be written is lost, and nothing else");
    is_string(on_stderr(file, O_WRONLY), "fcgi-bearer: warn: hello\n",
              "a log without a writer goes to standard error");
    fclose(file);
}

static void diags(void)
{
    struct diag diag;
    diag_set(&diag, "inner %s", "cause");
    diag_wrap(&diag, "outer %d", 1);
    is_string(diag.text, "outer 1: inner cause", "the outer fact comes first");
    diag_wrap(&diag, "%lc", (wint_t)0xd800);
    is_string(diag.text, ": outer 1: inner cause", "a prefix that cannot be written is left out");
    diag_set(&diag, "half of %lc", (wint_t)0xd800);
    is_string(diag.text, "", "and a message that cannot be is empty, not half of one");
    diag_set(NULL, "%s", "x");
    diag_wrap(NULL, "%s", "x");
    ok(true, "no place for a message is fine");
}

static void outcomes(void)
{
    is_number(bearer_outcome(BEARER_DENIED)->status, 500, "the zero value is a denial");
    ok(bearer_outcome((enum bearer_code)9999) == bearer_outcome(BEARER_DENIED),
       "so is a value that is not there");
    for (int code = 0; code < BEARER_CODE__MAX; code++) {
        const struct bearer_outcome *row = bearer_outcome((enum bearer_code)code);
        bool good = row->status >= 200 && row->reason != NULL && row->text != NULL &&
                    (row->status == 200) == (code == BEARER_OK) &&
                    (code == BEARER_DENIED || row != bearer_outcome(BEARER_DENIED)) &&
                    (row->error == NULL || row->stage != STAGE_NONE);
        for (const char *c = row->text; good && *c != '\0'; c++) {
            good = *c >= 0x20 && *c <= 0x7e && *c != '"' && *c != '\\';
        }
        ok(good,
           "code %d (%s) has its own row, printable, a stage if it is about a token, and only OK "
           "is 200",
           code, row->reason);
    }
}

int main(void)
{
    escapes();
    lines();
    json();
    standard_error();
    diags();
    outcomes();
    return tap_done();
}
