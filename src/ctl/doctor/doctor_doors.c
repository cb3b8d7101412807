/* SPDX-License-Identifier: MIT */
/* doctor URL: the ways around a guard. A web server decides by spelling, method and ending of a
 * name which part of its configuration counts, and one of them may lead past the guard, or to a
 * guard that requires less. All is asked without a token; and with the given one, if it is good and
 * not enough for the URL. No request has a body. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/ascii.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "ctl/doctor/doctor_answer.h"
#include "ctl/doctor/doctor_look.h"

#define MADE_UP "made-up-by-bearerctl-doctor"

struct doors {
    struct look *look;
    /* NULL: without a token */
    const char *credentials;
    /* in the URL; the site's scheme and host are before it */
    const char *path;
    size_t before, length;
    /* to a path that is not there: some sites answer 200 to everything */
    struct probe_answer anywhere;
    unsigned asked, found;
    /* what is not there is answered otherwise, and that is told */
    bool below;
    /* somebody does not answer any more: all the others would take as long */
    bool lost;
};

/* Finds the path in "scheme://host/path?query". False: there is none to be spelled otherwise. */
static bool find_path(struct doors *doors, const char *url)
{
    const char *host = strstr(url, "://");
    if (host == NULL) {
        return false;
    }
    doors->path = host + 3 + strcspn(host + 3, "/?#");
    doors->before = (size_t)(doors->path - url);
    doors->length = strcspn(doors->path, "?#");
    return doors->length > 0;
}

/* The URL with this in the place of its path; the query stays. */
static char *with_path(const struct doors *doors, const char *path)
{
    struct text text = {0};
    text_put(&text, doors->path - doors->before, doors->before);
    text_puts(&text, path);
    text_put(&text, doors->path + doors->length, strcspn(doors->path + doors->length, "#"));
    if (text.failed) {
        text_clear(&text);
    }
    return text.bytes;
}

/* One of them. False: no answer. */
static bool ask(struct doors *doors, struct probe_request request, struct probe_answer *answer)
{
    if (doors->lost) {
        return false;
    }
    request.authorization = doors->credentials;
    look_ask(doors->look, "past the guard", &request, answer);
    doors->asked++;
    doors->lost = !answer->answered &&
                  (answer->cause == CAUSE_TIMEOUT || answer->cause == CAUSE_CONNECT_TIMEOUT);
    if (doors->lost) {
        finding(doors->look->findings, FINDING_WARNING, "doors: not all of them were tried: %s",
                answer->diag.text);
    }
    return answer->answered;
}

static bool ask_path(struct doors *doors, const char *path, struct probe_answer *answer)
{
    char *url CLEANUP(cleanup_free) = with_path(doors, path);
    const struct probe_request request = {.url = url};
    return url != NULL && ask(doors, request, answer);
}

/* The status of what is guarded. */
static long denied(const struct doors *doors)
{
    return doors->credentials == NULL ? 401 : 403;
}

static const char *without(const struct doors *doors)
{
    return doors->credentials == NULL ? "without a token" : "with the given token";
}

static void tell(struct doors *doors, const char *what, const char *path,
                 const struct probe_answer *answer)
{
    doors->found++;
    finding(doors->look->findings, FINDING_FAILURE,
            "doors: %s%s%s: %ld %s, and %ld otherwise: %s; look for %s", what,
            *path != '\0' ? ", " : "", path, answer->status, without(doors), denied(doors),
            doors->credentials != NULL ? "that way requires less: give it the same BEARER_REQUIRE"
            : answer->status == 304    ? "something answers that does not ask the guard"
                                       : "that way is open",
            doors->look->lines->doors);
}

static bool same(const struct probe_answer *one, const struct probe_answer *other)
{
    return one->answered && other->answered && one->status == other->status &&
           one->length == other->length && one->print == other->print;
}

/* Another path: let in is let in, unless this site has one page for all that is not there. If it
 * has others for that, a person has to look, or what a good token gets. */
static void judge_path(struct doors *doors, const char *what, const char *path,
                       const struct probe_answer *answer)
{
    const struct probe_answer *anywhere = &doors->anywhere;
    const struct probe_answer *gave = &doors->look->gave;
    if (!answer_lets_in(answer) || same(answer, anywhere)) {
        return;
    }
    if (same(answer, gave) || !anywhere->answered || !answer_lets_in(anywhere)) {
        tell(doors, what, path, answer);
        return;
    }
    doors->found++;
    finding(doors->look->findings, gave->answered ? FINDING_WARNING : FINDING_FAILURE,
            "doors: %s, %s: %ld %s, and %ld otherwise. This site also answers 200 where there is "
            "nothing: look whether the answer is what is guarded%s; if it is, look for %s",
            what, path, answer->status, without(doors), denied(doors),
            gave->answered              ? ", of which it differs"
            : doors->look->good == NULL ? " (with --token it is compared)"
                                        : " (with a token that is let in it is compared)",
            doors->look->lines->doors);
}

