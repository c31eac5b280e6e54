/* The signal handlers, and what a command says when it could not finish. */
#include "apps/interrupt.h"

#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>

#include "apps/console.h"

/* The signal that came first; 0: none yet. Atomic, because the system may run the handler on any
 * thread, and on two threads at the same time. */
static atomic_int first_signal;
/* 1 once a signal has come. */
static volatile sig_atomic_t stop;
_Static_assert(ATOMIC_INT_LOCK_FREE == 2, "a signal handler must not wait for a lock");

/* The signal that is raised here is blocked while its handler runs, so the program ends when the
 * handler returns. */
static void end_at_once(int number)
{
    cd_remove_unfinished();
    (void)signal(number, SIG_DFL);
    (void)raise(number);
}

static void on_interrupt(int number)
{
    int none = 0;
    if (!atomic_compare_exchange_strong(&first_signal, &none, number)) end_at_once(number);
    stop = 1;
}

static void handle(int number, void (*handler)(int))
{
    struct sigaction before;
    /* A signal that was ignored from the start (nohup, a script's background job) stays ignored. */
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
    return first_signal != 0;
}

const volatile int *interrupt_flag(void)
{
    return &stop;
}

static const char *cause(void)
{
    if (first_signal == SIGTERM) return "SIGTERM";
    if (first_signal == SIGHUP) return "SIGHUP (its terminal was closed)";
    return "Ctrl-C";
}

int failed_or_stopped(const char *out)
{
    if (!interrupted()) return failed_in_library();
    stopped("stopped by %s%s%s%s", cause(), out ? "; " : "", out ? out : "",
            out ? " was not written" : "");
    return 128 + first_signal;
}
