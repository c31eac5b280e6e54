/* Whether the encoder of a card fits its model: models/card_internal.h. */
#include "models/card_internal.h"

#include <string.h>

#include "autograd/autograd.h"
#include "autograd/create.h"
#include "core/error.h"
#include "core/scope_internal.h"
#include "io/encoder.h"

/* The encoder that the text is; NULL with an error of `code` that begins with `where`. */
static cd_encoder *read_encoder(const char *text, cd_code code, const char *where)
{
    cd_encoder *e = cd_encoder_from_json(text);
    cd_error error;
    if (e || cd_error_code() == CD_ERR_MEMORY || !cd_error_take(&error)) return e;
    (void)cd_fail(code, "%s: %s", where, error.message);
    return NULL;
}

/* Checks that a card's names of classes, if it has any, are those of the encoder. */
static bool check_classes(const cd_encoder *e, const cd_card *card, cd_code code, const char *where)
{
    const char *const *names = cd_encoder_classes(e);
    if (!card->classes) return true;
    bool same = card->class_count == cd_encoder_class_count(e);
    for (int64_t i = 0; same && i < card->class_count; i++) {
        same = card->classes[i] && strcmp(card->classes[i], names[i]) == 0;
    }
    return same ||
           cd_fail(code, "%s: the card's names of classes are not those of the encoder", where);
}

/* Runs the model of the meta device on two rows. NULL when it does not take them: with an error of
 * shapes in *error; with CD_OK there, it could not be found out. */
static cd_tensor *run(cd_module *meta, int64_t inputs, cd_error *error)
{
    *error = (cd_error){ .code = CD_OK };
    cd_tensor *y =
        cd_eval(meta) ? cd_forward(meta, cd_zeros(CD_SHAPE(2, inputs), .device = CD_META)) : NULL;
    if (y || cd_error_code() == CD_ERR_MEMORY) return y;
    if (cd_error_take(error) && error->code != CD_ERR_SHAPE) error->code = CD_OK;
    return NULL;
}

static bool check_run(const cd_encoder *e, cd_module *meta, cd_code code, const char *where)
{
    cd_error error;
    int64_t inputs = cd_encoder_input_count(e), outputs = cd_encoder_output_count(e);
    const cd_tensor *y = run(meta, inputs, &error);
    if (!y && error.code == CD_OK) return cd_ok();
    if (!y) {
        return cd_fail(code,
                       "%s: the encoder gives rows of %lld inputs, which the model refuses: %s",
                       where, (long long)inputs, error.message);
    }
    bool column = outputs == 1 && cd_ndim(y) == 1;
    if ((cd_ndim(y) == 2 && cd_size(y, 1) == outputs && cd_size(y, 0) == 2) ||
        (column && cd_size(y, 0) == 2)) {
        return true;
    }
    char shape[CD_SHAPE_TEXT];
    return cd_fail(
        code, "%s: the encoder's label takes %lld output%s, and the model gives %s for 2 rows",
        where, (long long)outputs, outputs == 1 ? "" : "s", cd_shape_text(cd_shape_of(y), shape));
}

bool cd_card_check_encoder(const cd_card *card, const cd_model_spec *spec, cd_code code,
                           const char *where)
{
    if (!card->encoder) return true;
    CD_SCOPE();
    CD_NO_GRAD();
    const cd_encoder *e = read_encoder(card->encoder, code, where);
    if (!e || !check_classes(e, card, code, where)) return false;
    cd_scope mode = cd_modes_begin(0, CD_MODE_CAPTURE);
    bool right = check_run(e, spec->meta, code, where);
    (void)cd_scope_end(mode);
    return right;
}
