/* SPDX-License-Identifier: MIT */
/* Who may be at the other end of a FastCGI connection, and how long it may keep this process: one
 * bound for all that it can do, or not do. */
#ifndef FB_FCGI_PEER_H
#define FB_FCGI_PEER_H

#include <stdbool.h>

#include "answer/wire.h"

/* The bound. From one step to the next - a connection is accepted, its request is there, the answer
 * is finished, the next request on the same connection is there - a peer has PEER_SECONDS, or a
 * quarter less; an idle kept connection too. Then the call that waits for it is interrupted, which
 * makes libfcgi give up: a request that is not there yet is dropped, one whose body does not end is
 * answered, and the connection is closed. What is called after that has a second each, and in the
 * third of them the socket is shut down. A peer that drips gains nothing: steps count, not octets.
 * It is the same for Unix sockets and TCP. */
#ifndef PEER_SECONDS
#define PEER_SECONDS 40
#endif

/* Takes over SIGALRM, and with it alarm(), for the life of the process. */
void peer_watch(void);

/* Waits on the listening `socket` for a connection of someone who may ask, and returns it, the
 * caller's to close; its first step has begun. -1 if `stopping` says so, which is asked after each
 * signal, or if this is no listening socket (any more). Where FCGI_WEB_SERVER_ADDRS is not empty,
 * it has the addresses that may ask by TCP, separated by commas and written as inet_ntop() does (of
 * IPv4 by an IPv6 socket, those of IPv4); others find their connection closed. */
int peer_accept(int socket, bool (*stopping)(void));

/* A step is done: the time begins anew. Costs a system call once in PEER_SECONDS / 4 at most,
 * however many requests there are. */
void peer_step(void);

/* From here on it is not the peer alone that is waited for, or it is again, which is a step. Of an
 * endpoint's handler no system call is interrupted within its time; when that is over, with a
 * quarter of PEER_SECONDS more at most, the process ends, and says so on standard error. A stream
 * loses its connection then, and its handler has `handler` seconds to end. Without a connection
 * (plain CGI) a peer has all the time that the web server gives it. */
void peer_wait(enum wire_wait wait, unsigned handler, unsigned stream);

/* For the handler of a signal that makes `stopping` true: so that peer_accept() sees it even if it
 * was just about to wait. */
void peer_stop_waiting(void);

#endif
