/* Checkpoints that were changed and have the right sums all the same: for tests of what happens
 * behind the sums. */
#ifndef CANDELA_TESTS_SUMMED_H
#define CANDELA_TESTS_SUMMED_H

#include <stdio.h>
#include <string.h>

#include "io/safetensors_internal.h"
#include "io/tensor_file_internal.h"
#include "models/run_internal.h"

enum { SUMMED_MOST = 192, SUMMED_ELEMENTS = 1 << 16 };

/* The tensors and texts of a checkpoint; they belong to the open scope. */
typedef struct summed {
    cd_file_item item[SUMMED_MOST];
    cd_tensor *tensor[SUMMED_MOST];
    cd_text_pair text[SUMMED_MOST];
    int64_t tensors, texts;
} summed;

/* False, perhaps with an error, if the file cannot be read or is too large. */
static inline bool summed_read(summed *s, const char *path)
{
    cd_tensor_file *f = cd_tensor_file_open(path);
    s->tensors = f ? cd_tensor_file_count(f) : 0;
    s->texts = f ? cd_tensor_file_text_count(f) : 0;
    if (!f || s->tensors > SUMMED_MOST || s->texts > SUMMED_MOST) return false;
    for (int64_t i = 0; i < s->tensors; i++) {
        if (cd_tensor_file_elements(f, i) > SUMMED_ELEMENTS) return false;
        const char *name = cd_tensor_file_name(f, i);
        cd_tensor *t = s->tensor[i] = cd_tensor_file_read(f, name);
        if (!t) return false;
        s->item[i] =
            (cd_file_item){ name, cd_file_dtype_of(cd_dtype_of(t)), cd_shape_of(t), cd_data(t) };
    }
    for (int64_t i = 0; i < s->texts; i++) s->text[i] = cd_tensor_file_text_at(f, i);
    return true;
}

/* The part that a text's key is the sum of; NULL for other texts. */
static inline const char *summed_part(const char *key)
{
    const size_t head = strlen(CD_KEY_CHECK);
    return strncmp(key, CD_KEY_CHECK, head) == 0 ? key + head : NULL;
}

static inline uint64_t summed_sum(const summed *s, const char *part)
{
    const size_t head = strlen(part);
    uint64_t sum = 0;
    for (int64_t i = 0; i < s->tensors; i++) {
        const char *name = s->item[i].name;
        if (strncmp(name, part, head) != 0 || name[head] != '.') continue;
        sum += cd_run_tensor_sum(name + head + 1, s->tensor[i]);
    }
    return sum;
}

/* Writes the file with the right sums. False with an error. */
static inline bool summed_write(summed *s, const char *path)
{
    char sums[SUMMED_MOST][CD_RUN_SUM_BYTES];
    uint64_t all = 0;
    for (int64_t i = 0; i < s->texts; i++) all += cd_run_text_sum(&s->text[i]);
    for (int64_t i = 0; i < s->texts; i++) {
        const char *part = summed_part(s->text[i].key);
        if (!part) continue;
        const uint64_t sum = strcmp(part, CD_KEY_TEXTS) == 0 ? all : summed_sum(s, part);
        (void)snprintf(sums[i], sizeof sums[i], "%016llx", (unsigned long long)sum);
        s->text[i].value = sums[i];
    }
    return cd_safetensors_write(path, s->item, (size_t)s->tensors, s->text, (size_t)s->texts);
}

#endif
