/* The encoder of a saved model's card: models of tables. */
#include <candela.h>

#include "hostile.h"
#include "io/checkpoint.h"

static const char csv[] = "area,city,k\n50,Ulm,a\n70,Bonn,b\n90,Ulm,c\n110,Bonn,a\n";

static const char *path(void)
{
    static char text[512];
    (void)snprintf(text, sizeof text, "%s/m.safetensors", test_folder());
    return text;
}

static cd_encoder *encoder(cd_table_task task)
{
    cd_table *t = cd_read_csv(test_write("t.csv", csv, sizeof csv - 1));
    cd_encoder *e =
        cd_encoder_fit(t, .label = task == CD_TABLE_REGRESSION ? "area" : "k", .task = task);
    assert_ok();
    return e;
}

static cd_module *net(int64_t inputs, int64_t outputs)
{
    return cd_nn_sequential(cd_nn_linear(inputs, 4), cd_nn_relu(), cd_nn_linear(4, outputs));
}

static void refused(cd_module *m, const cd_card *card, const char *sentence)
{
    assert_non_null(m);
    assert_false(cd_save_model(m, card, path()));
    assert_failed_with(CD_ERR_ARGUMENT, sentence);
}

static void it_comes_back_with_the_model(void **state)
{
    (void)state;
    cd_encoder *e = encoder(CD_TABLE_CLASSES);
    const cd_card card = { .encoder = cd_encoder_to_json(e) };
    assert_true(cd_save_model(net(3, 3), &card, path()));
    cd_card *back = NULL;
    assert_non_null(cd_load_model(path(), .card = &back));
    assert_string_equal(back->encoder, card.encoder);
    assert_null(back->classes);
    cd_encoder *again = cd_encoder_from_json(back->encoder);
    assert_string_equal(cd_encoder_classes(again)[2], "c");
    const cd_card plain = { .source = "random" };
    assert_true(cd_save_model(net(3, 3), &plain, path()));
    assert_null(cd_load_card(path())->encoder);
    /* A regression may give N in place of N x 1. */
    const cd_card number = { .encoder = cd_encoder_to_json(encoder(CD_TABLE_REGRESSION)) };
    assert_true(cd_save_model(net(5, 1), &number, path()));
    assert_true(cd_save_model(cd_nn_sequential(net(5, 1), cd_nn_flatten(.start_dim = CD_ZERO)),
                              &number, path()));
}

static void it_must_fit_the_model(void **state)
{
    (void)state;
    cd_card card = { .encoder = cd_encoder_to_json(encoder(CD_TABLE_CLASSES)) };
    refused(net(4, 3), &card, "the encoder gives rows of 3 inputs, which the model refuses: ");
    refused(net(3, 2), &card, "the encoder's label takes 3 outputs, and the model gives 2x2");
    refused(cd_resnet18(.num_classes = 3), &card, "rows of 3 inputs, which the model refuses");
    card.encoder = cd_encoder_to_json(encoder(CD_TABLE_REGRESSION));
    refused(net(5, 2), &card, "the encoder's label takes 1 output, and the model gives 2x2");
    card.architecture = "mlp";
    card.options = "{\"inputs\": 6, \"outputs\": 1}";
    refused(cd_mlp(6, 1), &card, "rows of 5 inputs, which the model refuses");
    card.options = "{\"inputs\": 5, \"outputs\": 1}";
    assert_true(cd_save_model(cd_mlp(5, 1), &card, path()));
    card.encoder = "{\"task\": 3}";
    refused(cd_mlp(5, 1), &card, "save_model: encoder: \"task\" must be");
}

static void its_classes_are_the_cards(void **state)
{
    (void)state;
    static const char *const right[] = { "a", "b", "c" }, *const wrong[] = { "a", "c", "b" };
    cd_card card = { .encoder = cd_encoder_to_json(encoder(CD_TABLE_CLASSES)),
                     .classes = right,
                     .class_count = 3 };
    assert_true(cd_save_model(net(3, 3), &card, path()));
    card.classes = wrong;
    refused(net(3, 3), &card, "the card's names of classes are not those of the encoder");
    card.class_count = 2;
    refused(net(3, 3), &card, "the card's names of classes are not those of the encoder");
    card.classes = NULL;
    card.class_count = 3;
    refused(net(3, 3), &card, ".classes is NULL and .class_count is 3");
    card.encoder = cd_encoder_to_json(encoder(CD_TABLE_REGRESSION));
    card.classes = right;
    refused(net(5, 1), &card, "the card's names of classes are not those of the encoder");
}

/* Writes a file with this text as its encoder, as another program could. */
static void write_file(const char *encoder, cd_module *m, const char *options)
{
    const cd_text_pair texts[] = { { "candela.model", "mlp" },
                                   { "candela.options", options },
                                   { "candela.encoder", encoder } };
    assert_true(cd_save(m, path(), .texts = texts, .text_count = 3));
}

static void not_loaded(const char *sentence)
{
    assert_null(cd_load_card(path()));
    assert_failed_with(CD_ERR_FORMAT, sentence);
    assert_null(cd_load_model(path()));
    assert_failed_with(CD_ERR_FORMAT, "m.safetensors: candela.encoder: ");
}

static void a_hostile_file_is_refused(void **state)
{
    (void)state;
    const char *json = cd_encoder_to_json(encoder(CD_TABLE_CLASSES));
    static const char three[] = "{\"inputs\": 3, \"outputs\": 3}";
    cd_module *m = cd_mlp(3, 3);
    write_file(json, m, three);
    assert_non_null(cd_load_model(path()));
    write_file("{", m, three);
    not_loaded("the JSON does not parse");
    write_file("[]", m, three);
    not_loaded("\"task\" must be");
    write_file(json, cd_mlp(2, 3), "{\"inputs\": 2, \"outputs\": 3}");
    not_loaded("rows of 3 inputs, which the model refuses");
    write_file(json, cd_mlp(3, 1), "{\"inputs\": 3, \"outputs\": 1}");
    not_loaded("takes 3 outputs, and the model gives 2x1");
}

static bool round_trip(void *user)
{
    cd_scope scope = cd_scope_begin();
    const cd_card card = { .encoder = user };
    cd_module *m = net(3, 3);
    bool done = m && cd_save_model(m, &card, path()) && cd_load_model(path());
    (void)cd_scope_end(scope);
    return done;
}

static void no_memory_is_an_error(void **state)
{
    (void)state;
    char json[1024];
    (void)snprintf(json, sizeof json, "%s", cd_encoder_to_json(encoder(CD_TABLE_CLASSES)));
    assert_true(round_trip(json)); /* what is allocated once for all stays */
    assert_true(sweep_memory(round_trip, json) >= 40);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(it_comes_back_with_the_model), TEST(it_must_fit_the_model),
        TEST(its_classes_are_the_cards),    TEST(a_hostile_file_is_refused),
        TEST(no_memory_is_an_error),
    };
    return RUN(tests);
}
