/* A small table and a model of it, for tests that run the program under hard conditions. */
#ifndef CANDELA_TESTS_SMALL_TABLE_H
#define CANDELA_TESTS_SMALL_TABLE_H

#include <candela.h>

#include "program.h"

static const char small_csv[] = "area,town,rooms,price,kind\n"
                                "50,Ulm,2,150000,flat\n"
                                "70,\"Bad Tölz\",3,230000,house\n"
                                "120,Ulm,5,340000,villa\n"
                                "90,Bonn,4,290000.5,flat\n";

/* Saves t.csv, and a model of this label at `name`, whose path it returns. */
static inline const char *save_table_model(const char *name, const char *label)
{
    CD_SCOPE();
    cd_table *t = cd_read_csv(test_write("t.csv", small_csv, sizeof small_csv - 1));
    cd_encoder *e = cd_encoder_fit(t, .label = label);
    cd_manual_seed(0);
    cd_module *m = cd_nn_linear(cd_encoder_input_count(e), cd_encoder_output_count(e));
    const cd_card card = { .encoder = cd_encoder_to_json(e) };
    assert_true(cd_save_model(m, &card, at(name)));
    return at(name);
}

#endif
