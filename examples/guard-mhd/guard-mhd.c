/* SPDX-License-Identifier: MIT */
/* An HTTP server with threads (libmicrohttpd) that guards itself: /public is for everybody, all
 * else for whoever has the scope read:files.
 *
 *     make && ./guard-mhd /etc/fcgi-bearer/bearer.env 8080
 */
#include <arpa/inet.h>
#include <bearer.h>
#include <microhttpd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define THREADS   4
#define FACTS_MAX 8

struct question {
    struct bearer_fact facts[FACTS_MAX];
    size_t count;
};

static void add(struct question *question, const char *name, const char *value)
{
    if (question->count < FACTS_MAX) {
        question->facts[question->count++] = (struct bearer_fact){name, value};
    }
}

/* Each header that may hold a token is a fact, so that two of them are refused. */
static enum MHD_Result add_header(void *context, enum MHD_ValueKind kind, const char *name,
                                  const char *value)
{
    (void)kind;
    if (strcasecmp(name, "Authorization") == 0) {
        add(context, "HTTP_AUTHORIZATION", value);
    }
    return MHD_YES;
}

static enum MHD_Result reply(struct MHD_Connection *connection, unsigned status, const char *body,
                             const struct bearer_verdict *denied)
{
    const char *name;
    const char *value;
    struct MHD_Response *response =
        MHD_create_response_from_buffer(strlen(body), (void *)body, MHD_RESPMEM_MUST_COPY);
    if (response == NULL) {
        return MHD_NO;
    }
    for (size_t i = 0; denied != NULL && bearer_verdict_header(denied, i, &name, &value); i++) {
        MHD_add_response_header(response, name, value);
    }
    enum MHD_Result result = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result answer(void *guard, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *data,
                              size_t *size, void **state)
{
    (void)version;
    (void)data;
    (void)size;
    (void)state;
    if (strcmp(url, "/public") == 0) {
        return reply(connection, 200, "Hello, everybody!\n", NULL);
    }
    /* What is required comes from here, never from the request. */
    struct question question = {.count = 0};
    add(&question, "REQUEST_METHOD", method);
    add(&question, "REQUEST_URI", url);
    add(&question, "BEARER_REQUIRE", "scope=read:files");
    MHD_get_connection_values(connection, MHD_HEADER_KIND, add_header, &question);
    /* A thread has other connections too: it does not wait for keys (BEARER_WAIT). */
    struct bearer_verdict *verdict = bearer_guard_check(guard, question.facts, question.count, 0);
    enum MHD_Result result;
    if (bearer_verdict_status(verdict) == 200) {
        char text[256];
        const char *sub = bearer_verdict_claim(verdict, "/sub");
        snprintf(text, sizeof text, "Hello, %s!\n", sub != NULL ? sub : "nobody");
        result = reply(connection, 200, text, NULL);
    } else {
        result = reply(connection, (unsigned)bearer_verdict_status(verdict),
                       bearer_verdict_body(verdict, NULL), verdict);
    }
    bearer_verdict_free(verdict);
    return result;
}

int main(int argc, char **argv)
{
    char error[1024];
    sigset_t stop;
    int number;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (argc != 3) {
        fprintf(stderr, "usage: guard-mhd /PATH/bearer.env PORT\n");
        return 2;
    }
    address.sin_port = htons((unsigned short)strtoul(argv[2], NULL, 10));
    struct bearer_guard *guard = bearer_guard_open(argv[1], NULL, NULL, error, sizeof error);
    if (guard == NULL) {
        fprintf(stderr, "guard-mhd: %s\n", error);
        return 1;
    }
    /* Before there are threads, so that the signals wait for sigwait(). */
    sigemptyset(&stop);
    sigaddset(&stop, SIGINT);
    sigaddset(&stop, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &stop, NULL);
    struct MHD_Daemon *daemon = MHD_start_daemon(
        MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL, NULL, answer, guard, MHD_OPTION_SOCK_ADDR,
        &address, MHD_OPTION_THREAD_POOL_SIZE, (unsigned)THREADS, MHD_OPTION_END);
    if (daemon == NULL) {
        perror("guard-mhd");
        bearer_guard_close(guard);
        return 1;
    }
    printf("http://127.0.0.1:%u/\n",
           (unsigned)MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port);
    fflush(stdout);
    sigwait(&stop, &number);
    MHD_stop_daemon(daemon);
    bearer_guard_close(guard);
    return 0;
}
