/* What the program runs on, for reports. */
#ifndef CANDELA_APPS_MACHINE_H
#define CANDELA_APPS_MACHINE_H

#include <candela.h>

/* Texts are "" and numbers 0 where the system does not tell. */
typedef struct machine {
    char processor[128]; /* the processor's name */
    int processors;      /* that the program may use */
    double memory_gib;   /* of the machine */
    double peak_mib;     /* the most memory that this process has held so far */
    char system[256];    /* "Linux 6.1.0 x86_64" */
} machine;

machine look_at_machine(void);

#endif