/* --- spellings */

/* Capitals stand for: P the path, H what is before its last slash, T what is behind that, S its
 * first segment with the slash before it, R what follows that, E what follows the first slash with
 * one letter encoded, C the path with capitals and small letters exchanged, X the path with a slash
 * at its end, or without if it has one. */
static const struct {
    const char *what, *form;
} spellings[] = {
    {"two slashes before the path", "/P"},
    {"two slashes in the path", "H//T"},
    {"a dot segment", "/.P"},
    {"a way down and up again", "/" MADE_UP "/..P"},
    {"a letter percent-encoded", "/E"},
    {"a slash percent-encoded", "H%2fT"},
    {"other capitals", "C"},
    {"a parameter in the path", "S;a=bR"},
    {"a slash more or less at the end", "X"},
};

static char other_case(char c)
{
    return ascii_is_lower(c) ? ascii_upper(c) : ascii_lower(c);
}

static void put_other_case(struct text *out, const char *path, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        const char c = i > 0 && path[i - 1] == '%' ? path[i] : other_case(path[i]);
        text_put(out, &c, 1);
    }
}

static void put_encoded(struct text *out, const char *path, size_t length)
{
    char encoded[4];
    if (length > 1) {
        (void)snprintf(encoded, sizeof encoded, "%%%02x", (unsigned char)path[1]);
        text_puts(out, encoded);
        text_put(out, path + 2, length - 2);
    }
}

/* The path, of two octets at least, so spelled. */
static void spell(struct text *out, const char *form, const char *path, size_t length)
{
    const bool ends = path[length - 1] == '/';
    const size_t first = 1 + strcspn(path + 1, "/?#");
    size_t last = length - 1;
    while (path[last] != '/' || last == length - 1) {
        if (last-- == 0) {
            return;
        }
    }
    for (; *form != '\0'; form++) {
        switch (*form) {
        case 'P':
            text_put(out, path, length);
            break;
        case 'H':
            text_put(out, path, last);
            break;
        case 'T':
            text_put(out, path + last + 1, length - last - 1);
            break;
        case 'S':
            text_put(out, path, first);
            break;
        case 'R':
            text_put(out, path + first, length - first);
            break;
        case 'E':
            put_encoded(out, path, length);
            break;
        case 'C':
            put_other_case(out, path, length);
            break;
        case 'X':
            text_put(out, path, length - ends);
            text_puts(out, ends ? "" : "/");
            break;
        default:
            text_put(out, form, 1);
            break;
        }
    }
}

static void try_spellings(struct doors *doors)
{
    for (size_t i = 0; i < sizeof spellings / sizeof spellings[0] && doors->length > 1; i++) {
        struct text path CLEANUP(text_clear) = {0};
        struct probe_answer answer;
        spell(&path, spellings[i].form, doors->path, doors->length);
        const bool other =
            path.bytes != NULL && !path.failed &&
            (path.length != doors->length || memcmp(path.bytes, doors->path, path.length) != 0);
        if (other && *path.bytes == '/' && ask_path(doors, path.bytes, &answer)) {
            judge_path(doors, spellings[i].what, path.bytes, &answer);
        }
    }
}

/* --- methods, and parts of an answer */

static const struct {
    const char *what, *method, *header;
} manners[] = {
    {"the method HEAD", "HEAD", NULL},
    {"the method POST", "POST", NULL},
    {"the method OPTIONS", "OPTIONS", NULL},
    {"the method PROPFIND (WebDAV)", "PROPFIND", "Depth: 0"},
    {"a method that nobody knows", "MADEUP", NULL},
    {"a part of it (Range)", NULL, "Range: bytes=0-0"},
    {"if it has changed (If-None-Match)", NULL, "If-None-Match: *"},
    {"if it has changed (If-Modified-Since)", NULL,
     "If-Modified-Since: Fri, 31 Dec 2100 23:59:59 GMT"},
};

