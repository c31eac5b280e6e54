#include "apps/interrupt.h"

#include <signal.h>
#include <stddef.h>

#include "apps/console.h"

static volatile sig_atomic_t asked; /* the signal that came first; 0: none yet */

/* The signal is held back while its handler runs, and ends the program when that returns. */
static void end_at_once(int number)
{
    cd_remove_unfinished();
    (void)signal(number, SIG_DFL);
    (void)raise(number);
}

static void on_interrupt(int number)
{
    if (asked) {
        end_at_once(number);
    } else {
        asked = number;
    }
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
