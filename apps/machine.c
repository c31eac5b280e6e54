/* Asks the system for processors and memory. */
#include "apps/machine.h"

#include <sched.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

/* Copies the name of the first processor from /proc/cpuinfo, a line "model name : NAME". */
static void read_processor(char *name, size_t bytes)
{
    char line[256];
    FILE *file = fopen("/proc/cpuinfo", "r");
    if (!file) return;
    while (!*name && fgets(line, sizeof line, file)) {
        const char *value = strchr(line, ':');
        if (strncmp(line, "model name", 10) != 0 || !value) continue;
        value += 1 + strspn(value + 1, " \t");
        (void)snprintf(name, bytes, "%.*s", (int)strcspn(value, "\n"), value);
    }
    (void)fclose(file);
}

machine look_at_machine(void)
{
    machine m = { .processors = 0 };
    struct utsname system;
    struct rusage usage;
    cpu_set_t set;
    read_processor(m.processor, sizeof m.processor);
    if (sched_getaffinity(0, sizeof set, &set) == 0) m.processors = CPU_COUNT(&set);
    long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
    if (pages > 0 && page > 0) m.memory_gib = (double)pages * (double)page / 0x1p30;
    if (getrusage(RUSAGE_SELF, &usage) == 0) m.peak_mib = (double)usage.ru_maxrss / 1024;
    if (uname(&system) == 0) {
        (void)snprintf(m.system, sizeof m.system, "%.80s %.80s %.80s", system.sysname,
                       system.release, system.machine);
    }
    return m;
}
