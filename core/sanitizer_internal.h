/* What the allocators tell the address sanitizer: which bytes may not be used. Without it these
 * calls do nothing. Addresses are multiples of 8. */
#ifndef CANDELA_CORE_SANITIZER_INTERNAL_H
#define CANDELA_CORE_SANITIZER_INTERNAL_H

#include <stddef.h>

#if defined(__SANITIZE_ADDRESS__)
#define CD_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CD_SANITIZED 1
#endif
#endif

#if defined(CD_SANITIZED)
#include <sanitizer/asan_interface.h>
#endif

/* Of `whole` bytes, only the first `bytes` may be used: an access to the others is reported. */
static inline void cd_set_usable(void *first, size_t bytes, size_t whole)
{
#if defined(CD_SANITIZED)
    ASAN_UNPOISON_MEMORY_REGION(first, bytes);
    ASAN_POISON_MEMORY_REGION((char *)first + bytes, whole - bytes);
#else
    (void)first;
    (void)bytes;
    (void)whole;
#endif
}

#endif
