/* Parses any bytes as JSON and as a preprocessing recipe, two of the texts of a card.
 *
 * Checked: the JSON tree is well-formed (check_tree); a recipe that is accepted can be written and
 * read again, and its numbers have the same bits. */
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "core/memory_internal.h"
#include "io/json_tree_internal.h"
#include "io/preprocess_internal.h"

/* Checks that the span of every value stays within the tree, and that every string ends. Returns
 * the number of bytes of all strings. */
static size_t check_tree(const cd_json *root)
{
    size_t bytes = 0;
    for (uint32_t i = 0; i < root->span; i++) {
        if (root[i].span < 1 || root[i].span > root->span - i) abort();
        if (root[i].kind == CD_JSON_STRING) bytes += strlen(root[i].string);
    }
    return bytes;
}

static void check_round_trip(const cd_preprocess *recipe)
{
    cd_preprocess back;
    char *text = cd_preprocess_to_json(recipe);
    if (!text || !cd_preprocess_from_json(text, &back)) abort();
    for (int c = 0; c < recipe->channels; c++) {
        if (memcmp(&back.mean[c], &recipe->mean[c], sizeof(double)) != 0) abort();
        if (memcmp(&back.std[c], &recipe->std[c], sizeof(double)) != 0) abort();
    }
    cd_free(text);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    char *text = malloc(size + 1);
    if (!text) return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    cd_json_document d;
    if (cd_json_parse(&d, "fuzz", text, CD_ERR_FORMAT)) {
        if (check_tree(d.root) > size) abort();
        (void)cd_json_get(d.root, "mean");
    }
    cd_json_free(&d);
    cd_preprocess recipe;
    if (cd_preprocess_from_json(text, &recipe)) check_round_trip(&recipe);
    cd_clear_error();
    free(text);
    return 0;
}
