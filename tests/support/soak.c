/* SPDX-License-Identifier: MIT */
/* Traffic at full speed, and a judgement of every single answer.
 *
 *     soak URL CONNECTIONS CACHE_DIR JWKS_URI CA_FILE TTL MAX_STALE COOLDOWN LEEWAY
 *
 * URL is where the endpoints hang (http://127.0.0.1:8000/api), the others are settings of the
 * workers' bearer.env. Commands come on standard input, one a line, and "done" is answered when one
 * holds (the tokens of soak.bash):
 *
 *     token POOL TOKEN            one more of good, scoped, brief, early, expired, audience, issuer
 *     drop KID                    this key is about to be withdrawn; answered "not "
 * "yet" until all that was sent while its tokens were good is answered
 *     unknown on|off              with or without tokens that make workers fetch
 *     issuer changing|up|down     "changing" before anything is done to it
 *     server changing|steady      a restart: before it, and when it is over
 *
 * At the end of the commands it ends and reports. Exits 0 if all was right, 1 if not, 64 or 70 if
 * it could not run. No token is ever printed. */
#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "soak.h"

#define CONNECTIONS_MAX 64
#define BODY_MAX        4096
#define SHOWN_MAX       2      /* wrong answers of one kind told in full */
#define COMMAND_MAX     16384  /* bytes of one line */
#define PATIENCE_MS     60000L /* an answer that takes longer is none */

struct request {
    CURL *curl;
    struct curl_slist *headers;
    enum kind kind;
    const struct token *token;
    unsigned number;
    struct moment before;
    char body[BODY_MAX + 1], challenge[1024];
    size_t length;
    bool has_challenge;
    int64_t retry_after;
};

struct count {
    /* 2xx at [2] ... */
    uint64_t answers, by_status[6];
    unsigned wrong;
    /* microseconds */
    int64_t slowest;
};

static struct {
    const char *url;
    struct world world;
    CURLM *multi;
    struct request requests[CONNECTIONS_MAX];
    size_t connections;
    struct count counts[KIND__MAX];
    uint64_t lost[CURL_LAST]; /* connections lost in a restart, by what curl says */
    uint64_t right, wrong, keyless;
    unsigned number, weights;
    bool unknown, over;
    char command[COMMAND_MAX];
    size_t command_length;
} soak;

/* --- answers */

static size_t take_body(char *bytes, size_t size, size_t count, void *context)
{
    struct request *request = context;
    size_t length = size * count;
    size_t room = BODY_MAX - request->length;
    size_t taken = length < room ? length : room; /* a longer one is wrong anyway */
    memcpy(request->body + request->length, bytes, taken);
    request->length += taken;
    request->body[request->length] = '\0';
    return length;
}

static bool named(const char *line, size_t length, const char *name)
{
    return length > strlen(name) && strncasecmp(line, name, strlen(name)) == 0;
}

static size_t take_header(char *bytes, size_t size, size_t count, void *context)
{
    static const char challenge[] = "WWW-Authenticate: ";
    static const char retry[] = "Retry-After: ";
    struct request *request = context;
    size_t length = size * count;
    if (named(bytes, length, challenge)) {
        const char *value = bytes + strlen(challenge);
        size_t taken = strcspn(value, "\r\n");
        request->has_challenge = true;
        snprintf(request->challenge, sizeof request->challenge, "%.*s", (int)taken, value);
    } else if (named(bytes, length, retry)) {
        request->retry_after = strtoll(bytes + strlen(retry), NULL, 10);
    }
    return length;
}

static void tell_wrong(const struct request *request, const struct moment *after, const char *what,
                       const char *right)
{
    soak.wrong++;
    if (++soak.counts[request->kind].wrong > SHOWN_MAX) {
        return;
    }
    fprintf(stderr, "WRONG: %s (%s %s): %s\n", shapes[request->kind].name,
            shapes[request->kind].method, shapes[request->kind].path, what);
    if (request->has_challenge) {
        fprintf(stderr, "       WWW-Authenticate: %s\n", request->challenge);
    }
    if (request->retry_after != -1) {
        fprintf(stderr, "       Retry-After: %" PRId64 "\n", request->retry_after);
    }
    fprintf(stderr, "       right: %s\n", right);
    const struct moment *ends[] = {&request->before, after};
    for (size_t i = 0; i < 2; i++) {
        fprintf(stderr,
                "       %s: second %" PRId64 ", keys fetched %" PRId64 ", last refresh %" PRId64
                " (outcome %d), restarts %u\n",
                i == 0 ? "sent" : "answered", ends[i]->second,
                ends[i]->view != NULL ? ends[i]->view->fetched : 0,
                ends[i]->record != NULL ? ends[i]->record->when : 0,
                ends[i]->record != NULL ? (int)ends[i]->record->outcome : 0, ends[i]->restarts);
    }
    if (request->token != NULL) {
        fprintf(stderr, "       kid %s, exp %" PRId64 ", nbf %" PRId64 "\n", request->token->kid,
                request->token->exp, request->token->nbf);
    }
}

