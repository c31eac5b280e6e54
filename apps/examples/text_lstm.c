/* Texts: is a sentence praise or blame? An embedding gives each word a vector, an LSTM reads the
 * vectors one after the other, and a linear layer decides. The order of the words matters: "was not
 * good" is blame, and "was not bad" praise.
 *
 * The program makes its sentences itself. Others need only another `make_sentence`: what follows,
 * from words to numbers and batches of unequal lengths, stays the same. */
#include <candela.h>
#include <string.h>

enum { TEXTS = 2000, TESTED = 500, LONGEST = 16, WORDS = 100 };

/* --- sentences -------------------------------------------------------------------------------- */

#define PICK(list_) (list_)[pick(sizeof(list_) / sizeof *(list_))]

static int64_t pick(size_t count)
{
    CD_SCOPE();
    return cd_item_int(cd_randint(0, (int64_t)count, CD_SCALAR));
}

/* Writes a sentence. Returns 1 for praise, 0 for blame. */
static int64_t make_sentence(char *text, size_t bytes)
{
    static const char *const opening[] = { "", "", "i think ", "if you ask me , " };
    static const char *const thing[] = { "film", "food", "room", "book", "music", "trip" };
    static const char *const adverb[] = { "", "", "very ", "really ", "that " };
    static const char *const good[] = { "good", "great", "lovely", "fun", "worth the money" };
    static const char *const bad[] = { "bad", "awful", "dull", "a waste of time", "poor" };
    const bool praise = pick(2) == 1, negated = pick(2) == 1;
    snprintf(text, bytes, "%sthe %s was %s%s%s", PICK(opening), PICK(thing), negated ? "not " : "",
             PICK(adverb), praise != negated ? PICK(good) : PICK(bad));
    return praise;
}

/* --- words as numbers ------------------------------------------------------------------------- */

enum { PADDING = 0, UNKNOWN = 1 }; /* the numbers of the first two words */

typedef struct vocabulary {
    char word[WORDS][16];
    int64_t count;
} vocabulary;

/* The number of a word. A word that is new is added, or with `fixed` is UNKNOWN. */
static int64_t number_of(vocabulary *v, const char *word, bool fixed)
{
    for (int64_t i = UNKNOWN + 1; i < v->count; i++) {
        if (strcmp(v->word[i], word) == 0) return i;
    }
    if (fixed || v->count == WORDS) return UNKNOWN;
    snprintf(v->word[v->count], sizeof v->word[0], "%s", word);
    return v->count++;
}

typedef struct texts {
    int64_t word[TEXTS][LONGEST]; /* the numbers of the words of each text */
    int64_t length[TEXTS];
} texts;

/* Splits text number i at blanks. */
static void add_text(texts *t, int64_t i, vocabulary *v, const char *text, bool fixed)
{
    char copy[256];
    snprintf(copy, sizeof copy, "%s", text);
    t->length[i] = 0;
    for (char *word = strtok(copy, " "); word && t->length[i] < LONGEST; word = strtok(NULL, " ")) {
        t->word[i][t->length[i]++] = number_of(v, word, fixed);
    }
}

/* --- batches ---------------------------------------------------------------------------------- */

/* The texts with these numbers as count x longest words, shorter ones with PADDING behind them. */
static cd_tensor *padded(const texts *t, const int64_t *indices, int64_t count)
{
    int64_t longest = 1;
    for (int64_t k = 0; k < count; k++) {
        if (t->length[indices[k]] > longest) longest = t->length[indices[k]];
    }
    cd_tensor *x = cd_full(CD_SHAPE(count, longest), PADDING, .dtype = CD_I64);
    int64_t *row = x ? cd_data_mut(x) : NULL;
    for (int64_t k = 0; row && k < count; k++, row += longest) {
        for (int64_t i = 0; i < t->length[indices[k]]; i++) row[i] = t->word[indices[k]][i];
    }
    return x;
}

