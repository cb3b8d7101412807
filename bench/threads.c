/* SPDX-License-Identifier: MIT */
/* How many checks a second libbearer makes in so many threads: threads FILE TOKEN THREADS
 * MILLISECONDS. Prints checks a second; every answer has to be 200. */
#include <bearer.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define THREADS_MAX 64

static struct bearer_guard *guard;
static char authorization[20000];
static atomic_bool stopping;

static void *ask(void *context)
{
    const struct bearer_fact facts[] = {{"REQUEST_METHOD", "GET"},
                                        {"REQUEST_URI", "/reports"},
                                        {"HTTP_AUTHORIZATION", authorization},
                                        {"BEARER_REQUIRE", "valid-token"}};
    unsigned long count = 0;
    while (!atomic_load_explicit(&stopping, memory_order_relaxed)) {
        struct bearer_verdict *verdict = bearer_guard_check(guard, facts, 4, 0);
        if (bearer_verdict_status(verdict) != 200) {
            fprintf(stderr, "threads: %d\n", bearer_verdict_status(verdict));
            exit(1);
        }
        bearer_verdict_free(verdict);
        count++;
    }
    *(unsigned long *)context = count;
    return NULL;
}

int main(int argc, char **argv)
{
    char error[1024];
    pthread_t threads[THREADS_MAX];
    unsigned long counts[THREADS_MAX] = {0};
    if (argc != 5) {
        return 2;
    }
    const unsigned long count = strtoul(argv[3], NULL, 10);
    const unsigned long ms = strtoul(argv[4], NULL, 10);
    const struct timespec time = {(time_t)(ms / 1000), (long)(ms % 1000) * 1000000};
    snprintf(authorization, sizeof authorization, "Bearer %s", argv[2]);
    guard = bearer_guard_open(argv[1], NULL, NULL, error, sizeof error);
    if (guard == NULL || count == 0 || count > THREADS_MAX) {
        fprintf(stderr, "threads: %s\n", guard == NULL ? error : "1 to 64 threads");
        return 1;
    }
    for (unsigned long i = 0; i < count; i++) {
        pthread_create(&threads[i], NULL, ask, &counts[i]);
    }
    nanosleep(&time, NULL);
    atomic_store(&stopping, true);
    unsigned long sum = 0;
    for (unsigned long i = 0; i < count; i++) {
        pthread_join(threads[i], NULL);
        sum += counts[i];
    }
    printf("%lu\n", sum * 1000 / ms);
    bearer_guard_close(guard);
    return 0;
}
