/* The floating-point mode of a thread: rounding, flushing of denormals to zero, and which
 * exceptions trap. Each thread has its own. The thread pool computes each piece of work in the mode
 * of the thread that called it: otherwise the same call would give other bits on another thread.
 *
 *     x86       MXCSR; and x87's control word, since functions of the C library may compute with it
 *               or ask it for the rounding. x87's exception flags are left out: nothing here
 *               computes in long double.
 *     AArch64   FPCR for the mode, FPSR for the flags
 *     others    <fenv.h>
 *
 * Writing these registers is slower than reading them, so they are only written when the value
 * differs. */
#ifndef CANDELA_CORE_FLOAT_MODE_INTERNAL_H
#define CANDELA_CORE_FLOAT_MODE_INTERNAL_H

#include "core/api.h"

/* cd_float_mode_read    returns this thread's mode
 * cd_float_mode_use     gives this thread another thread's mode, and clears its exception flags
 * cd_float_flags        returns this thread's exception flags
 * cd_float_flags_add    sets exception flags in this thread, without a trap */

#if defined(__SSE_MATH__)

typedef struct cd_float_mode {
    unsigned sse, x87;
} cd_float_mode;

enum { CD_MXCSR_FLAGS = 0x3F };

static inline cd_float_mode cd_float_mode_read(void)
{
    unsigned short x87;
    __asm__ volatile("fnstcw %0" : "=m"(x87));
    return (cd_float_mode){ __builtin_ia32_stmxcsr() & ~(unsigned)CD_MXCSR_FLAGS, x87 };
}

static inline void cd_float_mode_use(const cd_float_mode *mode)
{
    if (__builtin_ia32_stmxcsr() != mode->sse) __builtin_ia32_ldmxcsr(mode->sse);
    unsigned short x87 = (unsigned short)mode->x87;
    if (cd_float_mode_read().x87 != x87) __asm__ volatile("fnclex\n\tfldcw %0" : : "m"(x87));
}

static inline unsigned cd_float_flags(void)
{
    return __builtin_ia32_stmxcsr() & CD_MXCSR_FLAGS;
}

static inline void cd_float_flags_add(unsigned flags)
{
    unsigned before = __builtin_ia32_stmxcsr();
    if (flags & ~before) __builtin_ia32_ldmxcsr(before | flags);
}

#elif defined(__aarch64__)

typedef uint64_t cd_float_mode;

static inline cd_float_mode cd_float_mode_read(void)
{
    uint64_t mode;
    __asm__ volatile("mrs %0, fpcr" : "=r"(mode));
    return mode;
}

static inline unsigned cd_float_flags(void)
{
    uint64_t status;
    __asm__ volatile("mrs %0, fpsr" : "=r"(status));
    return (unsigned)status & 0x9F; /* without the bit of integer saturation */
}

static inline void cd_float_mode_use(const cd_float_mode *mode)
{
    if (cd_float_mode_read() != *mode) __asm__ volatile("msr fpcr, %0" : : "r"(*mode));
    if (cd_float_flags() != 0) __asm__ volatile("msr fpsr, %0" : : "r"((uint64_t)0));
}

static inline void cd_float_flags_add(unsigned flags)
{
    uint64_t before;
    __asm__ volatile("mrs %0, fpsr" : "=r"(before));
    if (flags & ~before) __asm__ volatile("msr fpsr, %0" : : "r"(before | flags));
}

#else

#include <fenv.h>

typedef fenv_t cd_float_mode;

static inline cd_float_mode cd_float_mode_read(void)
{
    fenv_t mode;
    (void)fegetenv(&mode);
    return mode;
}

static inline void cd_float_mode_use(const cd_float_mode *mode)
{
    (void)fesetenv(mode);
    (void)feclearexcept(FE_ALL_EXCEPT);
}

static inline unsigned cd_float_flags(void)
{
    return (unsigned)fetestexcept(FE_ALL_EXCEPT);
}

/* feraiseexcept does not trap here: an exception that this thread's mode traps has already trapped
 * in the thread that met it, which had the same mode. */
static inline void cd_float_flags_add(unsigned flags)
{
    unsigned missing = flags & ~cd_float_flags();
    if (missing) (void)feraiseexcept((int)missing);
}

#endif

#endif
