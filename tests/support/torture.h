/* SPDX-License-Identifier: MIT */
/* What the parts of torture.c share. A function that returns false has said why on standard
 * output. */
#ifndef TORTURE_H
#define TORTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "failing.h"
#include "keys/cachefile.h"

#define ANSWER_MAX 65536

/* What is asked, from the command line. */
struct order {
    /* cgi, fcgi, fresh (a new worker for each), run */
    const char *mode;
    /* good, bad, none */
    const char *want;
    /* with commas */
    const char *kinds;
    /* failing.so */
    const char *preload;
    /* the cache directory */
    const char *cache;
    /* the document that is put there before each; NULL: none */
    const char *saved;
    /* of the request */
    const char *token;
    /* one that is always good */
    const char *good;
    /* whose keys the cache holds */
    const char *uri;
    /* BEARER_CA_FILE */
    const char *ca;
    /* a directory of the worker's: what programs say is in `said` there */
    const char *work;
    /* each so many-th call */
    unsigned long step;
    /* the program */
    char *const *argv;
};

/* How one of them ended. */
struct outcome {
    /* HTTP's; 0: no answer */
    unsigned status;
    /* the process's, of cgi and run */
    int wait_status;
    bool hung;
    char answer[ANSWER_MAX];
};

struct worker {
    pid_t pid;
    char socket[108];
};

/* torture_process.c: processes, each with failing.so. */
bool process_setup(const struct order *order);
/* Runs the program to its end as plain CGI, with the request for this token (NULL: no request: a
 * command). */
bool process_run(const struct order *order, const char *token, struct outcome *outcome);
bool worker_start(const struct order *order, struct worker *worker);
bool worker_alive(const struct worker *worker);
/* Waits until it is done with the last request and waits for the next. False: it does not come to
 * that. */
bool worker_settled(const struct worker *worker);
int worker_descriptors(const struct worker *worker);
/* Its exit status as from waitpid(). */
int worker_stop(struct worker *worker);
/* One request. The answer is empty if the connection ended without one. */
void worker_ask(const struct worker *worker, const char *token, struct outcome *outcome);

/* torture_cache.c: what is in the cache directory. */
bool cache_reset(const struct order *order);
/* Whole: nothing but a document that a worker takes, and a record that nobody holds. *fresh: it is
 * another one than the saved. */
bool cache_whole(const struct order *order, bool *fresh);

#endif
