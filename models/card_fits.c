/* Whether a model's classes are those of a data set. */
#include "core/error.h"
#include "io/class_names_internal.h"
#include "io/dataset_internal.h"
#include "models/card.h"

bool cd_card_fits(const cd_card *card, const cd_dataset *d)
{
    if (!cd_ok()) return false;
    if (!card || !d) {
        return cd_fail(CD_ERR_ARGUMENT, "card_fits: the %s is NULL", card ? "data set" : "card");
    }
    if (!card->classes) return true;
    const cd_class_names of_model = { "the model", (char *const *)card->classes,
                                      card->class_count };
    const cd_class_names of_set = { d->name, d->classes, d->class_count };
    return cd_class_names_same(&of_model, &of_set);
}
