#include "apps/interrupt.h"

#include <signal.h>
#include <stddef.h>

#include "apps/console.h"

static volatile sig_atomic_t asked;

static void on_interrupt(int number)
{
    (void)number;
    asked = 1;
}

void catch_interrupts(void)
{
    struct sigaction before;
    /* Who started the program with interrupts ignored (nohup, a script's background) meant it. */
    if (sigaction(SIGINT, NULL, &before) == 0 && before.sa_handler == SIG_IGN) return;
    struct sigaction action = { .sa_flags = (int)SA_RESETHAND | SA_RESTART };
    action.sa_handler = on_interrupt;
    (void)sigemptyset(&action.sa_mask);
    (void)sigaction(SIGINT, &action, NULL);
}

bool interrupted(void)
{
    return asked != 0;
}

int stopped(const char *out)
{
    (void)failed("stopped by Ctrl-C; %s was not written", out);
    return 130;
}

int stopped_reading(void)
{
    (void)failed("stopped by Ctrl-C");
    return 130;
}