static void count_answer(const struct request *request, long status, const struct moment *after)
{
    struct count *count = &soak.counts[request->kind];
    int64_t took = after->microsecond - request->before.microsecond;
    count->answers++;
    count->by_status[status >= 100 && status < 600 ? status / 100 : 0]++;
    count->slowest = took > count->slowest ? took : count->slowest;
    soak.keyless += status == 503 ? 1 : 0;
}

static void judge_answer(struct request *request, const struct moment *after)
{
    char what[400];
    struct reply reply = {.body = request->body,
                          .challenge = request->has_challenge ? request->challenge : NULL,
                          .retry_after = request->retry_after};
    curl_easy_getinfo(request->curl, CURLINFO_RESPONSE_CODE, &reply.status);
    count_answer(request, reply.status, after);
    const char *right =
        judge(&soak.world, request->kind, request->token, &request->before, after, &reply);
    if (right == NULL) {
        soak.right++;
        return;
    }
    snprintf(what, sizeof what, "%ld %.300s", reply.status, request->body);
    tell_wrong(request, after, what, right);
}

/* --- requests */

static void send_request(struct request *request)
{
    static char credentials[COMMAND_MAX];
    static char line[COMMAND_MAX + 32];
    char url[256];
    curl_slist_free_all(request->headers);
    request->headers = NULL;
    request->body[0] = '\0';
    request->length = 0;
    request->has_challenge = false;
    request->retry_after = -1;
    shape_credentials(request->kind, request->token, request->number, credentials,
                      sizeof credentials);
    if (credentials[0] != '\0') {
        snprintf(line, sizeof line, "Authorization: %s", credentials);
        request->headers = curl_slist_append(NULL, line);
    }
    snprintf(url, sizeof url, "%s%s", soak.url, shapes[request->kind].path);
    curl_easy_setopt(request->curl, CURLOPT_URL, url);
    curl_easy_setopt(request->curl, CURLOPT_HTTPHEADER, request->headers);
    curl_easy_setopt(request->curl, CURLOPT_CUSTOMREQUEST, shapes[request->kind].method);
    soak.world.unknown_running += may_fetch(request->kind) ? 1 : 0;
    world_look(&soak.world, &request->before);
    curl_multi_add_handle(soak.multi, request->curl);
}

/* A kind by its weight; one for which there is no token now becomes one that needs none. */
static void next_request(struct request *request)
{
    unsigned place = (unsigned)rand() % soak.weights;
    enum kind kind = 0;
    while (place >= shapes[kind].weight) {
        place -= shapes[kind].weight;
        kind++;
    }
    enum pool pool = shapes[kind].pool;
    const struct token *token = pool < POOL__MAX ? tokens_next(pool) : NULL;
    bool can = (token != NULL || pool == POOL__MAX) && (soak.unknown || !may_fetch(kind));
    request->kind = can ? kind : KIND_NOBODY;
    request->token = can ? token : NULL;
    request->number = soak.number++;
    send_request(request);
}

/* What ended: an answer is judged. A connection that was lost while the server was being restarted
 * is counted, and the request made again. */
static void finish(struct request *request, CURLcode result)
{
    struct moment after;
    bool again = false;
    curl_multi_remove_handle(soak.multi, request->curl);
    world_look(&soak.world, &after);
    if (may_fetch(request->kind)) {
        soak.world.unknown_running--;
        soak.world.unknown_last = after.second;
    }
    if (result == CURLE_OK) {
        judge_answer(request, &after);
    } else if (request->before.restarts % 2 != 0 || request->before.restarts != after.restarts) {
        soak.lost[result]++;
        again = true;
    } else {
        tell_wrong(request, &after, curl_easy_strerror(result), "an answer");
    }
    if (again) {
        send_request(request);
    } else if (!soak.over) {
        next_request(request);
    }
}