/* The loader's collate function. The data set knows the classes, `context` the texts. */
static bool collate(void *context, cd_dataset *set, const int64_t *indices, int64_t count,
                    cd_batch *b)
{
    b->x = padded(context, indices, count);
    return b->x && cd_dataset_batch(set, indices, count, .y = &b->y);
}

/* Fills t with `count` sentences, and returns a loader of them. */
static cd_loader *load_sentences(texts *t, int64_t count, vocabulary *v, bool fixed)
{
    int64_t praise[TEXTS];
    for (int64_t i = 0; i < count; i++) {
        char text[256];
        praise[i] = make_sentence(text, sizeof text);
        add_text(t, i, v, text, fixed);
    }
    cd_dataset *set = cd_dataset_from_tensors(
        cd_arange(count), cd_from_array(praise, CD_SHAPE(count)), .class_count = 2);
    return cd_loader_new(set, .batch_size = 32, .shuffle = true, .collate = collate,
                         .collate_context = t);
}

/* --- the model -------------------------------------------------------------------------------- */

typedef struct reader {
    cd_module module;
    cd_module *embedding, *lstm, *head;
} reader;

static bool reader_forward(cd_module *m, const cd_arguments *a)
{
    const reader *self = (const reader *)m;
    cd_tensor *words = a->in[0];
    cd_tensor *lengths = cd_sum_dim(cd_ne(words, PADDING), 1);
    cd_recurrent read =
        cd_forward_recurrent(self->lstm, cd_forward(self->embedding, words), .lengths = lengths);
    a->out[0] = cd_forward(self->head, cd_select(read.h, 0, -1)); /* after the last word */
    return a->out[0];
}

static const cd_module_class reader_class = {
    .name = "Reader", .size = sizeof(reader), .inputs = 1, .forward = reader_forward
};

static cd_module *reader_new(int64_t words)
{
    reader *self = (reader *)cd_module_new(&reader_class);
    if (!self) return NULL;
    cd_module *m = &self->module;
    cd_register_child(m, "embedding", &self->embedding,
                      cd_nn_embedding(words, 16, .padding = true, .padding_idx = PADDING));
    cd_register_child(m, "lstm", &self->lstm, cd_nn_lstm(16, 32, .batch_first = true));
    cd_register_child(m, "head", &self->head, cd_nn_linear(32, 2));
    return cd_ok() ? m : NULL;
}

/* --- the program ------------------------------------------------------------------------------ */

static void predict(cd_module *model, vocabulary *v, const char *text)
{
    CD_SCOPE();
    CD_NO_GRAD();
    static texts one;
    add_text(&one, 0, v, text, true);
    cd_tensor *p = cd_softmax(cd_forward(model, padded(&one, &(int64_t){ 0 }, 1)), 1);
    double praise = cd_item(cd_index(p, 0, 1));
    if (cd_ok()) printf("%3.0f %% praise: %s\n", 100 * praise, text);
}

int main(void)
{
    static texts train, test;
    static vocabulary words = { .count = UNKNOWN + 1 };
    cd_manual_seed(0);
    cd_loader *train_loader = load_sentences(&train, TEXTS, &words, false);
    cd_loader *test_loader = load_sentences(&test, TESTED, &words, true);
    cd_module *model = reader_new(words.count);
    cd_fit(model, NULL, .loader = train_loader, .optimizer = cd_optim_adam(model, .lr = 0.01),
           .epochs = 5, .clip_norm = 1);

    double accuracy = 0;
    const cd_metric *const metrics[] = { &cd_accuracy };
    cd_evaluate(model, NULL, .loader = test_loader, .metrics = metrics, .metric_count = 1,
                .values = &accuracy);
    printf("%lld words, accuracy %.3f on new sentences\n", (long long)words.count, accuracy);

    cd_eval(model);
    predict(model, &words, "the music was not that bad");
    predict(model, &words, "the music was not that good");
    predict(model, &words, "if you ask me , the hotel was a waste of time"); /* "hotel" is new */
    return cd_report(stderr);
}
