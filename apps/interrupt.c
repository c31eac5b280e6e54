#include "apps/interrupt.h"

#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>

#include "apps/console.h"

/* The signal that came first; 0: none yet. Atomic, because any thread may be the one that the
 * system takes out of its work for the handler, and two may come to two threads at once. */
static atomic_int asked;
_Static_assert(ATOMIC_INT_LOCK_FREE == 2, "a signal handler must not wait for a lock");

/* The signal is held back while its handler runs, and ends the program when that returns. */
static void end_at_once(int number)
{
    cd_remove_unfinished();
    (void)signal(number, SIG_DFL);
    (void)raise(number);
}

static void on_interrupt(int number)
{
    int none = 0;
    if (!atomic_compare_exchange_strong(&asked, &none, number)) end_at_once(number);
}

static void handle(int number, void (*handler)(int))
{
    struct sigaction before;
    /* Who started the program with it ignored (nohup, a script's background) meant it. */
    if (sigaction(number, NULL, &before) == 0 && before.sa_handler == SIG_IGN) return;
    struct sigaction action = { .sa_flags = SA_RESTART };
    action.sa_handler = handler;
    (void)sigemptyset(&action.sa_mask);
    (void)sigaction(number, &action, NULL);
}

void catch_interrupts(void)
{
    handle(SIGINT, on_interrupt);
    handle(SIGTERM, on_interrupt);
    handle(SIGHUP, on_interrupt);
    handle(SIGQUIT, end_at_once);
}

bool interrupted(void)
{
    return asked != 0;
}

static const char *cause(void)
{
    if (asked == SIGTERM) return "SIGTERM";
    if (asked == SIGHUP) return "SIGHUP (its terminal was closed)";
    return "Ctrl-C";
}

int stopped(const char *out)
{
    (void)failed("stopped by %s; %s was not written", cause(), out);
    return 128 + asked;
}

int stopped_reading(void)
{
    (void)failed("stopped by %s", cause());
    return 128 + asked;
}