static bool prepare(struct request *request, bool reuse)
{
    request->curl = curl_easy_init();
    CURLcode bad = request->curl == NULL ? CURLE_OUT_OF_MEMORY : CURLE_OK;
    if (bad == CURLE_OK) {
        bad |= curl_easy_setopt(request->curl, CURLOPT_PRIVATE, request);
        bad |= curl_easy_setopt(request->curl, CURLOPT_WRITEFUNCTION, take_body);
        bad |= curl_easy_setopt(request->curl, CURLOPT_WRITEDATA, request);
        bad |= curl_easy_setopt(request->curl, CURLOPT_HEADERFUNCTION, take_header);
        bad |= curl_easy_setopt(request->curl, CURLOPT_HEADERDATA, request);
        bad |= curl_easy_setopt(request->curl, CURLOPT_TIMEOUT_MS, PATIENCE_MS);
        bad |= curl_easy_setopt(request->curl, CURLOPT_NOSIGNAL, 1L);
        bad |= curl_easy_setopt(request->curl, CURLOPT_PROXY, "");
        bad |= curl_easy_setopt(request->curl, CURLOPT_FORBID_REUSE, reuse ? 0L : 1L);
        bad |= curl_easy_setopt(request->curl, CURLOPT_FRESH_CONNECT, reuse ? 0L : 1L);
    }
    return bad == CURLE_OK;
}

/* --- commands */

/* No request is under way that takes the tokens of a key for good which is about to be
 * withdrawn. */
static bool dropped(const char *kid)
{
    tokens_drop(kid);
    for (size_t i = 0; i < soak.connections; i++) {
        const struct request *request = &soak.requests[i];
        if (request->token != NULL && request->token->dropped && request->kind != KIND_DROPPED) {
            return false;
        }
    }
    return true;
}

static enum issuer_state issuer_state(const char *name)
{
    if (strcmp(name, "up") == 0) {
        return ISSUER_UP;
    }
    return strcmp(name, "down") == 0 ? ISSUER_DOWN : ISSUER_CHANGING;
}

/* What is answered to a command. */
static const char *obey(char *line)
{
    char *rest = NULL;
    const char *verb = strtok_r(line, " ", &rest);
    const char *first = strtok_r(NULL, " ", &rest);
    const char *second = strtok_r(NULL, " ", &rest);
    if (verb == NULL || first == NULL) {
        return "not understood";
    }
    if (strcmp(verb, "token") == 0 && second != NULL) {
        return tokens_add(first, second) ? "done" : "no token";
    }
    if (strcmp(verb, "drop") == 0) {
        return dropped(first) ? "done" : "not yet";
    }
    if (strcmp(verb, "unknown") == 0) {
        soak.unknown = strcmp(first, "on") == 0;
        return "done";
    }
    if (strcmp(verb, "issuer") == 0) {
        world_issuer(&soak.world, issuer_state(first));
        return "done";
    }
    if (strcmp(verb, "server") == 0) {
        world_restart(&soak.world, strcmp(first, "changing") == 0);
        return "done";
    }
    return "not understood";
}

static void take_commands(void)
{
    size_t most = sizeof soak.command - 1;
    if (soak.command_length >= most) { /* a line that has no end */
        soak.over = true;
        return;
    }
    ssize_t n = read(STDIN_FILENO, soak.command + soak.command_length, most - soak.command_length);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
        soak.over = true;
        return;
    }
    soak.command_length += n > 0 ? (size_t)n : 0;
    soak.command[soak.command_length] = '\0';
    char *end = NULL;
    while ((end = strchr(soak.command, '\n')) != NULL) {
        *end = '\0';
        puts(obey(soak.command));
        fflush(stdout);
        soak.command_length -= (size_t)(end + 1 - soak.command);
        memmove(soak.command, end + 1, soak.command_length + 1);
    }
}

/* --- the run */

static size_t finished(void)
{
    size_t count = 0;
    int left = 0;
    CURLMsg *message = NULL;
    while ((message = curl_multi_info_read(soak.multi, &left)) != NULL) {
        struct request *request = NULL;
        CURLcode result = message->data.result;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&request);
        finish(request, result);
        count++;
    }
    return count;
}

