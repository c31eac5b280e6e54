#include "io/stb_image_internal.h"

#include <limits.h>

#include "core/error.h"
#include "core/memory_internal.h"
#include "io/image_internal.h"

/* The most that one block may take in this thread's call: a few bytes of deflate can ask for
 * gigabytes, and the decoder grows its buffer until they stop. */
static _Thread_local size_t most_bytes;

static void *stb_allocate(size_t bytes)
{
    return bytes <= most_bytes ? cd_alloc(bytes) : NULL;
}

static void *stb_reallocate(void *pointer, size_t bytes)
{
    return bytes <= most_bytes ? cd_realloc(pointer, bytes) : NULL;
}

/* Its asserts on the way of a PNG state what the code before them ensures, whatever the file. A
 * fuzzing build stops at them; otherwise they are off, since the library must not end the process.
 */
#if defined(CANDELA_FUZZ)
#define STBI_ASSERT(condition_) ((condition_) ? (void)0 : __builtin_trap())
#else
#define STBI_ASSERT(condition_) ((void)0)
#endif
#define STBI_MALLOC(bytes_)            stb_allocate(bytes_)
#define STBI_REALLOC(pointer_, bytes_) stb_reallocate((pointer_), (bytes_))
#define STBI_FREE(pointer_)            cd_free(pointer_)
#define STBI_MAX_DIMENSIONS            CD_IMAGE_MAX_SIDE
#define STBI_ONLY_PNG
#define STBI_NO_STDIO
#define STBI_NO_LINEAR
#define STBI_NO_HDR
#define STB_IMAGE_STATIC
#define STB_IMAGE_IMPLEMENTATION
#include <stb/stb_image.h>

void *cd_stb_png_decode(const unsigned char *bytes, size_t size, size_t block_bytes, int channels,
                        bool wide, int *width, int *height, const char **reason)
{
    if (size > INT_MAX) {
        *reason = "the file is too large";
        return NULL;
    }
    most_bytes = block_bytes;
    int in_file;
    void *pixels;
    if (wide) {
        pixels = stbi_load_16_from_memory(bytes, (int)size, width, height, &in_file, channels);
    } else {
        pixels = stbi_load_from_memory(bytes, (int)size, width, height, &in_file, channels);
    }
    if (!pixels) *reason = stbi_failure_reason();
    return pixels;
}