static void try_manners(struct doors *doors)
{
    for (size_t i = 0; i < sizeof manners / sizeof manners[0]; i++) {
        const struct probe_request request = {.method = manners[i].method,
                                              .header = manners[i].header};
        struct probe_answer answer;
        if (!ask(doors, request, &answer)) {
            continue;
        }
        /* What may be asked there is nobody's secret (RFC 9110, section 9.3.7), and pages of other
         * origins have to be told without a token. */
        const bool options = request.method != NULL && strcmp(request.method, "OPTIONS") == 0;
        if ((answer_lets_in(&answer) && !(options && answer.length == 0)) || answer.status == 304) {
            tell(doors, manners[i].what, "", &answer);
        }
    }
}

/* --- names below */

/* What web servers in front of others serve by themselves, or hand to another program. */
static const char *const endings[] = {".pdf", ".txt",  ".css", ".js", ".jpg",
                                      ".png", ".html", ".zip", ".php"};

/* The folder of what was named, or what was named if it looks like one. `sure`: it is one, or a
 * file in it. */
static void folder(struct text *out, const char *path, size_t length, bool *sure)
{
    size_t slash = length;
    while (slash > 0 && path[slash - 1] != '/') {
        slash--;
    }
    const bool file = memchr(path + slash, '.', length - slash) != NULL;
    *sure = file || slash == length;
    text_put(out, path, file ? slash : length);
    text_puts(out, *sure ? "" : "/");
}

static void tell_below(struct doors *doors, const char *path, const struct probe_answer *answer)
{
    doors->found++;
    doors->below = true;
    finding(
        doors->look->findings, FINDING_WARNING,
        "doors: %s, a name that is not there: %ld %s, not %ld: %s; name a file that exists instead",
        path, answer->status, without(doors), denied(doors),
        doors->credentials != NULL
            ? "what else is there may require less than this URL"
            : "either the guard is not asked for names that do not exist, and strangers learn "
              "which ones do, or it is not asked for anything below");
}

static void try_ending(struct doors *doors, const char *folder_path, const char *ending)
{
    char path[FINDING_PIECE];
    struct probe_answer answer;
    const int n = snprintf(path, sizeof path, "%s" MADE_UP "%s", folder_path, ending);
    if (n < 0 || (size_t)n >= sizeof path || !ask_path(doors, path, &answer)) {
        return;
    }
    if (answer_lets_in(&answer)) {
        judge_path(doors, "a name with another ending", path, &answer);
    } else if (answer.status == 404 && answer.detail[0] == '\0') {
        doors->found++;
        finding(doors->look->findings, FINDING_FAILURE,
                "doors: %s, a name that is not there: 404 %s, but one without an ending is %ld: "
                "what answers for %s %s; look for %s",
                path, without(doors), denied(doors), ending,
                doors->credentials != NULL
                    ? "requires less: give it the same BEARER_REQUIRE"
                    : "does not ask the guard, so such files are open to everybody",
                doors->look->lines->doors);
    }
}

static void try_names(struct doors *doors)
{
    struct text path CLEANUP(text_clear) = {0};
    struct text name CLEANUP(text_clear) = {0};
    struct probe_answer answer;
    bool sure = false;
    folder(&path, doors->path, doors->length, &sure);
    if (!path.failed) {
        text_puts(&name, path.bytes);
        text_puts(&name, MADE_UP);
    }
    if (path.failed || name.failed || !ask_path(doors, name.bytes, &answer)) {
        return;
    }
    if (answer_lets_in(&answer)) {
        judge_path(doors, "a name that is not there", name.bytes, &answer);
    } else if (answer.status == denied(doors)) {
        for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
            try_ending(doors, path.bytes, endings[i]);
        }
    } else if (sure && !doors->below && answer.status == 404 && answer.detail[0] == '\0') {
        tell_below(doors, name.bytes, &answer);
    }
}

/* All of them, with these credentials or without a token. */
static void try_all(struct doors *doors, const char *credentials)
{
    struct look *look = doors->look;
    doors->credentials = credentials;
    doors->asked = doors->found = 0;
    (void)ask_path(doors, "/" MADE_UP, &doors->anywhere);
    try_spellings(doors);
    try_manners(doors);
    try_names(doors);
    if (doors->found == 0 && !doors->lost) {
        finding(
            look->findings, FINDING_OK,
            "doors: %u ways around a guard (other spellings, methods, parts, names that are not "
            "there), %s: none is open%s",
            doors->asked, without(doors),
            look->good == NULL
                ? "; with --token FILE it also looks whether a cache hands on what a good token "
                  "gets"
                : "");
    }
}

void doctor_doors(struct look *look)
{
    struct doors doors = {.look = look};
    if (!find_path(&doors, look->probe.url)) {
        return;
    }
    try_all(&doors, NULL);
    if (look->scant) {
        try_all(&doors, look->good);
    }
}