static void run(void)
{
    int running = 0;
    for (size_t i = 0; i < soak.connections; i++) {
        next_request(&soak.requests[i]);
    }
    do {
        struct moment now;
        struct curl_waitfd input = {.fd = STDIN_FILENO, .events = CURL_WAIT_POLLIN};
        curl_multi_perform(soak.multi, &running);
        if (finished() == 0) {
            curl_multi_poll(soak.multi, &input, soak.over ? 0 : 1, 100, NULL);
        }
        world_look(&soak.world, &now); /* even if no answer comes */
        if (!soak.over) {
            take_commands();
        }
    } while (!soak.over || running > 0);
}

static void report(int64_t microseconds)
{
    struct count all = {0};
    printf("%-30s %9s %9s %9s %9s  %s\n", "kind", "answers", "2xx", "4xx", "5xx", "slowest");
    for (enum kind kind = 0; kind < KIND__MAX; kind++) {
        const struct count *count = &soak.counts[kind];
        printf("%-30s %9" PRIu64 " %9" PRIu64 " %9" PRIu64 " %9" PRIu64 "  %.3f s\n",
               shapes[kind].name, count->answers, count->by_status[2], count->by_status[4],
               count->by_status[5], (double)count->slowest / 1e6);
        all.answers += count->answers;
        all.slowest = count->slowest > all.slowest ? count->slowest : all.slowest;
    }
    double seconds = (double)microseconds / 1e6;
    printf("%" PRIu64 " requests in %.0f s: %.0f per second, the slowest %.3f s; %" PRIu64
           " of them 503\n",
           all.answers, seconds, (double)all.answers / seconds, (double)all.slowest / 1e6,
           soak.keyless);
    printf("%u refreshes started, %u cache files seen\n", soak.world.attempts, soak.world.views);
    for (size_t i = 0; i < CURL_LAST; i++) {
        if (soak.lost[i] > 0) {
            printf("%" PRIu64 " connections lost in restarts, and made again: %s\n", soak.lost[i],
                   curl_easy_strerror((CURLcode)i));
        }
    }
    if (soak.wrong + soak.world.wrong > 0) {
        printf("%" PRIu64 " answers right, %" PRIu64 " WRONG; %u refreshes WRONG\n", soak.right,
               soak.wrong, soak.world.wrong);
    } else {
        printf("%" PRIu64 " answers, all right\n", soak.right);
    }
}

static bool start(size_t connections)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK ||
        (soak.multi = curl_multi_init()) == NULL) {
        return false;
    }
    for (enum kind kind = 0; kind < KIND__MAX; kind++) {
        soak.weights += shapes[kind].weight;
    }
    soak.connections = connections;
    for (size_t i = 0; i < connections; i++) {
        if (!prepare(&soak.requests[i],
                     i % 4 != 0)) { /* one in four makes a new connection each time */
            return false;
        }
    }
    return true;
}

static void stop(void)
{
    for (size_t i = 0; i < soak.connections; i++) {
        curl_slist_free_all(soak.requests[i].headers);
        curl_easy_cleanup(soak.requests[i].curl);
    }
    curl_multi_cleanup(soak.multi);
    world_close(&soak.world);
    tokens_clear();
    curl_global_cleanup();
}

static int64_t number(const char *text)
{
    char *end = NULL;
    long long value = strtoll(text, &end, 10);
    if (end == text || *end != '\0' || value < 0) {
        fprintf(stderr, "soak: %s is no number\n", text);
        exit(EX_USAGE);
    }
    return value;
}

int main(int argc, char **argv)
{
    struct moment first;
    struct moment last;
    if (argc != 10 || number(argv[2]) < 1 || number(argv[2]) > CONNECTIONS_MAX) {
        fprintf(
            stderr,
            "usage: soak URL CONNECTIONS CACHE_DIR JWKS_URI CA_FILE TTL MAX_STALE COOLDOWN LEEWAY <commands\n");
        return EX_USAGE;
    }
    const struct settings settings = {.ttl = number(argv[6]),
                                      .max_stale = number(argv[7]),
                                      .cooldown = number(argv[8]),
                                      .leeway = number(argv[9])};
    soak.url = argv[1];
    if (!world_open(&soak.world, argv[3], argv[4], argv[5], &settings) ||
        !start((size_t)number(argv[2]))) {
        return EX_SOFTWARE;
    }
    (void)fcntl(STDIN_FILENO, F_SETFL, fcntl(STDIN_FILENO, F_GETFL) | O_NONBLOCK);
    world_look(&soak.world, &first);
    run();
    world_look(&soak.world, &last);
    report(last.microsecond - first.microsecond);
    int status = soak.wrong + soak.world.wrong == 0 && soak.right > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
    stop();
    return status;
}
