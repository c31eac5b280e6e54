/* What the files of model cards share. */
#ifndef CANDELA_MODELS_CARD_INTERNAL_H
#define CANDELA_MODELS_CARD_INTERNAL_H

#include "models/card.h"
#include "models/model_class_internal.h"

/* Whether the card has no encoder, or one that fits the model that `spec` describes: the model
 * takes its rows, gives as many outputs as its label needs, and the card's classes are its own. If
 * not, false with an error of `code`, which begins with `where`. The model on the meta device is in
 * evaluation mode afterwards. */
bool cd_card_check_encoder(const cd_card *card, const cd_model_spec *spec, cd_code code,
                           const char *where);

#endif
